//! `dns.privatelink-name-used`: the privatelink name stands where the public name belongs.

use crate::check::{Context, declare_check};
use crate::finding::{Command, Finding, Probe, Safety, Severity};
use crate::path::Form;

declare_check! {
    /// ## What it means
    ///
    /// The identifier names the vault as `{vault}.privatelink.vaultcore…`, or the storage account as
    /// `{account}.privatelink.blob…`. That name exists for DNS only: it is what the public name is an alias of, and
    /// what the private zone has a record for. The target's TLS certificate is for the public name, so a connection by
    /// the privatelink name is refused. The public name leads through the private endpoint as well: DNS decides that,
    /// not the URL.
    ///
    /// ## What you will see
    ///
    /// An error about the server's certificate, whose name does not fit. How API Management words it, and which status
    /// a reference of an app then has, is not documented.
    ///
    /// ## When this check stays quiet
    ///
    /// The identifier names the public host, whatever that resolves to.
    pub(crate) static CHECK = {
        code: "dns.privatelink-name-used",
        summary: "the privatelink name stands where the public name belongs",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, public_name: &str) -> Finding {
    let message = format!("the reference names the privatelink host; use `{public_name}`");
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    if let Some(reference) = &ctx.diagnosis.reference {
        let version = reference.version.as_ref().map(|v| format!("/{v}")).unwrap_or_default();
        let url = format!("https://{public_name}/{}/{}{version}", reference.kind, reference.name);
        let change = match reference.name.is_empty() || ctx.case.path.form == Form::Storage {
            // A policy computes the rest, and a service's URL has none: only the host is written.
            true => ctx.case.path.reference.replace(&reference.host, public_name),
            false => url,
        };
        let title = format!("refer to `{public_name}`");
        finding.fixes = vec![ctx.remedies().set_identifier(ctx, &change).fix(title, Safety::Safe)];
        finding.confirm = Some(Probe {
            run_from: format!("a machine that can reach the {}", ctx.noun()),
            command: {
                let page = if ctx.case.path.form == Form::Storage { "/" } else { "/healthstatus" };
                Command::new("curl --verbose").url("https://", &reference.host, page).line()
            },
            expect: "an error that the server's certificate does not match the name".to_owned(),
        });
    }
    finding
}

//! Explains `dns.privatelink-name-used`.

use crate::check::context::Context;
use crate::finding::{Command, Confirmation, Finding, Safety};
use crate::path::Form;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, public_name: &str) -> Finding {
    let message = format!("the reference uses the `privatelink` name instead of `{public_name}`");
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    if let Some(reference) = &ctx.diagnosis.reference {
        let version = reference.version.as_ref().map(|v| format!("/{v}")).unwrap_or_default();
        let url = format!("https://{public_name}/{}/{}{version}", reference.kind, reference.name);
        let change = match reference.name.is_empty() || ctx.case.path.form == Form::Storage {
            // A policy computes the rest of the URL, and a service URL has no path: replace only the host.
            true => ctx.case.path.reference.replace(&reference.host, public_name),
            false => url,
        };
        let title = format!("refer to `{public_name}`");
        finding.fixes = vec![ctx.remedies().set_identifier(ctx, &change).fix(title, Safety::Safe)];
        finding.confirm = Some(Confirmation {
            run_from: format!("a machine that can reach the {}", ctx.noun()),
            command: {
                let page = if ctx.case.path.form == Form::Storage { "/" } else { "/healthstatus" };
                Command::new("curl --verbose").url("https://", &reference.host, page).line()
            },
            expect: "a TLS error: the server's certificate does not match the name".to_owned(),
        });
    }
    finding
}

//! `reference.wrong-identifier-type`: the identifier is not that of a secret.

use crate::base::Verdict;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Probe, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// API Management reads secrets and nothing else, for certificates too, and so does a setting of an app. A
    /// certificate in Key Vault has a secret of the same name that holds it together with its private key; that secret
    /// is the one to refer to. Keys, and everything in a managed HSM, cannot be read as a secret.
    ///
    /// ## What you will see
    ///
    /// `ApiManagement service only accepts KeyVault Secrets type.` The reference of an app shows a status other than
    /// `Resolved`; which one is not documented.
    ///
    /// The portal's page of a certificate shows the *certificate identifier* first and the *secret identifier* below
    /// it: the first one was copied.
    ///
    /// ## When this check stays quiet
    ///
    /// The path ends in `/secrets/`, or the URL stands in a policy: a policy may read certificates and keys as well. A
    /// secret that exists and is not a PKCS#12 file is `object.wrong-format`.
    pub(crate) static CHECK = {
        code: "reference.wrong-identifier-type",
        summary: "the identifier is not that of a secret",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
            "https://learn.microsoft.com/azure/key-vault/certificates/about-certificates",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, kind: &str, suggestion: Option<&str>) -> Finding {
    let what = match kind {
        "certificates" => "a certificate",
        "keys" => "a key",
        _ => "a managed HSM",
    };
    let label = &ctx.case.path.label;
    let service = ctx.service();
    let message = match ctx.cause.verdict {
        Verdict::Unknown => format!("`{label}` refers to {what}, which {service} is not documented to take"),
        _ => format!("`{label}` refers to {what}; {service} takes the identifier of a secret only"),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    if let Some(url) = suggestion {
        let title = format!("refer to the certificate's secret, `{url}`");
        finding.fixes = vec![ctx.remedies().set_identifier(ctx, url).fix(title, Safety::Safe)];
        finding.confirm = Some(Probe {
            run_from: "a shell that may read the vault's certificates".to_owned(),
            command: Command::new("az keyvault certificate show")
                .option("--vault-name", remedy::vault_word(ctx))
                .option("--name", remedy::object_word(ctx))
                .and("--query sid --output tsv")
                .line(),
            expect: format!("the identifier of the certificate's secret: `{url}` and a version"),
        });
        return finding;
    }
    finding.fixes = vec![remedy::by_hand(
        format!("put the certificate or the value into a vault, and refer to its secret: {what} cannot be read"),
        [super::put(ctx)],
    )];
    finding
}

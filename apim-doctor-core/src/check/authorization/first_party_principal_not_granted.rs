//! `authorization.first-party-principal-not-granted`: the platform itself reads, and nothing lets it.

use crate::base::Verdict;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// A certificate of an app that comes from a vault is not read by the app: App Service reads it in its own name, as
    /// application `Microsoft Azure App Service`. That application has an object of its own in every tenant, and nothing on the
    /// vault lets it read. A grant for the app's identity, or for you, does not help.
    ///
    /// With roles it needs Key Vault Certificate User; with access policies, `get` for secrets and `get` for certificates.
    /// That `get` for secrets alone is enough was reported, so a missing `get` for certificates is a warning.
    ///
    /// ## What you will see
    ///
    /// `The service does not have access to '<vault>' Key Vault. Please make sure that you have granted necessary permissions
    /// to the service to perform the request operation.`
    ///
    /// ## When this check stays quiet
    ///
    /// The object id of the application in the tenant was not read: then what is granted cannot be compared. A grant that
    /// names the application id instead of the object id is `authorization.wrong-principal-granted`.
    pub(crate) static CHECK = {
        code: "authorization.first-party-principal-not-granted",
        summary: "the platform itself reads, and nothing lets it",
        severity: Severity::Error,
        read_on: "2026-11-29",
        sources: [
            "https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html",
            "https://learn.microsoft.com/azure/app-service/configure-ssl-certificate",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, name: &str) -> Finding {
    let vault = ctx.vault_name();
    let message = format!("`{name}` reads the certificate, and nothing on vault `{vault}` lets it");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}

/// The secret may be read, and the certificate itself may not.
pub(crate) fn explain_certificate(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!(
        "`Microsoft Azure App Service` may get the secret from vault `{vault}`, but not the certificate; it is documented \
         to need both"
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.evidence = ctx.evidence_of(Verdict::Pass);
    finding.fixes = remedy::grant_certificate_too(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}

//! `platform.content-share-validation`: the next change of the settings is refused.

use crate::base::Verdict;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// `WEBSITE_CONTENTAZUREFILECONNECTIONSTRING` is a Key Vault reference. Every request that changes the app's
    /// settings makes Azure open the content share, and at that moment it does not resolve references: by default the
    /// request is refused. What runs now goes on running. With `WEBSITE_SKIP_CONTENTSHARE_VALIDATION` set to `1` the
    /// share is not opened; it then has to be there already, for a wrong string or share makes the app answer `HTTP
    /// 500`.
    ///
    /// ## What you will see
    ///
    /// `400`, extended code `04603`: `Unable to resolve Azure Files Settings from Key Vault. Details: Unable to resolve
    /// setting: WEBSITE_CONTENTAZUREFILECONNECTIONSTRING with error: <status>.` When the app is created: `01033`,
    /// `Cannot specify key vault references not referencing User Assigned Identity on Create Site.`
    ///
    /// ## When this check stays quiet
    ///
    /// The setting holds the connection string itself, or the validation is skipped. Where the settings were not read,
    /// it is not known whether it is skipped, and the finding is a suspicion.
    pub(crate) static CHECK = {
        code: "platform.content-share-validation",
        summary: "the next change of the settings is refused",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://github.com/Azure/azure-rest-api-specs/issues/9947",
            "https://github.com/Azure/azure-functions-host/issues/8992",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let message = match ctx.cause.verdict {
        Verdict::Unknown => {
            format!("the next change of the settings of {app} is refused, unless validation is skipped")
        }
        _ => format!("the next change of the settings of {app} is refused: its content share is validated then"),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = remedy::set_setting(ctx, SKIP, "1")
        .map(|change| change.fix("make the share first, then skip its validation", Safety::Review))
        .into_iter()
        .collect();
    finding.confirm = Some(remedy::setting(ctx, SKIP, "nothing, or anything but `1`"));
    finding
}

const SKIP: &str = "WEBSITE_SKIP_CONTENTSHARE_VALIDATION";

//! `reference.connection-shadowed`: another setting hides the host's storage settings.

use crate::base::Verdict;
use crate::check::remedy::{self, Change};
use crate::check::{Context, declare_check};
use crate::finding::{Command, Edit, Finding, Fix, Safety, Severity};
use crate::path::Shadow;

declare_check! {
    /// ## What it means
    ///
    /// A Functions host looks for its storage (`AzureWebJobsStorage`) in several settings, and the first one that exists
    /// wins: `ConnectionStrings__AzureWebJobsStorage`, then `AzureWebJobsStorage`, then `AzureWebJobsStorage__accountName`
    /// and the like. Any value counts as a connection string: an empty one, one without a key, and one with an old key
    /// too. The identity settings below it are then ignored.
    ///
    /// The documentation says that an exact match is used where a setting is both an exact match and a prefix of others.
    /// The rest of the order is in the source code of the host. No page says whether the host reads an entry
    /// `AzureWebJobsStorage` of the connection strings of the app, so such an entry leaves the path unknown.
    ///
    /// ## What you will see
    ///
    /// The host does not start, or its blob triggers do not: `Server failed to authenticate the request`, or a text about a
    /// connection string that is malformed or missing, although the settings that you look at are right.
    /// `azurerm_function_app_flex_consumption` writes an `AzureWebJobsStorage` without a key.
    ///
    /// ## When this check stays quiet
    ///
    /// Only one of the settings exists, or the settings were not collected.
    pub(crate) static CHECK = {
        code: "reference.connection-shadowed",
        summary: "another setting hides the host's storage settings",
        severity: Severity::Error,
        read_on: "2026-11-29",
        sources: [
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
            "https://github.com/Azure/azure-webjobs-sdk/issues/2677",
            "https://github.com/Azure/ResourceModules/issues/1195",
            "https://github.com/Azure/azure-functions-host/issues/11796",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, shadow: &Shadow) -> Finding {
    let (setting, hidden) = (&shadow.setting, &shadow.hidden);
    let message = match shadow.verdict {
        Verdict::Fail => format!("`{setting}` hides {hidden}: {}", shadow.why),
        Verdict::Unknown => format!("`{setting}` may hide {hidden}: {}", shadow.why),
        _ => format!("`{setting}` is used instead of {hidden}"),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = remove(ctx, shadow).into_iter().collect();
    finding.confirm = match is_entry(shadow) {
        true => None,
        false => Some(remedy::setting(ctx, setting, "the setting exists, whatever its value")),
    };
    finding
}

/// Removes the setting, so that what it hides is used.
pub(in crate::check) fn remove(ctx: &Context<'_, '_>, shadow: &Shadow) -> Option<Fix> {
    let config = shadow.at.resource.as_ref()?;
    let app = &ctx.case.path.resource;
    let az = match is_entry(shadow) {
        true => remedy::of_app(Command::new("az webapp config connection-string delete"), app)
            .options("--setting-names", [shadow.setting.as_str()])
            .and("--output none"),
        false => remedy::delete_settings(app, [shadow.setting.as_str()]),
    };
    let change = Change::of(az, [Edit::remove(config, shadow.at.pointer.clone())]);
    let title = format!("remove `{}`, which hides {}; the app restarts", shadow.setting, shadow.hidden);
    Some(change.fix(title, Safety::Review))
}

/// Whether it is an entry of the connection strings, and not an app setting.
fn is_entry(shadow: &Shadow) -> bool {
    shadow.at.resource.as_ref().is_some_and(|id| id.name().eq_ignore_ascii_case("connectionstrings"))
}

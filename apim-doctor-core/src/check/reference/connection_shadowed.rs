//! Explains `reference.connection-shadowed`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy::{self, Change};
use crate::finding::{Command, Edit, Finding, Fix, Safety};
use crate::path::Shadow;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, shadow: &Shadow) -> Finding {
    let (setting, hidden) = (&shadow.setting, &shadow.hidden);
    let message = match shadow.verdict {
        Verdict::Fail => format!("`{setting}` overrides {hidden}: {}", shadow.why),
        Verdict::Unknown => format!("`{setting}` may override {hidden}: {}", shadow.why),
        _ => format!("`{setting}` is used instead of {hidden}"),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remove(ctx, shadow).into_iter().collect();
    finding.confirm = match is_entry(shadow) {
        true => None,
        false => Some(remedy::setting(ctx, setting, "the setting exists, with any value")),
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
    let title = format!("remove `{}`, which overrides {}; the app restarts", shadow.setting, shadow.hidden);
    Some(change.fix(title, Safety::Review))
}

/// Whether it is an entry of the connection strings, and not an app setting.
fn is_entry(shadow: &Shadow) -> bool {
    shadow.at.resource.as_ref().is_some_and(|id| id.name().eq_ignore_ascii_case("connectionstrings"))
}

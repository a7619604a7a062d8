//! Explains `platform.content-share-validation`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Finding, Safety};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let message = match ctx.cause.verdict {
        Verdict::Unknown => {
            format!("the next change of the settings of {app} is refused, unless validation is skipped")
        }
        _ => format!("the next change of the settings of {app} is refused: its content share is validated then"),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::set_setting(ctx, SKIP, "1")
        .map(|change| change.fix("make the share first, then skip its validation", Safety::Review))
        .into_iter()
        .collect();
    finding.confirm = Some(remedy::setting(ctx, SKIP, "nothing, or anything but `1`"));
    finding
}

const SKIP: &str = "WEBSITE_SKIP_CONTENTSHARE_VALIDATION";

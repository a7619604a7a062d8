//! Explains `platform.content-share-validation`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let message = match ctx.cause.verdict {
        Verdict::Unknown => {
            format!(
                "Azure rejects the next change of the settings of {app}, unless the validation of its content \
                     share is skipped"
            )
        }
        _ => format!(
            "Azure rejects the next change of the settings of {app}, because it cannot validate the content \
                      share"
        ),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::set_setting(ctx, SKIP, "1")
        .map(|change| change.fix("create the share first, then skip its validation", Safety::Review))
        .into_iter()
        .collect();
    finding.confirm = Some(remedy::setting(ctx, SKIP, "no value, or a value other than `1`"));
    finding
}

const SKIP: &str = "WEBSITE_SKIP_CONTENTSHARE_VALIDATION";

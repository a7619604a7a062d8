//! Explains `caller.backup-uses-account-key`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let account = ctx.vault_name();
    if ctx.cause.verdict == Verdict::Pass {
        return works_so_far(ctx, &account);
    }
    let message =
        format!("the request uses an account key, but storage account `{account}` does not accept account keys");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::back_up_with_identity(ctx).into_iter().chain(remedy::allow_keys(ctx)).collect();
    finding.fixes.extend(remedy::correct_script(ctx));
    finding.confirm = ctx.store().map(|store| Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az storage account show").named(store.id()).and("--query allowSharedKeyAccess").line(),
        expect: "`false`".to_owned(),
    });
    finding
}

/// A script that uses a key: it works as long as the account allows it.
fn works_so_far(ctx: &Context<'_, '_>, account: &str) -> Finding {
    let place = remedy::script_place(ctx).unwrap_or_else(|| "the request".to_owned());
    let account = if account.is_empty() { String::new() } else { format!(" `{account}`") };
    let message = format!(
        "{place}: the request uses an account key, which fails if storage account{account} refuses keys, has a firewall \
         or has CORS rules on its Blob service"
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::correct_script(ctx).into_iter().collect();
    finding
}

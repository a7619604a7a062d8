//! Explains `target.vault-name-wrong`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, name: &str, problem: &str) -> Finding {
    let message = format!("vault `{name}` does not exist: {problem}");
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let list = Command::new("az keyvault list").query("[].properties.vaultUri").and("--output tsv");
    finding.fixes = match super::like(ctx, name) {
        Some((vault, url)) => {
            let title = format!("refer to vault `{vault}`, whose name is nearly the same");
            vec![ctx.remedies().set_identifier(ctx, &url).fix(title, Safety::Review)]
        }
        None => vec![remedy::by_hand("correct the name of the vault; the command lists your vaults", [list.clone()])],
    };
    finding.confirm = Some(Confirmation {
        run_from: "a shell with permission to list vaults".to_owned(),
        command: list.line(),
        expect: format!("no vault `{name}`"),
    });
    finding
}

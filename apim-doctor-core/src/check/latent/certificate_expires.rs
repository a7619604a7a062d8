//! Explains `latent.certificate-expires`.

use jiff::Timestamp;

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};
use crate::knowledge::caller_kind::ConsumerKind;
use crate::path::reason::Renewal;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, at: Timestamp, renewal: &Renewal) -> Finding {
    let ends = if at <= ctx.case.as_of { "ended" } else { "ends" };
    let label = &ctx.case.path.label;
    let there = match renewal {
        Renewal::Needed => "",
        Renewal::Pinned => "; the vault has a newer one, but the reference names the old version",
        Renewal::OnItsWay => "; the vault has a newer one, which has not been fetched yet",
        Renewal::NotFetched => "; the vault has a newer one, which should have been fetched by now",
    };
    let message = format!("the certificate of `{label}` {ends} at {at}{there}");
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let (vault, name) = (remedy::vault_word(ctx), remedy::object_word(ctx));
    let import = Command::new("az keyvault certificate import")
        .option("--vault-name", &vault)
        .option("--name", &name)
        .and("--file FILE.pfx");
    let facts = ctx.case.path.caller_kind().facts();
    let fetches = format!("{} fetches it within {}", facts.service, facts.fetches_every.words);
    let again = || ctx.remedies().fetch(ctx).into_iter();
    finding.fixes.push(match renewal {
        Renewal::Needed => remedy::by_hand(
            format!("renew certificate `{name}` in vault `{vault}`; {fetches}"),
            std::iter::once(import).chain(again()),
        ),
        Renewal::Pinned => {
            remedy::by_hand("remove the version from the identifier: the vault has the newer certificate", [])
        }
        Renewal::OnItsWay => remedy::by_hand(format!("wait, or fetch the newer certificate now: {fetches}"), again()),
        Renewal::NotFetched => remedy::by_hand(
            format!("find out why the newer certificate in vault `{vault}` is not fetched, then fetch it again"),
            again(),
        ),
    });
    finding.confirm = (ctx.case.path.consumer == ConsumerKind::CustomDomain).then(|| Confirmation {
        run_from: "any machine that reaches the host name".to_owned(),
        command: Command::new("echo | openssl s_client -connect")
            .url("", label, ":443")
            .and("-servername")
            .host(label)
            .and("| openssl x509 -noout -enddate")
            .line(),
        expect: format!("`notAfter` at {at}"),
    });
    finding
}

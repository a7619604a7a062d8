//! Explains `object.missing`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::object;
use crate::eval::access_policy::ObjectKind;
use crate::finding::{Command, Confirmation, Finding};
use crate::path::Wants;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    let vault = ctx.vault_name();
    let message = format!("`{}` does not exist in vault `{vault}`, according to {said_by}", object(ctx));
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let name = ctx.diagnosis.reference.as_ref().map(|r| r.name.clone()).unwrap_or_default();
    let kind = ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref());
    // The secret of a certificate comes and goes with the certificate.
    let (first, other) = match (&ctx.case.path.wants, kind) {
        (_, ObjectKind::Key) => ("key", None),
        (_, ObjectKind::Certificate) => ("certificate", None),
        (Wants::CertificateWithKey, _) => ("certificate", Some(("a plain secret", "secret"))),
        _ => ("secret", Some(("the secret of a certificate", "certificate"))),
    };
    let here = |verb: &'static str| {
        let az = Command::new("az keyvault").and(verb).option("--vault-name", remedy::vault_word(ctx));
        az.option("--name", remedy::object_word(ctx))
    };
    let recover = |kind: &'static str| match kind {
        "certificate" => here("certificate recover"),
        "key" => here("key recover"),
        _ => here("secret recover"),
    };
    let make = match first {
        "certificate" => here("certificate import").and("--file FILE.pfx"),
        "key" => here("key create"),
        _ => here("secret set").and("--file FILE --output none"),
    };
    let otherwise = other.map(|(what, kind)| Command::comment("if it was").and(what).then(recover(kind)));
    finding.fixes = vec![
        remedy::by_hand(
            format!("recover `{name}`, if it was deleted"),
            std::iter::once(recover(first)).chain(otherwise),
        ),
        remedy::by_hand(format!("create `{name}`, or correct the name in the reference"), [make]),
    ];
    let listed = kind.singular();
    finding.confirm = Some(Confirmation {
        run_from: format!(
            "your own shell, with permission to list {} and an address that the firewall allows",
            kind.plural()
        ),
        command: {
            let list = |verb: &'static str| {
                let az = Command::new("az keyvault").and(listed).and(verb);
                az.option("--vault-name", remedy::vault_word(ctx)).query("[].name")
            };
            list("list").followed_by(list("list-deleted")).line()
        },
        expect: format!("`{name}` is not in the first list; if it is in the second list, it can be recovered"),
    });
    finding
}

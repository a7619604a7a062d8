//! `object.missing`: the object is not in the vault.

use crate::check::{Context, declare_check, object, remedy};
use crate::eval::access_policy::ObjectKind;
use crate::finding::{Finding, Probe, Severity};
use crate::path::Wants;

declare_check! {
    /// ## What it means
    ///
    /// The vault has no such object: it was never made, it has another name, or it was deleted and can perhaps be
    /// recovered.
    ///
    /// ## What you will see
    ///
    /// `A secret with (name/id) … was not found in this key vault. If you recently deleted this secret you may be able
    /// to recover it using the correct recovery command.` (`SecretNotFound`) A Key Vault reference of an app shows
    /// `SecretNotFound`, or `SecretVersionNotFound` where the version that it names is gone.
    ///
    /// ## When this check stays quiet
    ///
    /// Only Resource Manager answers 404. That proves nothing: it does not show the secret of a certificate. It takes
    /// the vault's own answer, the vault's own list, or a last refresh that did not find it either.
    pub(crate) static CHECK = {
        code: "object.missing",
        summary: "the object is not in the vault",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ],
        app_sources: [
            "https://learn.microsoft.com/javascript/api/@azure/arm-appservice/resolvestatus",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    let vault = ctx.vault_name();
    let message = format!("`{}` is not in vault `{vault}`, says {said_by}", object(ctx));
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let name = ctx.diagnosis.reference.as_ref().map(|r| r.name.clone()).unwrap_or_default();
    let kind = ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref());
    // The secret of a certificate comes and goes with the certificate.
    let (first, other) = match (ctx.case.path.wants, kind) {
        (_, ObjectKind::Key) => ("key", None),
        (_, ObjectKind::Certificate) => ("certificate", None),
        (Wants::CertificateWithKey, _) => ("certificate", Some(("a plain secret", "secret"))),
        _ => ("secret", Some(("the secret of a certificate", "certificate"))),
    };
    let recover = |kind: &str| format!("az keyvault {kind} recover --vault-name {vault} --name {name}");
    let make = |kind: &str| match kind {
        "certificate" => {
            format!("az keyvault certificate import --vault-name {vault} --name {name} --file FILE.pfx")
        }
        "key" => format!("az keyvault key create --vault-name {vault} --name {name}"),
        _ => format!("az keyvault secret set --vault-name {vault} --name {name} --file FILE"),
    };
    let otherwise = other.map(|(what, kind)| format!("# if it was {what}: {}", recover(kind)));
    finding.fixes = vec![
        remedy::by_hand(
            format!("recover `{name}`, if it was deleted"),
            std::iter::once(recover(first)).chain(otherwise).collect(),
        ),
        remedy::by_hand(format!("make `{name}`, or correct the name in the reference"), vec![make(first)]),
    ];
    let listed = kind.singular();
    finding.confirm = Some(Probe {
        run_from: format!("your own shell, with the right to list {} and a way through the firewall", kind.plural()),
        command: format!(
            "az keyvault {listed} list --vault-name {vault} --query \"[].name\"; az keyvault {listed} list-deleted \
             --vault-name {vault} --query \"[].name\""
        ),
        expect: format!("`{name}` is not in the first list; in the second it can be recovered"),
    });
    finding
}

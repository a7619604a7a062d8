//! Explains `object.wrong-format`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::object;
use crate::finding::{Command, Confirmation, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &str) -> Finding {
    let vault = ctx.vault_name();
    if ctx.case.path.is_vault_encryption() {
        let message = format!("`{}` in vault `{vault}` cannot encrypt backups: {problem}", object(ctx));
        let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
        let create = Command::new("az keyvault key create")
            .option("--vault-name", remedy::vault_word(ctx))
            .and("--name KEY --kty RSA --size 3072");
        finding.fixes.push(remedy::by_hand("create an RSA key, and set it as the vault's key", [create]));
        return finding;
    }
    let message = format!("`{}` in vault `{vault}` is not PKCS#12 with a private key: {problem}", object(ctx));
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let pack = Command::comment("pack the key and the chain first")
        .then(Command::new("openssl pkcs12 -export -inkey KEY.pem -in CHAIN.pem -out FILE.pfx"));
    let import = Command::new("az keyvault certificate import")
        .option("--vault-name", remedy::vault_word(ctx))
        .and("--name NAME --file FILE.pfx");
    let point = format!(
        "refer to https://{}/secrets/NAME",
        ctx.diagnosis.reference.as_ref().map(|r| r.host.clone()).unwrap_or_default()
    );
    finding.fixes.push(remedy::by_hand(
        format!("import the certificate as PKCS#12 with an exportable key, and {point}"),
        [pack, import],
    ));
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to list secrets and an address that the firewall allows".to_owned(),
        command: Command::new("az keyvault secret list-versions")
            .option("--vault-name", remedy::vault_word(ctx))
            .option("--name", remedy::object_word(ctx))
            .query("[].contentType")
            .line(),
        expect: "not `application/x-pkcs12`".to_owned(),
    });
    finding
}

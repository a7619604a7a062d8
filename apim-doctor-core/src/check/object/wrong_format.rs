//! `object.wrong-format`: the object is not a certificate with its private key.

use crate::check::{Context, declare_check, object, remedy};
use crate::finding::{Command, Finding, Probe, Severity};

declare_check! {
    /// ## What it means
    ///
    /// API Management wants a certificate with its private key as PKCS#12 (PFX), and so does App Service for a
    /// certificate of an app. The secret holds something else: PEM, a plain secret, or a certificate whose key may not
    /// leave the vault. Import it as a certificate, not as a secret.
    ///
    /// ## What you will see
    ///
    /// The change of the host name or certificate fails or does not end. The vault answers without an error, so its log
    /// shows a successful read. The content type of the secret is not `application/x-pkcs12`.
    ///
    /// ## When this check stays quiet
    ///
    /// A named value or a setting of an app refers to the secret: any text will do there. So it is where the secret was
    /// not seen; that of a certificate is not visible through Resource Manager.
    pub(crate) static CHECK = {
        code: "object.wrong-format",
        summary: "the object is not a certificate with its private key",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/configure-custom-domain",
            "https://learn.microsoft.com/azure/key-vault/certificates/about-certificates",
        ],
        app_sources: [
            "https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &str) -> Finding {
    let vault = ctx.vault_name();
    let message = format!("`{}` in vault `{vault}` is not PKCS#12 with a private key: {problem}", object(ctx));
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let pack = Command::comment("pack key and chain first")
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
    finding.confirm = Some(Probe {
        run_from: "your own shell, with the right to list secrets and a way through the firewall".to_owned(),
        command: Command::new("az keyvault secret list-versions")
            .option("--vault-name", remedy::vault_word(ctx))
            .option("--name", remedy::object_word(ctx))
            .query("[].contentType")
            .line(),
        expect: "not `application/x-pkcs12`".to_owned(),
    });
    finding
}

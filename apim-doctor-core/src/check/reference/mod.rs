//! Findings of the reference gate: is the consumer's setting well formed?

pub(crate) mod connection_shadowed;
pub(crate) mod syntax;
pub(crate) mod wrong_identifier_type;

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Command;
use crate::path::Wants;

/// How to put an object into a vault. What is in it is given as a file.
pub(in crate::check) fn put(ctx: &Context<'_, '_>) -> Command {
    let name = remedy::object_word(ctx);
    match ctx.case.path.wants {
        Wants::CertificateWithKey => Command::new("az keyvault certificate import --vault-name VAULT")
            .option("--name", name)
            .and("--file FILE.pfx"),
        _ => Command::new("az keyvault secret set --vault-name VAULT")
            .option("--name", name)
            .and("--file FILE --output none"),
    }
}

//! Is the consumer's own setting well formed?

pub(crate) mod connection_shadowed;
pub(crate) mod syntax;
pub(crate) mod wrong_identifier_type;

use crate::check::Context;
use crate::path::Wants;

/// How to put an object into a vault. What is in it is given as a file.
pub(in crate::check) fn put(ctx: &Context<'_, '_>, name: &str) -> String {
    match ctx.case.path.wants {
        Wants::CertificateWithKey => {
            format!("az keyvault certificate import --vault-name VAULT --name {name} --file FILE.pfx")
        }
        _ => format!("az keyvault secret set --vault-name VAULT --name {name} --file FILE"),
    }
}

//! What following a script finds.

use crate::model::script::{Means, Signer};
use crate::source::script::value::{Key, Value};

/// A request that the script sends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub at: usize,
    pub means: Means,
    pub restores: bool,
    pub subscription: Option<Value>,
    pub group: Option<Value>,
    pub instance: Option<Value>,
    pub account: Option<Value>,
    pub container: Option<Value>,
    pub blob: Option<Value>,
    pub access: Option<Value>,
    pub client_id: Option<Value>,
    /// The storage context, or what else brings the key.
    pub context: Option<Value>,
    pub key: Key,
    pub version: Option<Value>,
}

/// What a script signs in with, and to which subscription.
#[derive(Clone, Debug, Default)]
pub(super) struct Signed {
    pub subscription: Option<Value>,
    pub signer: Option<Signer>,
    /// The version of the module that the script asks for.
    pub module: Option<String>,
}

//! What a script says.

use crate::model::SetAside;
use crate::model::script::ScriptRequest;
use crate::source::InputError;

/// What a script says.
#[derive(Default)]
pub(in crate::source) struct ScriptRead {
    pub requests: Vec<ScriptRequest>,
    pub aside: Vec<SetAside>,
    pub problem: Option<InputError>,
}

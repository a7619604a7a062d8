//! The interface between checks and a caller kind.

use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::Change;
use crate::finding::{Code, Command, Confirmation, Edit, Fix};
use crate::path::{AccessPath, Principal};

/// An identity that is attached to the caller.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) enum Selected<'i> {
    /// Its own.
    SystemAssigned,
    /// One of its others.
    UserAssigned {
        /// The identity.
        id: &'i ResourceId,
        /// Its client id, if that is known.
        client_id: Option<&'i ObjectId>,
    },
}

impl<'i> Selected<'i> {
    /// The identity of a principal.
    pub(crate) fn of(principal: &'i Principal) -> Self {
        match principal.is_system_assigned() {
            true => Selected::SystemAssigned,
            false => Selected::UserAssigned { id: &principal.resource, client_id: principal.client_id.as_ref() },
        }
    }
}

/// What a caller kind implements for the checks. There are no default methods, so a new kind implements everything.
pub(in crate::check) trait Remedies: Sync {
    /// Names another secret where the reference is declared.
    fn set_identifier(&self, ctx: &Context<'_, '_>, identifier: &str) -> Change;

    /// Selects an attached identity for the reference; `None` if the reference cannot name it.
    fn select(&self, ctx: &Context<'_, '_>, identity: Selected<'_>) -> Option<Change>;

    /// Enables the system-assigned identity and grants it access; `None` if that does not help.
    fn enable(&self, ctx: &Context<'_, '_>) -> Option<Fix>;

    /// Uses the system-assigned identity instead of the one that is used; `None` if that does not help.
    fn use_system_assigned(&self, ctx: &Context<'_, '_>) -> Option<Fix>;

    /// What helps a call that the firewall refuses.
    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix>;

    /// Attaches an identity. `kind` and `attached` are what the caller has then; `edits` make that change.
    fn attach(
        &self,
        ctx: &Context<'_, '_>,
        identity: &ResourceId,
        kind: &str,
        attached: &[&str],
        edits: [Edit; 2],
    ) -> Option<Change>;

    /// Prints the object id of the system-assigned identity.
    fn show_own_principal(&self, caller: &ResourceId) -> Command;

    /// How Bicep and Terraform refer to that object id.
    fn own_principal_in_templates(&self, ctx: &Context<'_, '_>) -> (String, String);

    /// Prints the attached identities.
    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command;

    /// How to see that the identity that is used is not enabled.
    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation;

    /// Makes the service fetch the secret again, if there is a command for this kind of reference.
    fn fetch(&self, ctx: &Context<'_, '_>) -> Option<Command>;

    /// The same, if a repair needs it: until then, the status and the value stay as they are.
    fn fetch_after_repair(&self, ctx: &Context<'_, '_>) -> Option<Command>;

    /// What to do after a failed fetch, and how to see that it failed; `None` if another check does this.
    fn refresh_failed(&self, ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)>;

    /// How to see what the target's name resolves to on the caller itself, if it runs commands.
    fn resolves(&self, ctx: &Context<'_, '_>, expect: &str) -> Option<Confirmation>;

    /// How to see whether the caller itself can connect, if it runs commands.
    fn connects(&self, ctx: &Context<'_, '_>, to: &str, port: u16, expect: &str) -> Option<Confirmation>;

    /// How to see whether the caller itself reaches the sign-in endpoint, if it checks that.
    fn signs_in(&self, ctx: &Context<'_, '_>) -> Option<Confirmation>;

    /// What lets the caller ask Azure DNS once its network no longer has the `configured` servers; `None` if that is
    /// not known.
    fn ask_azure_dns(&self, ctx: &Context<'_, '_>, configured: &[String]) -> Option<Change>;

    /// The text that the user most likely sees; `None` if it is not known.
    fn symptom(&self, code: Code, path: &AccessPath, principal: Option<&Principal>) -> Option<String>;
}

//! Whether all assignments that can decide a request were collected.

use crate::base::{ObjectId, ResourceId};
use crate::model::authorization::{DENY_ASSIGNMENTS, ROLE_ASSIGNMENTS};
use crate::model::{Estate, Filter, Gap, Get};

/// Why "no assignment" is not proved for a scope; `None` where it is.
///
/// For an object in a vault both the vault's list and the object's own list must have been read.
pub(super) fn coverage(
    estate: &Estate,
    kind: &'static str,
    scopes: &[ResourceId],
    principal: &ObjectId,
) -> Option<Gap> {
    const IN_VAULT: &str = "microsoft.keyvault/vaults/";
    let of_vault = |own: &ResourceId| {
        own.resource_type().get(..IN_VAULT.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(IN_VAULT))
    };
    let vault = match scopes.split_first() {
        Some((own, above)) if of_vault(own) => above,
        _ => &[],
    };
    [vault, scopes].into_iter().find_map(|scopes| uncovered(estate, kind, scopes, principal))
}

/// Two complete answers to the same request that hold different assignments.
pub(super) fn disagreement(estate: &Estate, scopes: &[ResourceId]) -> Option<Gap> {
    scopes.iter().find(|at| estate.index.disagreeing.contains(*at)).map(|at| {
        let what = format!("two answers to the list of role assignments at `{at}` differ");
        Gap::contradictory(what).advise("diagnose the latest recording alone, or collect again")
    })
}

fn uncovered(estate: &Estate, kind: &'static str, scopes: &[ResourceId], principal: &ObjectId) -> Option<Gap> {
    let scope = scopes.first()?;
    let mut reason = None;
    for at in scopes {
        let own = at == scope;
        for answer in estate.answers_about(at, kind, principal) {
            let reaches = match &answer.filter {
                Filter::None => true,
                Filter::AtScope => own,
                Filter::AssignedTo { principal: id, at_scope } => {
                    id == principal && kind == ROLE_ASSIGNMENTS && (own || !at_scope)
                }
                Filter::PrincipalId(_) | Filter::Backups(_) | Filter::Started { .. } | Filter::Other => false,
            };
            match &answer.not_seen {
                None if reaches => return None,
                Some(gap) if reaches => reason = reason.or_else(|| Some(gap.clone())),
                _ => {}
            }
        }
    }
    let noun = if kind == DENY_ASSIGNMENTS { "deny assignments" } else { "role assignments" };
    Some(reason.unwrap_or_else(|| {
        Gap::not_collected(
            format!("the list of {noun} at `{scope}`"),
            Get { path: format!("{scope}/providers/{kind}"), ..Get::list(scope, kind).with("$filter=atScope()") },
        )
    }))
}

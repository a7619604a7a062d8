//! Ids of policy documents: what they belong to, and what people call them.

use crate::base::ResourceId;
use crate::model::Get;

/// The instance or workspace that something belongs to, in lower case.
pub(super) fn place_of(id: &ResourceId) -> String {
    let folded = id.as_str().to_ascii_lowercase();
    let from = folded.find("/workspaces/").map(|at| at + "/workspaces/".len());
    match from.and_then(|from| Some(from + folded.get(from..)?.find('/')?)) {
        Some(end) => folded.get(..end).unwrap_or_default().to_owned(),
        None => {
            let from = folded.find("/service/").map_or(0, |at| at + "/service/".len());
            let end = folded.get(from..).and_then(|rest| rest.find('/')).map_or(folded.len(), |end| from + end);
            folded.get(..end).unwrap_or_default().to_owned()
        }
    }
}

/// What a policy document belongs to, in lower case.
pub(super) fn owner_of(id: &ResourceId) -> String {
    let folded = id.as_str().to_ascii_lowercase();
    folded.rfind("/policies/").and_then(|at| folded.get(..at)).unwrap_or_default().to_owned()
}

pub(super) fn is_fragment(id: &ResourceId) -> bool {
    id.as_str().to_ascii_lowercase().contains("/policyfragments/")
}

/// What people call a document: `apis/orders`, `global`.
pub(super) fn shown(id: &ResourceId) -> String {
    let text = id.as_str();
    let folded = text.to_ascii_lowercase();
    let from = folded.find("/service/").map_or(0, |at| at + "/service/".len());
    let from = folded.get(from..).and_then(|rest| rest.find('/')).map_or(folded.len(), |at| from + at + 1);
    let end = folded.rfind("/policies/").unwrap_or(folded.len());
    match text.get(from..end) {
        Some(scope) if !scope.is_empty() => scope.to_owned(),
        _ => "global".to_owned(),
    }
}

/// The request for a list of the instance that a document belongs to.
pub(super) fn list_of_instance(document: &ResourceId, list: &str, query: &'static str) -> Get {
    Get::list(&instance_of(document), &format!("microsoft.apimanagement/service/{list}")).with(query)
}

/// The instance that a document belongs to.
pub(super) fn instance_of(document: &ResourceId) -> ResourceId {
    document.within("Microsoft.ApiManagement/service").unwrap_or_else(|| document.clone())
}

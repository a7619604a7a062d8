//! Gaps for answers without data.

use crate::base::ResourceId;
use crate::model::{ClosedBy, Gap, Get, Modelled, TypeVisitor, with_type};

/// A page of a list is missing.
pub(crate) fn unread_page(scope: &ResourceId, kind: &str) -> Gap {
    Gap::incomplete(
        format!("the list of {} at `{scope}` is incomplete: its next page was not collected", leaf(kind)),
        Get::list(scope, kind),
    )
}

/// An element of a list could not be read.
pub(crate) fn unread_element(scope: &ResourceId, kind: &str) -> Gap {
    Gap::incomplete(
        format!("the list of {} at `{scope}` is incomplete: an element could not be read", leaf(kind)),
        Get::list(scope, kind),
    )
}

fn leaf(kind: &str) -> &str {
    kind.rsplit('/').next().unwrap_or(kind)
}

/// Segments that name no resource of their own.
const FIXED: [&str; 8] = [
    "networkstatus",
    "default",
    "identities",
    "Microsoft.ManagedIdentity",
    "providers",
    "serviceTags",
    "policies",
    "policy",
];

/// What people call one resource of a type.
struct Noun;

impl TypeVisitor for Noun {
    type Output = &'static str;

    fn visit<P: Modelled>(self) -> &'static str {
        P::NOUN
    }
}

/// The gap for reads that a run over many instances leaves out: the same text for each, so it is shown once.
pub(crate) fn not_asked() -> Gap {
    Gap::not_collected(
        "the text of the instances' policies, which may call vaults,",
        ClosedBy::Diagnose("--consumer apim-policy"),
    )
    .advise("diagnose fewer than five instances at once, or request their policies")
}

fn noun(kind: &str) -> &'static str {
    with_type(kind, Noun).unwrap_or(match kind {
        "microsoft.apimanagement/service/apis" => "API",
        "microsoft.apimanagement/service/apis/operations" => "operation",
        "microsoft.apimanagement/service/products" => "product",
        _ => "resource",
    })
}

fn nouns(kind: &str) -> String {
    match (kind.rsplit('/').next(), noun(kind)) {
        (Some("policyfragments"), _) => "policy fragments".to_owned(),
        (_, noun) => noun.strip_suffix('y').map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ies")),
    }
}

/// Where a role can sensibly be assigned that shows a resource or a list: the whole resource that it is a part of, or
/// the subscription.
fn assignable(subject: &ResourceId) -> ResourceId {
    // `subscriptions/{}`, or `subscriptions/{}/resourceGroups/{}/providers/{}/{}/{}`.
    let depth = match (subject.subscription(), subject.resource_group()) {
        (None, _) => return subject.clone(),
        (Some(_), None) => 2,
        (Some(_), Some(_)) => 8,
    };
    ResourceId::new(&subject.segments().take(depth).fold(String::new(), |all, segment| all + "/" + segment))
}

/// A request for a resource, or for a list at a scope, was refused.
pub(crate) fn refused(status: u16, kind: &str, subject: &ResourceId) -> Gap {
    let own = subject.resource_type().eq_ignore_ascii_case(kind);
    let name = match (own, subject.name()) {
        (true, "") | (false, "") => format!("the {}", nouns(kind)),
        (true, "networkstatus" | "default" | "serviceTags" | "policy") => {
            let of = subject.segments().rev().find(|s| !FIXED.contains(s)).unwrap_or_default();
            format!("the {} of `{of}`", noun(kind))
        }
        (true, name) => format!("{} `{name}`", noun(kind)),
        (false, name) => format!("the {} of `{name}`", nouns(kind)),
    };
    let get = if own { Get::resource(subject) } else { Get::list(subject, kind) };
    match status {
        403 => Gap::refused(
            name,
            status,
            ClosedBy::Role { action: format!("{kind}/read"), at: assignable(subject), then: get },
        ),
        409 => Gap::refused(name, status, get)
            .advise(format!("register the provider: `az provider register --namespace {}`", namespace(kind))),
        _ => Gap::refused(name, status, get),
    }
}

/// The provider of a type, as a word that a shell takes as it is.
fn namespace(kind: &str) -> &str {
    let provider = kind.split('/').next().unwrap_or_default();
    let is_plain = !provider.is_empty() && provider.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    if is_plain { provider } else { "NAMESPACE" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_proposed_for_a_whole_resource_and_a_list_is_named() {
        let instance = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/apim1";
        let apim = "microsoft.apimanagement/service";
        let subject_of = |kind: &str, subject: &str| {
            let gap = refused(403, kind, &ResourceId::new(subject));
            match &gap.details().closed_by {
                ClosedBy::Role { at, .. } => (gap.details().subject.clone(), at.to_string()),
                other => panic!("{other:?}"),
            }
        };
        let own = |what: &str| (what.to_owned(), instance.to_owned());
        assert_eq!(subject_of(&format!("{apim}/apis"), instance), own("the APIs of `apim1`"));
        assert_eq!(subject_of(&format!("{apim}/policyfragments"), instance), own("the policy fragments of `apim1`"));
        assert_eq!(
            subject_of(&format!("{apim}/policies"), &format!("{instance}/policies/policy")),
            own("the policy of `apim1`")
        );
        let policy = format!("{instance}/apis/orders/policies/policy");
        assert_eq!(subject_of(&format!("{apim}/apis/policies"), &policy), own("the policy of `orders`"));
        let identity = format!("{instance}/providers/Microsoft.ManagedIdentity/identities/default");
        let kind = "microsoft.managedidentity/identities";
        assert_eq!(subject_of(kind, &identity), own("the system-assigned identity of `apim1`"));
        let tags = "/subscriptions/s/providers/Microsoft.Network/locations/westeurope/serviceTags";
        let subject_of = subject_of("microsoft.network/locations/servicetags", tags);
        assert_eq!(subject_of, ("the service tags of `westeurope`".to_owned(), "/subscriptions/s".to_owned()));
    }
}

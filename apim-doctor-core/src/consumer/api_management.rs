//! API Management: custom-domain certificates, named values, client certificates and policies.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/configure-custom-domain>,
//! <https://learn.microsoft.com/azure/api-management/api-management-howto-properties> and
//! <https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026>
//! (read 2026-11-21).

use std::net::IpAddr;

use crate::base::{ObjectId, ResourceId};
use crate::consumer::{Consumer, Declared};
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::data_plane;
use crate::knowledge::trust::{GATEWAY_SWITCH, TrustRule};
use crate::model::api_management::{
    Api, Backend, Certificate, KeyVaultContract, NamedValue, Operation, Policy, Product, Resolver, Service, Workspace,
};
use crate::model::policy::{self, Call, Document, Identity, Sources};
use crate::model::{ClosedBy, Estate, Fact, Gap, Get, Modelled, Refusal, Resource};
use crate::path::{AccessPath, Credential, Form, LastRefresh, Moment, Origin, Outside, Wants, time};
use crate::source::redact;

/// API Management instances.
pub(super) struct ApiManagement;

impl Consumer for ApiManagement {
    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::CustomDomain, ConsumerKind::NamedValue, ConsumerKind::Certificate, ConsumerKind::Policy]
    }

    fn caller(&self) -> CallerKind {
        CallerKind::ApiManagement
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        // An instance whose answers contradict each other is not known.
        match estate.get::<Service>(owner) {
            Fact::Known(instance) => {
                let instance = Instance { estate, instance };
                instance.paths(&mut declared.paths);
                instance.policies(declared);
                if estate.is_recording {
                    instance.unread_lists(&mut declared.gaps);
                }
            }
            Fact::Unknown(gap) => declared.gaps.push(gap),
            Fact::Absent(_) => {}
        }
    }

    fn unread(&self, estate: &Estate, is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
        unread_policies(estate, is_asked)
    }
}

/// Policies that were asked for and not answered: they may call a vault.
fn unread_policies(estate: &Estate, is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
    let refused = estate.refusals.iter().filter_map(|(id, refusal)| {
        let kind = id.resource_type().to_ascii_lowercase();
        let leads = Policy::TYPES.contains(&kind.as_str());
        let instance = id.within("Microsoft.ApiManagement/service")?;
        match refusal {
            Refusal::NotSeen(gap) | Refusal::Unreadable(gap) if leads && is_asked(&instance) => Some(gap.clone()),
            _ => None,
        }
    });
    refused.collect()
}

struct Instance<'e> {
    estate: &'e Estate,
    instance: &'e Resource<Service>,
}

impl Instance<'_> {
    fn paths(&self, paths: &mut Vec<AccessPath>) {
        self.host_names(paths);
        for value in self.children::<NamedValue>() {
            if let Some(reference) = &value.properties.key_vault {
                self.fetched(ConsumerKind::NamedValue, Wants::AnySecret, &value.id, reference, None, paths);
            }
        }
        for certificate in self.children::<Certificate>() {
            if let Some(reference) = &certificate.properties.key_vault {
                let expiry = certificate.properties.expiration_date.as_deref();
                self.fetched(
                    ConsumerKind::Certificate,
                    Wants::CertificateWithKey,
                    &certificate.id,
                    reference,
                    expiry,
                    paths,
                );
            }
        }
    }

    /// The calls of policies to vaults, and what about them is not known.
    fn policies(&self, declared: &mut Declared) {
        let sources = Sources {
            documents: self
                .children::<Policy>()
                .map(|policy| Document {
                    id: &policy.id,
                    text: policy.properties.value.as_deref(),
                    format: policy.properties.format.as_deref(),
                })
                .collect(),
            named_values: self.children::<NamedValue>().map(|value| (&value.id, &value.properties)).collect(),
            backends: self.children::<Backend>().map(|backend| (&backend.id, &backend.properties)).collect(),
            apis: self.children::<Api>().map(|api| (&api.id, &api.properties)).collect(),
            operations: self.children::<Operation>().map(|operation| (&operation.id, &operation.properties)).collect(),
        };
        let found = policy::follow(&sources, &self.estate.cloud);
        found.calls.into_iter().for_each(|call| self.call(call, &mut declared.paths));
        declared.gaps.extend(found.gaps);
    }

    /// Children of one type, in the order of ids.
    fn children<P: Modelled>(&self) -> impl Iterator<Item = &Resource<P>> {
        let ids = self.estate.index.children_of.get(&self.instance.id).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| match P::table(&self.estate.tables).get(id) {
            Some(_) => self.estate.get::<P>(id).known(),
            None => None,
        })
    }

    /// A list that was not read in full may hold more paths.
    fn unread_lists(&self, gaps: &mut Vec<Gap>) {
        let id = &self.instance.id;
        let prefix = "microsoft.apimanagement/service";
        gaps.extend(self.estate.open::<NamedValue>(id, &format!("{prefix}/namedvalues")));
        gaps.extend(self.estate.open::<Certificate>(id, &format!("{prefix}/certificates")));
        self.unread_policies(id, prefix, gaps);
        let workspaces = format!("{prefix}/workspaces");
        if !self.estate.answers(id, &workspaces).is_empty() {
            gaps.extend(self.estate.open::<Workspace>(id, &workspaces));
        }
        for workspace in self.estate.list::<Workspace>(id, &format!("{prefix}/workspaces")).items {
            gaps.extend(self.estate.open::<NamedValue>(&workspace.id, &format!("{prefix}/workspaces/namedvalues")));
            gaps.extend(self.estate.open::<Certificate>(&workspace.id, &format!("{prefix}/workspaces/certificates")));
            self.unread_policies(&workspace.id, &format!("{prefix}/workspaces"), gaps);
        }
    }

    /// Lists of an instance or a workspace that lead to policies, where they were asked for and not answered in full:
    /// a recording may leave these out, and what was refused may call a vault.
    fn unread_policies(&self, at: &ResourceId, prefix: &str, gaps: &mut Vec<Gap>) {
        fn open<P: Modelled>(estate: &Estate, at: &ResourceId, kind: &str) -> Option<Gap> {
            estate.open::<P>(at, kind).filter(|_| !estate.answers(at, kind).is_empty())
        }
        let estate = self.estate;
        for leaf in ["policies", "policyfragments"] {
            gaps.extend(open::<Policy>(estate, at, &format!("{prefix}/{leaf}")));
        }
        let (apis, products) = (format!("{prefix}/apis"), format!("{prefix}/products"));
        gaps.extend(open::<Api>(estate, at, &apis));
        gaps.extend(open::<Product>(estate, at, &products));
        gaps.extend(open::<Backend>(estate, at, &format!("{prefix}/backends")));
        // Only what reads policies lists APIs and products.
        if [&apis, &products].into_iter().any(|kind| !estate.answers(at, kind).is_empty()) {
            gaps.extend(self.unasked_policy(at));
        }
        for product in estate.list::<Product>(at, &products).items {
            gaps.extend(self.unasked_policy(&product.id));
        }
        let own = self.children::<Api>().filter(|api| api.id.parent().as_ref() == Some(at));
        for api in own {
            let (operations, resolvers) = (format!("{apis}/operations"), format!("{apis}/resolvers"));
            gaps.extend(self.unasked_policy(&api.id));
            gaps.extend(open::<Operation>(estate, &api.id, &operations));
            gaps.extend(open::<Resolver>(estate, &api.id, &resolvers));
            gaps.extend(open::<Policy>(estate, &api.id, &format!("{apis}/policies")));
            let operations = estate.list::<Operation>(&api.id, &operations).items.into_iter().map(|one| &one.id);
            let resolvers = estate.list::<Resolver>(&api.id, &resolvers).items.into_iter().map(|one| &one.id);
            gaps.extend(operations.chain(resolvers).filter_map(|id| self.unasked_policy(id)));
        }
    }

    /// The gap for a policy that was not collected, of something that a list shows. A refusal is reported elsewhere.
    fn unasked_policy(&self, of: &ResourceId) -> Option<Gap> {
        let document = of.child("policies", "policy");
        match self.estate.get::<Policy>(&document) {
            Fact::Unknown(_) if !self.estate.refusals.contains_key(&document) => {
                let what = format!("policy `{}`", relative(&self.instance.id, &document));
                Some(Gap::not_collected(what, Get::resource(&document).with("format=rawxml")))
            }
            _ => None,
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        let properties = &self.instance.properties;
        let own = match properties.outbound_public_ip_addresses.is_empty() {
            true => &properties.public_ip_addresses,
            false => &properties.outbound_public_ip_addresses,
        };
        own.iter().filter_map(|text| text.parse().ok()).collect()
    }

    fn common(&self, consumer: ConsumerKind, declared_at: Locator, credential_at: Locator) -> AccessPath {
        AccessPath {
            consumer,
            resource: self.instance.id.clone(),
            label: String::new(),
            declared_at,
            moment: Moment::Rotation,
            reference: String::new(),
            form: Form::Identifier,
            credential: Credential::SystemAssigned,
            credential_at,
            audience: None,
            origin: Origin::ControlPlane,
            location: None,
            trust: TrustRule::SystemAssigned,
            wants: Wants::AnySecret,
            addresses: self.addresses(),
            expiry: None,
            last: None,
            unsupported: None,
            recognized: Ok(()),
            doubt: None,
            shadow: None,
            backup: None,
        }
    }

    /// A certificate of a host name is fetched by the platform, not from the instance's subnet: a line of sight does
    /// not help it.
    fn host_names(&self, paths: &mut Vec<AccessPath>) {
        for (at, host) in self.instance.properties.hostname_configurations.iter().enumerate() {
            let Some(reference) = host.key_vault_id.as_deref().filter(|r| !r.trim().is_empty()) else { continue };
            let base = format!("/properties/hostnameConfigurations/{at}");
            let locate = |leaf: &str| Locator::new(&self.instance.id, [&base, "/", leaf].concat());
            let failed = host.certificate_status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("Failed"));
            paths.push(AccessPath {
                label: host.host_name.clone().unwrap_or_default(),
                reference: reference.to_owned(),
                credential: given(host.identity_client_id.as_ref()),
                wants: Wants::CertificateWithKey,
                expiry: host.certificate.as_ref().and_then(|c| c.expiry.as_deref()).and_then(time),
                last: failed.then(|| LastRefresh {
                    succeeded: false,
                    message: "certificateStatus is `Failed`".to_owned(),
                    at: None,
                    locator: locate("certificateStatus"),
                }),
                ..self.common(ConsumerKind::CustomDomain, locate("keyVaultId"), locate("identityClientId"))
            });
        }
    }

    /// Named values and client certificates are fetched by a part that runs with the instance, in each location.
    fn fetched(
        &self,
        consumer: ConsumerKind,
        wants: Wants,
        id: &ResourceId,
        contract: &KeyVaultContract,
        expiry: Option<&str>,
        paths: &mut Vec<AccessPath>,
    ) {
        let Some(reference) = contract.secret_identifier.as_deref() else { return };
        let locate = |leaf: &str| Locator::new(id, ["/properties/keyVault/", leaf].concat());
        let last = contract.last_status.as_ref().and_then(|status| {
            let code = status.code.as_deref().filter(|code| !code.is_empty())?;
            Some(LastRefresh {
                succeeded: code.eq_ignore_ascii_case("Success"),
                message: status
                    .message
                    .as_deref()
                    .filter(|m| !m.is_empty())
                    .map_or_else(|| code.to_owned(), redact::sentence),
                at: status.time_stamp_utc.as_deref().and_then(time),
                locator: locate("lastStatus"),
            })
        });
        let path = AccessPath {
            label: relative(&self.instance.id, id),
            reference: reference.to_owned(),
            credential: given(contract.identity_client_id.as_ref()),
            wants,
            expiry: expiry.and_then(time),
            last,
            unsupported: in_workspace(id).then_some("Key Vault references in a workspace"),
            ..self.common(consumer, locate("secretIdentifier"), locate("identityClientId"))
        };
        self.in_each_location(Part::Fetcher, path, paths);
    }

    fn call(&self, call: Call, paths: &mut Vec<AccessPath>) {
        let properties = &self.instance.properties;
        let given_up = properties.custom_properties.iter().any(|(key, value)| {
            key.eq_ignore_ascii_case(GATEWAY_SWITCH) && value.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"))
        });
        let (resource, pointer) = &call.declared_at;
        let locate = || Locator::new(resource, *pointer);
        let (audience, credential) = match call.identity {
            Identity::Managed { client_id, audience } => {
                (Some(audience), identity(client_id.map(|id| ObjectId::new(&id))))
            }
            Identity::Unknown(gap) => (None, Credential::Undetermined(gap)),
        };
        let path = call.url.splitn(4, '/').nth(3).unwrap_or_default();
        let asked = data_plane::asked(path, call.method.as_deref());
        let operation = match asked.operation {
            _ if !call.is_whole => Err(Gap::computed("the object that the policy computes")),
            Some(operation) => Ok(operation),
            None => Err(Gap::undocumented(format!(
                "which permission the request `{}` needs",
                [call.method.as_deref().unwrap_or("(any method)"), " /", path].concat()
            ))
            .advise("look up the operation in the Key Vault REST reference and check the role")),
        };
        let base = self.common(ConsumerKind::Policy, locate(), locate());
        let call_path = AccessPath {
            label: relative(&self.instance.id, &call.of),
            moment: Moment::Runtime,
            // What is only begun names no object.
            reference: match call.is_whole {
                true => call.url,
                false => call.url.split('/').take(3).collect::<Vec<_>>().join("/"),
            },
            audience,
            credential,
            trust: TrustRule::Gateway { created: properties.created_at_utc.as_deref().and_then(time), given_up },
            wants: Wants::Request(operation),
            ..base
        };
        // Source: <https://learn.microsoft.com/azure/api-management/workspaces-overview> (read 2026-11-29).
        let elsewhere = match (call.is_proxied, in_workspace(&call.of)) {
            (true, _) => Some(
                Gap::outside_azure("which address the vault sees: the request goes through a proxy", ClosedBy::Nothing)
                    .advise("check that the vault's firewall allows the proxy's address"),
            ),
            (false, true) => Some(
                Gap::ambiguous("which gateway runs the policy: a workspace gateway has its own network")
                    .advise("check the network of the workspace's gateway"),
            ),
            (false, false) => None,
        };
        match elsewhere {
            Some(gap) => {
                paths.push(AccessPath { origin: Origin::Undetermined(gap), addresses: Vec::new(), ..call_path })
            }
            None => self.in_each_location(Part::Gateway, call_path, paths),
        }
    }

    /// One path for the primary location, and one for each further one.
    fn in_each_location(&self, part: Part, path: AccessPath, paths: &mut Vec<AccessPath>) {
        let properties = &self.instance.properties;
        let subnet = properties.virtual_network_configuration.as_ref().and_then(|c| c.subnet_resource_id.as_ref());
        for location in &properties.additional_locations {
            let subnet = location.virtual_network_configuration.as_ref().and_then(|c| c.subnet_resource_id.as_ref());
            paths.push(AccessPath {
                // Each location has a network of its own, or none.
                origin: match subnet {
                    Some(subnet) => self.origin(part, Some(subnet), Some(location.location.as_str())),
                    None => Origin::PublicEgress(&Outside::INSTANCE),
                },
                location: Some(location.location.clone()),
                addresses: location.public_ip_addresses.iter().filter_map(|text| text.parse().ok()).collect(),
                ..path.clone()
            });
        }
        let location = self.instance.location.as_deref();
        let several = !properties.additional_locations.is_empty();
        paths.push(AccessPath {
            origin: self.origin(part, subnet, location),
            location: location.filter(|_| several).map(str::to_owned),
            ..path
        });
    }

    fn origin(&self, part: Part, subnet: Option<&ResourceId>, location: Option<&str>) -> Origin {
        let injected = self.instance.properties.virtual_network_type.as_deref();
        let injected = injected.is_some_and(|kind| !kind.eq_ignore_ascii_case("None"));
        let subnet = match (injected, subnet) {
            (true, Some(subnet)) => subnet,
            (false, None) => return Origin::PublicEgress(&Outside::INSTANCE),
            _ => {
                return Origin::Undetermined(Gap::incomplete(
                    "whether the instance is in a network: `virtualNetworkType` and the subnet contradict each other",
                    &self.instance.id,
                ));
            }
        };
        let tier = self.instance.sku.as_ref().and_then(|sku| sku.name.as_deref()).unwrap_or_default();
        if part == Part::Fetcher && tier.to_ascii_lowercase().ends_with("v2") {
            return Origin::Undetermined(
                Gap::undocumented(format!("from which addresses tier {tier} fetches Key Vault references"))
                    .advise("the vault's audit log (category AuditEvent) shows `callerIpAddress`"),
            );
        }
        Origin::Subnet { id: subnet.clone(), location: location.map(str::to_owned), integration: None }
    }
}

/// Which part of an instance calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Fetcher,
    Gateway,
}

fn in_workspace(id: &ResourceId) -> bool {
    id.as_str().to_ascii_lowercase().contains("/workspaces/")
}

/// The identity that a client id selects; without one, the system-assigned identity.
fn identity(client_id: Option<ObjectId>) -> Credential {
    client_id.map_or(Credential::SystemAssigned, |client_id| Credential::ManagedIdentity { client_id })
}

/// The same for a property, which may be empty.
fn given(id: Option<&ObjectId>) -> Credential {
    identity(id.filter(|id| !id.as_str().is_empty()).cloned())
}

/// What a child is called within its instance: a named value's name, `apis/orders` of a policy.
fn relative(instance: &ResourceId, id: &ResourceId) -> String {
    let rest = id.as_str().get(instance.as_str().len()..).unwrap_or_default().trim_matches('/');
    let folded = rest.to_ascii_lowercase();
    for kind in ["namedvalues/", "certificates/"] {
        if folded.starts_with(kind) {
            return rest.get(kind.len()..).unwrap_or_default().to_owned();
        }
    }
    match folded.find("policies/policy") {
        Some(0) => "global".to_owned(),
        Some(at) => rest.get(..at).unwrap_or_default().trim_end_matches('/').to_owned(),
        None => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Input;

    const ID: &str = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/a";

    /// The policies that are reported as not collected, of a recording with these answers.
    fn uncollected(answers: &[(&str, Value)]) -> Vec<Gap> {
        let exchange = |(path, body): &(&str, Value)| {
            let status = if body.is_null() { 404 } else { 200 };
            let error = json!({"error": {"code": "ResourceNotFound", "message": "no"}});
            let body = if body.is_null() { &error } else { body };
            json!({"request": format!("GET {ID}{path}?api-version=2024-05-01"), "status": status, "body": body})
        };
        let own = [("", json!({"id": ID, "sku": {"name": "Premium"}, "properties": {}}))];
        let exchanges: Vec<Value> = own.iter().chain(answers).map(exchange).collect();
        let recording = json!({"apimDoctor": "snapshot/v1", "exchanges": exchanges});
        let input = Input::new("x", recording.to_string());
        let (estate, problems) = Estate::read(vec![input]);
        assert!(problems.is_empty(), "{problems:?}");
        let mut declared = Declared::default();
        ApiManagement.declare(&estate, &ResourceId::new(ID), &mut declared);
        declared.gaps.retain(|gap| format!("{gap:?}").contains("policies/policy"));
        declared.gaps
    }

    fn list(children: &[&str]) -> Value {
        json!({"value": children.iter().map(|path| json!({"id": format!("{ID}{path}"), "properties": {}})).collect::<Vec<_>>()})
    }

    #[test]
    fn a_policy_of_whatever_a_list_shows_is_asked_for() {
        let lists = [
            ("/apis", list(&["/apis/orders"])),
            ("/products", list(&["/products/gold"])),
            ("/apis/orders/operations", list(&["/apis/orders/operations/get"])),
            ("/apis/orders/resolvers", list(&["/apis/orders/resolvers/user"])),
        ];
        let gap = |(name, path): (&str, &str)| {
            let document = ResourceId::new(&format!("{ID}{path}/policies/policy"));
            Gap::not_collected(format!("policy `{name}`"), Get::resource(&document).with("format=rawxml"))
        };
        let all = [
            ("global", ""),
            ("products/gold", "/products/gold"),
            ("apis/orders", "/apis/orders"),
            ("apis/orders/operations/get", "/apis/orders/operations/get"),
            ("apis/orders/resolvers/user", "/apis/orders/resolvers/user"),
        ];
        assert_eq!(uncollected(&lists), all.map(gap));
        let answered = [
            "/policies/policy",
            "/products/gold/policies/policy",
            "/apis/orders/policies/policy",
            "/apis/orders/operations/get/policies/policy",
            "/apis/orders/resolvers/user/policies/policy",
        ];
        let whole: Vec<_> = lists.into_iter().chain(answered.map(|path| (path, Value::Null))).collect();
        assert_eq!(uncollected(&whole), []);
    }

    #[test]
    fn a_recording_without_policies_is_not_asked_for_them() {
        assert_eq!(uncollected(&[("/namedValues", list(&[]))]), []);
    }
}

//! API Management: custom-domain certificates, named values, client certificates and policies.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/configure-custom-domain>,
//! <https://learn.microsoft.com/azure/api-management/api-management-howto-properties> and
//! <https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026>
//! (read 2026-11-21).

use std::net::IpAddr;

use crate::base::{ObjectId, ResourceId};
use crate::consumer::{Consumer, Declared, policy};
use crate::finding::Locator;
use crate::knowledge::trust::{GATEWAY_SWITCH, Scenario};
use crate::model::api_management::{Certificate, KeyVaultContract, NamedValue, Policy, Service, Workspace};
use crate::model::{Estate, Fact, Gap, Modelled, Refusal, Resource};
use crate::path::{AccessPath, Credential, Form, LastRefresh, Moment, Origin, Wants, time};
use crate::source::prose::prose;

/// Lists of what may have policies of its own.
const LEADING_TO_POLICIES: [&str; 3] = [
    "microsoft.apimanagement/service/apis",
    "microsoft.apimanagement/service/apis/operations",
    "microsoft.apimanagement/service/products",
];

/// API Management instances.
pub(super) struct ApiManagement;

impl Consumer for ApiManagement {
    fn kinds(&self) -> &'static [&'static str] {
        &["apim-custom-domain", "apim-named-value", "apim-certificate", "apim-policy"]
    }

    fn types(&self) -> &'static [&'static str] {
        Service::TYPES
    }

    fn noun(&self) -> &'static str {
        "instance"
    }

    fn owners<'e>(&self, estate: &'e Estate) -> Vec<&'e ResourceId> {
        estate.ids::<Service>()
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        // An instance whose answers contradict each other is not known.
        match estate.get::<Service>(owner) {
            Fact::Known(instance) => {
                let instance = Instance { estate, instance };
                instance.paths(&mut declared.paths);
                instance.disputed(&mut declared.gaps);
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

/// Policies, and lists that lead to them, which were asked for and not answered: they may call a vault.
fn unread_policies(estate: &Estate, is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
    let refused = estate.refusals.iter().filter_map(|(id, refusal)| {
        let kind = id.resource_type().to_ascii_lowercase();
        let leads = Policy::TYPES.contains(&kind.as_str()) || LEADING_TO_POLICIES.contains(&kind.as_str());
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
                self.fetched("apim-named-value", Wants::AnySecret, &value.id, reference, None, paths);
            }
        }
        for certificate in self.children::<Certificate>() {
            if let Some(reference) = &certificate.properties.key_vault {
                let expiry = certificate.properties.expiration_date.as_deref();
                self.fetched("apim-certificate", Wants::CertificateWithKey, &certificate.id, reference, expiry, paths);
            }
        }
        for document in self.children::<Policy>() {
            self.policy(document, paths);
        }
    }

    /// Children of one type, in the order of ids.
    fn children<P: Modelled>(&self) -> impl Iterator<Item = &Resource<P>> {
        let ids = self.estate.index.children_of.get(&self.instance.id).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| match P::table(&self.estate.tables).get(id) {
            Some(_) => self.estate.get::<P>(id).known(),
            None => None,
        })
    }

    /// What contradicts itself declares nothing that could be judged.
    fn disputed(&self, gaps: &mut Vec<Gap>) {
        for id in self.estate.index.children_of.get(&self.instance.id).into_iter().flatten() {
            let tables = &self.estate.tables;
            gaps.extend(if NamedValue::table(tables).contains_key(id) {
                self.estate.get::<NamedValue>(id).unknown()
            } else if Certificate::table(tables).contains_key(id) {
                self.estate.get::<Certificate>(id).unknown()
            } else {
                self.estate.get::<Policy>(id).unknown()
            });
        }
    }

    /// A list that was not read in full may hold more paths.
    fn unread_lists(&self, gaps: &mut Vec<Gap>) {
        let id = &self.instance.id;
        let prefix = "microsoft.apimanagement/service";
        gaps.extend(self.estate.open::<NamedValue>(id, &format!("{prefix}/namedvalues")));
        gaps.extend(self.estate.open::<Certificate>(id, &format!("{prefix}/certificates")));
        // Nobody must have asked for these; what was refused may call a vault.
        for kind in ["policies", "policyfragments"].map(|leaf| format!("{prefix}/{leaf}")) {
            if !self.estate.answers(id, &kind).is_empty() {
                gaps.extend(self.estate.open::<Policy>(id, &kind));
            }
        }
        let workspaces = format!("{prefix}/workspaces");
        if !self.estate.answers(id, &workspaces).is_empty() {
            gaps.extend(self.estate.open::<Workspace>(id, &workspaces));
        }
        for workspace in self.estate.list::<Workspace>(id, &format!("{prefix}/workspaces")).items {
            gaps.extend(self.estate.open::<NamedValue>(&workspace.id, &format!("{prefix}/workspaces/namedvalues")));
            gaps.extend(self.estate.open::<Certificate>(&workspace.id, &format!("{prefix}/workspaces/certificates")));
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

    fn common(&self, consumer: &'static str, declared_at: Locator, client_id_at: Locator) -> AccessPath {
        AccessPath {
            consumer,
            resource: self.instance.id.clone(),
            label: String::new(),
            declared_at,
            moment: Moment::Rotation,
            reference: String::new(),
            form: Form::Identifier,
            credential: Credential::ManagedIdentity,
            client_id: None,
            client_id_at,
            audience: None,
            origin: Origin::ControlPlane,
            location: None,
            scenario: Scenario::ControlPlane,
            wants: Wants::AnySecret,
            addresses: self.addresses(),
            expiry: None,
            last: None,
            unsupported: None,
            recognized: Ok(()),
            doubt: None,
            reads: true,
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
                client_id: given(host.identity_client_id.as_ref()),
                wants: Wants::CertificateWithKey,
                expiry: host.certificate.as_ref().and_then(|c| c.expiry.as_deref()).and_then(time),
                last: failed.then(|| LastRefresh {
                    succeeded: false,
                    message: "certificateStatus is `Failed`".to_owned(),
                    at: None,
                    locator: locate("certificateStatus"),
                }),
                ..self.common("apim-custom-domain", locate("keyVaultId"), locate("identityClientId"))
            });
        }
    }

    /// Named values and client certificates are fetched by a part that runs with the instance, in each location.
    fn fetched(
        &self,
        consumer: &'static str,
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
                message: status.message.as_deref().filter(|m| !m.is_empty()).map_or_else(|| code.to_owned(), prose),
                at: status.time_stamp_utc.as_deref().and_then(time),
                locator: locate("lastStatus"),
            })
        });
        let path = AccessPath {
            label: relative(&self.instance.id, id),
            reference: reference.to_owned(),
            client_id: given(contract.identity_client_id.as_ref()),
            wants,
            expiry: expiry.and_then(time),
            last,
            unsupported: in_workspace(id).then_some("Key Vault references in a workspace"),
            ..self.common(consumer, locate("secretIdentifier"), locate("identityClientId"))
        };
        self.in_each_location(Part::Fetcher, path, paths);
    }

    fn policy(&self, document: &Resource<Policy>, paths: &mut Vec<AccessPath>) {
        let Some(xml) = document.properties.value.as_deref() else { return };
        let properties = &self.instance.properties;
        let given_up = properties.custom_properties.iter().any(|(key, value)| {
            key.eq_ignore_ascii_case(GATEWAY_SWITCH) && value.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"))
        });
        for call in policy::vault_calls(xml, &self.estate.cloud) {
            let locate = || Locator::new(&document.id, "/properties/value");
            let path = AccessPath {
                label: relative(&self.instance.id, &document.id),
                moment: Moment::Runtime,
                reference: call.url,
                client_id: call.client_id,
                audience: Some(call.audience),
                reads: call.reads,
                unsupported: in_workspace(&document.id).then_some("managed identities in a workspace"),
                scenario: Scenario::Gateway { created: properties.created_at_utc.as_deref().and_then(time), given_up },
                wants: Wants::Anything,
                ..self.common("apim-policy", locate(), locate())
            };
            self.in_each_location(Part::Gateway, path, paths);
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
                    None => Origin::PublicEgress,
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
            (false, None) => return Origin::PublicEgress,
            _ => {
                return Origin::Undetermined(Gap::new(
                    "whether the instance is in a network: `virtualNetworkType` and its subnet do not agree",
                    "record the instance again, with api-version 2024-05-01",
                ));
            }
        };
        let tier = self.instance.sku.as_ref().and_then(|sku| sku.name.as_deref()).unwrap_or_default();
        if part == Part::Fetcher && tier.to_ascii_lowercase().ends_with("v2") {
            return Origin::Undetermined(Gap::new(
                format!("where tier {tier} fetches Key Vault references from: it is not documented"),
                "look at `callerIpAddress` in the vault's audit log (category AuditEvent)",
            ));
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

/// An empty client id is none.
fn given(id: Option<&ObjectId>) -> Option<ObjectId> {
    id.filter(|id| !id.as_str().is_empty()).cloned()
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

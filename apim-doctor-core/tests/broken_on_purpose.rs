//! Configuration that is broken on purpose: a path that passed before must no longer pass.
//!
//! The changes affect Azure's answers, never the requests. `../shared/cases/mutate.py` has more than a hundred changes;
//! this file has those that it lacks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod common;

use std::collections::BTreeMap;

use common::{Recording, assert_none, corpus, fixtures, report};
use serde_json::{Value, json};

/// A recording, and one of its paths that passes.
struct Case {
    recording: Value,
    path: Value,
}

const OTHER: &str = "deadbeef-0000-4000-8000-000000000001";

/// Breaks the path with certainty. Returns whether the change applies to the path.
type Break = fn(&mut Case) -> bool;

const BREAKS: &[(&str, Break)] = &[
    // Two sides of one connection: the endpoint and its target both have the connection's state.
    ("endpoint rejected at the endpoint only", |case| case.by_endpoint() && case.at_endpoint("Rejected")),
    ("endpoint disconnected at the endpoint only", |case| case.by_endpoint() && case.at_endpoint("Disconnected")),
    ("endpoint pending at the target only", |case| case.by_endpoint() && case.at_target("Pending")),
    ("endpoint disconnected at the target only", |case| case.by_endpoint() && case.at_target("Disconnected")),
    ("link is not completed", |case| {
        case.by_endpoint() && case.every(LINK, "/properties/virtualNetworkLinkState", "InProgress")
    }),
    ("link failed", |case| case.by_endpoint() && case.every(LINK, "/properties/provisioningState", "Failed")),
    // An assignment's id and scope both have to be right.
    ("assignment with the scope of another subscription", |case| {
        case.by_role() && case.scopes(|_| format!("/subscriptions/{OTHER}"))
    }),
    ("assignment with the scope of another object", |case| {
        case.by_role() && case.scopes(|scope| format!("{scope}/secrets/none-of-this-name"))
    }),
    ("assignment with the id of another subscription", |case| case.by_role() && case.ids()),
    // Requests that an API Management policy sends.
    ("policy calls another vault", |case| {
        case.is("apim-policy") && case.texts(&case.host(), "kv-deadbeef-0001.vault.azure.net")
    }),
    ("policy gets no token", |case| {
        case.is("apim-policy") && case.texts("<authentication-managed-identity", "<no-authentication")
    }),
    ("policy gets its token for storage", |case| {
        case.is("apim-policy") && case.texts("https://vault.azure.net", "https://storage.azure.com")
    }),
    ("policy names a client that is not attached", |case| {
        case.is("apim-policy") && case.client() && case.texts(&case.principal("clientId"), OTHER)
    }),
    // Settings that name the host's storage.
    ("host storage of another account in the connection strings", |case| case.is_host_storage() && case.section()),
    ("host storage of another account in a leftover setting", |case| {
        case.is_host_storage() && case.setting("ConnectionStrings__AzureWebJobsStorage", CONNECTION)
    }),
    ("host storage by an identity that is not attached", |case| {
        case.is_host_storage() && case.identity("user-assigned") && case.setting("AzureWebJobsStorage__clientId", OTHER)
    }),
    ("host storage of another account", |case| {
        case.is_host_storage()
            && case.setting("AzureWebJobsStorage__accountName", "stother01")
            && !case.holds("AzureWebJobsStorage")
    }),
    // Perimeters.
    ("perimeter allows only another subscription", |case| {
        case.rules(&json!({"direction": "Inbound", "subscriptions": [{"id": format!("/subscriptions/{OTHER}")}]}))
    }),
    ("perimeter allows only a documentation range", |case| {
        case.rules(&json!({"direction": "Inbound", "addressPrefixes": ["203.0.113.0/24"]}))
    }),
    ("perimeter allows nothing", |case| case.rules(&Value::Null)),
    // Firewall rules for subnets.
    ("the subnet's rule failed", |case| case.by_rule() && case.subnet_rules("Failed")),
    ("the subnet's rule is being removed", |case| case.by_rule() && case.subnet_rules("Deprovisioning")),
];

const LINK: &str = "microsoft.network/privatednszones/virtualnetworklinks";
const CONNECTION: &str =
    "DefaultEndpointsProtocol=https;AccountName=stother01;AccountKey=<redacted>;EndpointSuffix=core.windows.net";

fn low(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_ascii_lowercase()
}

/// Visits every object inside a value.
fn objects(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    if value.is_object() {
        visit(value);
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| objects(inner, visit)),
        Value::Array(items) => items.iter_mut().for_each(|inner| objects(inner, visit)),
        _ => {}
    }
}

impl Case {
    fn is(&self, consumer: &str) -> bool {
        self.path["consumer"] == consumer
    }

    fn host(&self) -> String {
        self.path["target"]["host"].as_str().unwrap_or_default().to_owned()
    }

    fn principal(&self, name: &str) -> String {
        self.path["principal"][name].as_str().unwrap_or_default().to_owned()
    }

    fn identity(&self, kind: &str) -> bool {
        self.path["principal"]["kind"] == kind
    }

    fn client(&self) -> bool {
        self.identity("user-assigned") && !self.principal("clientId").is_empty()
    }

    fn target(&self) -> String {
        low(&self.path["target"]["resource"])
    }

    /// Visits every copy of every resource.
    fn each(&mut self, mut visit: impl FnMut(&mut Value)) {
        let exchanges = self.recording["exchanges"].as_array_mut().unwrap();
        exchanges.iter_mut().for_each(|exchange| objects(&mut exchange["body"], &mut visit));
    }

    fn of_type(&mut self, kind: &str, mut visit: impl FnMut(&mut Value)) -> bool {
        let mut found = false;
        self.each(|resource| {
            if low(&resource["type"]) == kind && resource["properties"].is_object() {
                found = true;
                visit(resource);
            }
        });
        found
    }

    fn every(&mut self, kind: &str, pointer: &str, value: &str) -> bool {
        let name = pointer.rsplit('/').next().unwrap().to_owned();
        self.of_type(kind, |resource| resource["properties"][&name] = json!(value))
    }

    /// Visits every copy of the vault or account. Returns whether there is one.
    fn of_target(&mut self, mut visit: impl FnMut(&mut Value)) -> bool {
        let (target, mut found) = (self.target(), false);
        self.each(|resource| {
            if low(&resource["id"]) == target && resource["properties"].is_object() {
                found = true;
                visit(resource);
            }
        });
        found
    }

    /// Closes the target's firewall, so only the remaining grant can allow the path.
    fn shut(&mut self) -> bool {
        self.of_target(|target| {
            target["properties"]["publicNetworkAccess"] = json!("Disabled");
            let acls = json!({"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []});
            target["properties"]["networkAcls"] = acls;
        })
    }

    /// Makes an endpoint the only access. Returns whether the path uses an endpoint.
    fn by_endpoint(&mut self) -> bool {
        let (target, mut found) = (self.target(), false);
        self.of_type("microsoft.network/privateendpoints", |endpoint| {
            found |= endpoint.to_string().to_ascii_lowercase().contains(&format!("\"{target}\""));
        });
        found && self.path["origin"].as_str().is_some_and(|origin| origin.starts_with("/subscriptions/")) && self.shut()
    }

    fn at_endpoint(&mut self, state: &str) -> bool {
        self.of_type("microsoft.network/privateendpoints", |endpoint| {
            for list in ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"] {
                let connections = endpoint["properties"][list].as_array_mut();
                for connection in connections.into_iter().flatten() {
                    connection["properties"]["privateLinkServiceConnectionState"]["status"] = json!(state);
                }
            }
        })
    }

    fn at_target(&mut self, state: &str) -> bool {
        let mut found = false;
        self.of_target(|target| {
            let connections = target["properties"]["privateEndpointConnections"].as_array_mut();
            for connection in connections.into_iter().flatten() {
                found = true;
                connection["properties"]["privateLinkServiceConnectionState"]["status"] = json!(state);
            }
        });
        found
    }

    /// Returns whether a role allows the path and nothing else can.
    fn by_role(&mut self) -> bool {
        let (principal, mut found, mut by_policy) = (self.principal("principalId").to_ascii_lowercase(), false, false);
        self.of_target(|target| {
            let is_vault = low(&target["id"]).contains("microsoft.keyvault/");
            by_policy |= is_vault && target["properties"]["enableRbacAuthorization"] != true;
        });
        self.of_type("microsoft.authorization/roleassignments", |assignment| {
            found |= low(&assignment["properties"]["principalId"]) == principal;
        });
        found && !by_policy && !principal.is_empty()
    }

    fn scopes(&mut self, scope: fn(&str) -> String) -> bool {
        self.of_type("microsoft.authorization/roleassignments", |assignment| {
            let own = assignment["properties"]["scope"].as_str().unwrap_or_default().to_owned();
            assignment["properties"]["scope"] = json!(scope(&own));
        })
    }

    fn ids(&mut self) -> bool {
        self.of_type("microsoft.authorization/roleassignments", |assignment| {
            let name = assignment["name"].as_str().unwrap_or_default().to_owned();
            let provider = "providers/Microsoft.Authorization/roleAssignments";
            assignment["id"] = json!(format!("/subscriptions/{OTHER}/{provider}/{name}"));
        })
    }

    /// Replaces a text in all policies, fragments, named values and backends of an instance.
    fn texts(&mut self, from: &str, to: &str) -> bool {
        const KINDS: [&str; 4] = ["/policies", "/policyfragments", "/namedvalues", "/backends"];
        let (mut found, from) = (false, from.to_ascii_lowercase());
        self.each(|resource| {
            let kind = low(&resource["type"]);
            if !kind.starts_with("microsoft.apimanagement/") || !KINDS.iter().any(|own| kind.ends_with(own)) {
                return;
            }
            for name in ["value", "url"] {
                let Some(text) = resource["properties"][name].as_str() else { continue };
                let mut text = text.to_owned();
                while let Some(at) = text.to_ascii_lowercase().find(&from) {
                    text.replace_range(at..at + from.len(), to);
                    found = true;
                }
                resource["properties"][name] = json!(text);
            }
        });
        found
    }

    fn is_host_storage(&self) -> bool {
        self.is("function-storage")
            && self.path["label"].as_str().is_some_and(|l| l.starts_with("AzureWebJobsStorage/"))
    }

    fn settings(&mut self, leaf: &str, mut visit: impl FnMut(&mut Value)) -> bool {
        let (own, mut found) = (format!("{}/config/{leaf}", low(&self.path["resource"])), false);
        for exchange in self.recording["exchanges"].as_array_mut().unwrap() {
            let request = low(&exchange["request"]);
            if request.contains(&own) && exchange["body"]["properties"].is_object() {
                found = true;
                visit(&mut exchange["body"]["properties"]);
            }
        }
        found
    }

    fn setting(&mut self, name: &str, value: &str) -> bool {
        self.settings("appsettings", |settings| settings[name] = json!(value))
    }

    fn holds(&mut self, name: &str) -> bool {
        let mut found = false;
        self.settings("appsettings", |settings| found |= settings.get(name).is_some());
        found
    }

    /// Adds a recording of the app's connection strings, which only an operator can list.
    fn section(&mut self) -> bool {
        let id = format!("{}/config/connectionstrings", self.path["resource"].as_str().unwrap_or_default());
        let body = json!({
            "id": id, "name": "connectionstrings", "type": "Microsoft.Web/sites/config",
            "properties": { "AzureWebJobsStorage": { "type": "Custom", "value": CONNECTION } },
        });
        let request = format!("POST {id}/list?api-version=2024-11-01");
        let exchanges = self.recording["exchanges"].as_array_mut().unwrap();
        exchanges.push(json!({ "request": request, "status": 200, "body": body }));
        true
    }

    /// Replaces the rules of the target's perimeter with this rule.
    fn rules(&mut self, rule: &Value) -> bool {
        let target = self.target();
        let mut inside = false;
        self.of_type("microsoft.network/networksecurityperimeters/resourceassociations", |association| {
            if low(&association["properties"]["privateLinkResource"]["id"]) == target {
                inside |= low(&association["properties"]["accessMode"]) == "enforced";
            }
        });
        let to_endpoint = self.path["origin"].as_str().is_some_and(|origin| origin.starts_with("/subscriptions/"));
        if !inside || to_endpoint {
            return false;
        }
        let mut found = false;
        for exchange in self.recording["exchanges"].as_array_mut().unwrap() {
            if !low(&exchange["request"]).contains("/accessrules?") {
                continue;
            }
            let Some(rules) = exchange["body"]["value"].as_array_mut() else { continue };
            found = true;
            match rule {
                Value::Null => rules.clear(),
                rule => rules.iter_mut().for_each(|own| own["properties"] = rule.clone()),
            }
        }
        found
    }

    /// Returns whether only a rule for its subnet allows the path.
    fn by_rule(&mut self) -> bool {
        let (origin, mut found, mut private) = (low(&self.path["origin"]), false, false);
        self.of_target(|target| {
            let text = target["properties"]["networkAcls"]["virtualNetworkRules"].to_string().to_ascii_lowercase();
            found |= text.contains(&format!("\"{origin}\""));
            private |= target["properties"]["privateEndpointConnections"].as_array().is_some_and(|all| !all.is_empty());
        });
        found && !private && origin.starts_with("/subscriptions/")
    }

    fn subnet_rules(&mut self, state: &str) -> bool {
        // A vault does not show the state of its rules.
        if low(&self.path["target"]["kind"]) != "storage" {
            return false;
        }
        self.of_target(|target| {
            let acls = &mut target["properties"]["networkAcls"];
            (acls["defaultAction"], acls["bypass"], acls["ipRules"]) = (json!("Deny"), json!("None"), json!([]));
            for rule in acls["virtualNetworkRules"].as_array_mut().into_iter().flatten() {
                rule["state"] = json!(state);
            }
        })
    }
}

/// Returns a recording's paths by id.
fn paths(file: &str, recording: &Value) -> BTreeMap<String, Value> {
    let report = serde_json::to_value(report(file, recording.to_string().into_bytes())).unwrap();
    let paths = report["paths"].as_array().unwrap().iter();
    paths.map(|path| (path["id"].as_str().unwrap().to_owned(), path.clone())).collect()
}

#[test]
fn a_broken_path_does_not_pass() {
    const TEST: &str = "a_broken_path_does_not_pass";
    let (mut complaints, mut tried) = (Vec::new(), BTreeMap::new());
    let all = corpus(TEST).into_iter().chain(fixtures(|file| file.ends_with("fixed.json")));
    for Recording { file, mut document, .. } in all {
        if document.get("exchanges").is_none() {
            continue;
        }
        // Observations are from the time before the change.
        for name in ["observations", "dns", "probes"] {
            document.as_object_mut().unwrap().remove(name);
        }
        for (id, path) in paths(&file, &document).into_iter().filter(|(_, path)| path["verdict"] == "pass") {
            for (name, broken) in BREAKS {
                let mut case = Case { recording: document.clone(), path: path.clone() };
                if !broken(&mut case) || case.recording == document {
                    continue;
                }
                *tried.entry(*name).or_insert(0_usize) += 1;
                if paths(&file, &case.recording).get(&id).is_some_and(|path| path["verdict"] == "pass") {
                    complaints.push(format!("{file}: {id} passes: {name}"));
                }
            }
        }
    }
    tried.iter().for_each(|(name, times)| println!("{times:5} {name}"));
    assert_none(TEST, &complaints);
}

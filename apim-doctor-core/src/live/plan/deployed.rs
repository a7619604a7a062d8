//! What files deploy: it is looked at as if Azure had answered it, so that what it refers to is read.

use serde_json::{Value, json};

use super::state::Plan;
use crate::base::ResourceId;
use crate::knowledge::caller_kind::CallerKind;
use crate::live::ask::{Ask, Read};

impl Plan {
    /// Looks at resources that files deploy, and at those that they only name, whose bodies have an id alone.
    pub(super) fn look_at_deployed(&mut self) {
        let deployed = std::mem::take(&mut self.wanted.deployed);
        let with_id = |body: &Value| Some(ResourceId::new(body.get("id")?.as_str()?));
        let callers = deployed.iter().filter_map(with_id).filter(|id| CallerKind::of(id).is_some());
        self.look_at_callers(callers.collect());
        for body in &deployed {
            let Some(id) = with_id(body) else { continue };
            self.asks_for(&id);
            if body.get("properties").is_some() {
                self.learn_deployed(&id, body);
            }
        }
        if self.declaring == 0 {
            self.follow_references();
        }
    }

    /// Asks for what there is already of a resource.
    fn asks_for(&mut self, id: &ResourceId) {
        let ask = match id.resource_type().to_ascii_lowercase().as_str() {
            "microsoft.keyvault/vaults" => Ask::Vault,
            "microsoft.storage/storageaccounts" => Ask::Account,
            "microsoft.managedidentity/userassignedidentities" => Ask::UserIdentity,
            "microsoft.network/virtualnetworks" => Ask::Network,
            "microsoft.network/networksecuritygroups" => Ask::SecurityGroup,
            "microsoft.network/routetables" => Ask::RouteTable,
            "microsoft.network/privateendpoints" => Ask::PrivateEndpoint,
            "microsoft.network/virtualnetworks/subnets" => return self.subnet(id.as_str()),
            _ => return,
        };
        self.get(ask, id.as_str());
    }

    /// Takes what a deployment makes for an answer.
    fn learn_deployed(&mut self, id: &ResourceId, body: &Value) {
        let listed = || json!({ "value": [body] });
        let parent = || id.parent().map(|parent| parent.to_string()).unwrap_or_default();
        let (ask, path, answer) = match id.resource_type().to_ascii_lowercase().as_str() {
            "microsoft.apimanagement/service" => (Ask::Instance, id.to_string(), body.clone()),
            "microsoft.apimanagement/service/namedvalues" => {
                (Ask::NamedValues, format!("{}/namedValues", parent()), listed())
            }
            "microsoft.apimanagement/service/certificates" => {
                (Ask::Certificates, format!("{}/certificates", parent()), listed())
            }
            "microsoft.web/sites" => (Ask::Site, id.to_string(), body.clone()),
            "microsoft.web/sites/slots" => (Ask::Slot, id.to_string(), body.clone()),
            "microsoft.web/sites/config" if id.name().eq_ignore_ascii_case("appsettings") => {
                (Ask::Settings, format!("{id}/list"), body.clone())
            }
            "microsoft.web/sites/slots/config" if id.name().eq_ignore_ascii_case("appsettings") => {
                (Ask::SlotSettings, format!("{id}/list"), body.clone())
            }
            "microsoft.web/certificates" => (Ask::AppCertificate, id.to_string(), body.clone()),
            "microsoft.network/applicationgateways" => (Ask::ApplicationGateway, id.to_string(), body.clone()),
            "microsoft.recoveryservices/vaults" => (Ask::RecoveryVault, id.to_string(), body.clone()),
            "microsoft.network/privateendpoints" => (Ask::PrivateEndpoint, id.to_string(), body.clone()),
            "microsoft.network/virtualnetworks" => (Ask::Network, id.to_string(), body.clone()),
            _ => return,
        };
        self.answered(&Read::of(ask, &path), &answer);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::knowledge::cloud::Cloud;
    use crate::live::plan::Wanted;

    #[test]
    fn what_a_new_caller_refers_to_is_read() {
        let group = "/subscriptions/5f0c7e1a-3b52-4b0e-9c6d-2a1f00000001/resourceGroups/rg/providers";
        let instance = format!("{group}/Microsoft.ApiManagement/service/new");
        let identity = format!("{group}/Microsoft.ManagedIdentity/userAssignedIdentities/id");
        let vault = format!("{group}/Microsoft.KeyVault/vaults/kv-shared");
        let body = json!({ "id": instance, "properties": {}, "identity": { "type": "UserAssigned",
            "userAssignedIdentities": { (identity.clone()): {} } } });
        let wanted = Wanted::default().with_deployed(vec![body, json!({ "id": vault })]);
        let mut plan = Plan::new(Cloud::public(), wanted);
        let asked: Vec<String> = plan.take().iter().map(|read| read.path().to_owned()).collect();
        for path in [instance, identity, vault] {
            assert!(asked.contains(&path), "{path}: {asked:?}");
        }
    }
}

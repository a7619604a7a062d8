//! Explains `network.private-endpoint-not-approved`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Confirmation, Edit, Evidence, Finding, Safety};
use crate::model::network::{PrivateEndpoint, PrivateLinkServiceConnection};
use crate::model::recovery::RecoveryVault;

/// Edits of the private endpoint, which also stores the state of the connection.
fn on_endpoint(ctx: &Context<'_, '_>, endpoint: &TargetEndpoint, target: &ResourceId) -> Vec<Edit> {
    let Some(read) = ctx.case.estate.get::<PrivateEndpoint>(&endpoint.id).known() else { return Vec::new() };
    let own = [
        ("privateLinkServiceConnections", &read.properties.private_link_service_connections),
        ("manualPrivateLinkServiceConnections", &read.properties.manual_private_link_service_connections),
    ];
    let all = own.into_iter().flat_map(|(list, connections)| connections.iter().enumerate().map(move |c| (list, c)));
    let is_of_target = |connection: &PrivateLinkServiceConnection| {
        let properties = &connection.properties;
        properties.private_link_service_connection_state.is_some()
            && properties.private_link_service_id.as_ref().is_none_or(|id| id == target)
    };
    let stated = all.filter(|(_, (_, connection))| is_of_target(connection)).map(|(list, (at, _))| {
        let status = format!("/properties/{list}/{at}/properties/privateLinkServiceConnectionState/status");
        Edit::set(&read.id, status, "Approved")
    });
    stated.collect()
}

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, endpoint: &TargetEndpoint) -> Finding {
    let name = endpoint.id.name();
    let message = format!("private endpoint `{name}` is `{}`; only an approved one carries traffic", endpoint.status);
    let mut finding = ctx.finding(&endpoint.id, message);
    let Some(store) = ctx.store() else { return finding };
    let (id_of_store, noun) = (store.id(), store.noun());
    let connection = store.connections().get(endpoint.connection);
    let list = Command::new("az network private-endpoint-connection list").option("--id", id_of_store);
    let pending = endpoint.status.eq_ignore_ascii_case("Pending");
    finding.fixes = match connection.and_then(|c| c.id.as_ref()).filter(|_| pending) {
        Some(id) => {
            let base = format!("/properties/privateEndpointConnections/{}/properties", endpoint.connection);
            let status = format!("{base}/privateLinkServiceConnectionState/status");
            let edits = [
                Edit::set(id_of_store, status, "Approved"),
                Edit::set(id_of_store, format!("{base}/provisioningState"), "Succeeded"),
            ];
            let edits = edits.into_iter().chain(on_endpoint(ctx, endpoint, id_of_store));
            let az = Command::new("az network private-endpoint-connection approve")
                .option("--id", id)
                .and("--description approved");
            // Templates cannot approve a connection: they create one that is auto-approved or stays pending.
            let change = remedy::Change::of(az, edits);
            vec![change.fix(format!("approve private endpoint `{name}` at {noun} `{}`", store.name()), Safety::Review)]
        }
        None => vec![remedy::by_hand(
            format!("delete and recreate private endpoint `{name}`, then approve its connection"),
            [Command::new("az network private-endpoint delete").option("--ids", &endpoint.id), list.clone()],
        )],
    };
    finding.confirm = Some(Confirmation {
        run_from: format!("your own shell, with permission to read the {noun}"),
        command: list.and("--output table").line(),
        expect: format!("`{}` for the connection of `{name}`", endpoint.status),
    });
    finding
}

/// Builds the finding for a Recovery Services vault that servers or databases cannot reach.
pub(crate) fn explain_recovery_vault(
    ctx: &Context<'_, '_>,
    connection: usize,
    endpoint: &ResourceId,
    status: &str,
    needs: &str,
) -> Finding {
    let vault = remedy::recovery_vault(ctx);
    let (name, at) = (endpoint.name(), format!("/properties/privateEndpointConnections/{connection}"));
    let message = format!(
        "private endpoint `{name}` of `{}` is `{status}` and public access is disabled, so nothing reaches the vault from \
         {needs}",
        vault.name()
    );
    let mut finding =
        ctx.beside(vault, message, Evidence::new(format!("its connection is `{status}`"), vault, at.clone()));
    let read = ctx.case.estate.get::<RecoveryVault>(vault).known();
    let own = read.and_then(|vault| vault.properties.private_endpoint_connections.get(connection));
    let state = format!("{at}/properties/privateLinkServiceConnectionState/status");
    let list = Command::new("az network private-endpoint-connection list").option("--id", vault);
    finding.fixes = match own.and_then(|own| own.id.as_ref()).filter(|_| status.eq_ignore_ascii_case("Pending")) {
        Some(id) => {
            let az = Command::new("az network private-endpoint-connection approve")
                .option("--id", id)
                .and("--description approved");
            let change = remedy::Change::of(az, [Edit::set(vault, state, "Approved")]);
            vec![change.fix(format!("approve private endpoint `{name}` at `{}`", vault.name()), Safety::Review)]
        }
        None => vec![remedy::by_hand(
            format!("delete and recreate private endpoint `{name}` for `AzureBackup`, then approve its connection"),
            [Command::new("az network private-endpoint delete").option("--ids", endpoint), list.clone()],
        )],
    };
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the vault".to_owned(),
        command: list.and("--output table").line(),
        expect: format!("`{status}` for the connection of `{name}`"),
    });
    finding
}

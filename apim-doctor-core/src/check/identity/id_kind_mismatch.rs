//! `identity.id-kind-mismatch`: an id of another kind stands where a client id is expected.

use crate::base::ObjectId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Probe, Safety, Severity};
use crate::path::Principal;

declare_check! {
    /// ## What it means
    ///
    /// A managed identity has two ids. Its *client id* selects it; its *principal id* (also called object id) is what
    /// grants name. Here the principal id stands where API Management looks for a client id, or an app's connection
    /// does (`<name>__clientId`), so no identity is found. The setting for the identity of a package at a URL takes the
    /// resource id instead. For the system-assigned identity nothing is written at all:
    /// it is used where no client id is given.
    ///
    /// ## What you will see
    ///
    /// `ValidationError`, target `identityClientId`: `Can not find Managed Identity with provided IdentityClientId :
    /// <id>. For more information please see aka.ms/apimmsi.` An app's host does not start: `ManagedIdentityCredential
    /// authentication failed`.
    ///
    /// The *Managed identities* page of an instance shows the principal id of the system-assigned identity, and Bicep
    /// and Terraform offer `principalId` next to `clientId`.
    ///
    /// ## When this check stays quiet
    ///
    /// The id belongs to no identity of the caller (`identity.not-assigned-to-host`), or the ids of an attached
    /// identity were not read. The client id of the system-assigned identity is documented to be accepted and reported
    /// not to be: then the gate is unknown.
    pub(crate) static CHECK = {
        code: "identity.id-kind-mismatch",
        summary: "an id of another kind stands where a client id is expected",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
            "https://learn.microsoft.com/azure/templates/microsoft.apimanagement/service/namedvalues",
            "https://github.com/Azure/apiops/issues/257",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, given: &ObjectId, is: &str, intended: &Principal) -> Finding {
    if ctx.case.path.is_package() {
        return of_package(ctx, given, is, intended);
    }
    let message = format!("`{given}` is {is}; a client id is expected");
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let name = intended.resource.name();
    let show =
        Command::new("az identity show").option("--ids", &intended.resource).and("--query clientId --output tsv");
    let title = match (intended.is_system_assigned(), &intended.client_id) {
        (true, _) => "leave the client id out: the system-assigned identity is the default".to_owned(),
        (false, Some(id)) => format!("use `{id}`, the client id of identity `{name}`"),
        (false, None) => format!("use the client id of identity `{name}`, which this shows"),
    };
    finding.fixes = match ctx.remedies().select(ctx, remedy::Selected::of(intended)) {
        Some(change) => vec![change.fix(title, Safety::Safe)],
        None => vec![remedy::by_hand(title, [show.clone()])],
    };
    let (command, expect) = match intended.is_system_assigned() {
        true => (
            ctx.remedies().show_own_principal(&intended.resource),
            format!("`{given}`: the id that was taken for a client id"),
        ),
        false => (show, format!("a client id other than `{given}`")),
    };
    finding.confirm =
        Some(Probe { run_from: "a shell with the Azure CLI".to_owned(), command: command.line(), expect });
    finding
}

/// The setting for the identity of a package takes a resource id.
fn of_package(ctx: &Context<'_, '_>, given: &ObjectId, is: &str, intended: &Principal) -> Finding {
    let message = format!("`{given}` is {is}; a resource id is expected");
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let title = format!("use the resource id of identity `{}`", intended.resource.name());
    let change = remedy::select_for_package(ctx, &intended.resource);
    finding.fixes = change.map(|change| change.fix(title, Safety::Safe)).into_iter().collect();
    finding.confirm = Some(remedy::app_identity(ctx, "an identity with another resource id than the setting names"));
    finding
}

//! `permissions`: the smallest role that gives a live run access to everything it reads.

use std::collections::BTreeSet;

use apim_doctor_core::live::Ask;
use serde_json::json;

use crate::args::Permissions;
use crate::exit::Status;
use crate::failure::Failure;
use crate::output;

/// Lists and metadata of a vault's own; none of them answers a value.
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault>
/// (read 2026-11-22).
const VAULT: &[&str] =
    &["Microsoft.KeyVault/vaults/certificates/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"];

/// Prints a role definition as `az role definition create --role-definition` takes it.
pub(super) fn run(args: &Permissions) -> Result<Status, Failure> {
    let actions: BTreeSet<&str> = Ask::ALL
        .iter()
        .filter(|ask| args.read_settings || ![Ask::Settings, Ask::SlotSettings].contains(*ask))
        .map(|ask| ask.details().action)
        .filter(|action| !action.is_empty())
        .collect();
    if let Some(odd) = args.scope.iter().find(|scope| !scope.starts_with('/')) {
        return Err(Failure::Usage {
            message: format!("`{odd}` is not a scope"),
            help: "expected something like `/subscriptions/ID`, or with `/resourceGroups/NAME`".to_owned(),
        });
    }
    let data_actions = if args.ask_vault { VAULT } else { &[] };
    let scopes = match args.scope.as_slice() {
        [] => {
            output::say("without `--scope`, `AssignableScopes` is a placeholder: give `--scope /subscriptions/ID`");
            vec!["/subscriptions/{subscription}".to_owned()]
        }
        some => some.to_vec(),
    };
    let role = json!({
        "Name": "apim-doctor reader",
        "IsCustom": true,
        "Description": "Gives read access to exactly the data that apim-doctor needs to explain access paths.",
        "Actions": actions,
        "NotActions": [],
        "DataActions": data_actions,
        "NotDataActions": [],
        "AssignableScopes": scopes,
    });
    output::write(args.output_file.as_deref(), |page| page.pretty_json(&role))?;
    Ok(Status::Clean)
}

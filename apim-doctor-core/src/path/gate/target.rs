//! Gate 3: does the vault or storage account exist, in this cloud, under this name?

use crate::base::ResourceId;
use crate::eval::store::Store;
use crate::eval::{endpoint, firewall};
use crate::finding::{Evidence, Gate};
use crate::knowledge::subservice::Subservice;
use crate::model::key_vault::{DeletedVault, Vault};
use crate::model::storage::{FileShare, StorageAccount};
use crate::model::{ClosedBy, Fact, Gap, Resource};
use crate::path::gate::host::{account_at, cloud_of};
use crate::path::gate::{Record, backup, recovery};
use crate::path::reason::Reason;
use crate::path::{Case, Reference, Target, time};

const CLOUD: &str = "is the host name a vault name of this cloud?";
const FOUND: &str = "does the vault exist?";
const ACCOUNT: &str = "does the storage account exist?";
const SHARE: &str = "does the content share exist?";

/// Finds what is behind the host name.
pub(crate) fn target<'e>(case: &Case<'e>, parsed: &Reference, record: &mut Record) -> Option<Target<'e>> {
    debug_assert_eq!(record.gate, Gate::Target);
    match parsed.subservice {
        Subservice::Vault => vault(case, parsed, record),
        _ => account(case, parsed, record),
    }
}

/// What stands around a target decides whether it can be reached.
fn around<'e>(case: &Case<'e>, store: Store<'e>, subservice: Subservice, host: String) -> Target<'e> {
    let endpoints = endpoint::endpoints(case.estate, store, subservice);
    let association = firewall::association(case.estate, store.id());
    Target { store, subservice, host, endpoints, association }
}

/// Finds the storage account, and in it the share where one is used.
fn account<'e>(case: &Case<'e>, parsed: &Reference, record: &mut Record) -> Option<Target<'e>> {
    let (estate, cloud, subservice) = (case.estate, &case.estate.cloud, parsed.subservice);
    let name = cloud.account_of(&parsed.host).map(|(name, _)| name);
    let found = match name.map(|name| estate.accounts_named(name)) {
        Some([id]) => estate.get::<StorageAccount>(id),
        Some([_, _, ..]) => {
            let what = format!("which of several storage accounts is `{}`", name.unwrap_or_default());
            Fact::Unknown(Gap::ambiguous(what).advise("diagnose the recordings of one tenant"))
        }
        _ => match (account_at(estate, &parsed.host), name) {
            (Some((account, _)), _) => estate.get::<StorageAccount>(&account.id),
            (None, Some(name)) => {
                let what = format!("storage account `{name}`, which may be in another subscription,");
                Fact::Unknown(Gap::not_collected(what, ClosedBy::Show("az storage account show", name.to_owned())))
            }
            (None, None) => Fact::Unknown(
                Gap::ambiguous(format!(
                    "which storage account `{}` belongs to: it is not a storage host name of {}",
                    parsed.host, cloud.name
                ))
                .advise("use the account's own URL, or collect the account whose `primaryEndpoints` contain this host"),
            ),
        },
    };
    let account = match found {
        Fact::Known(account) => account,
        Fact::Unknown(gap) => {
            record.unknown(ACCOUNT, vec![], gap);
            return None;
        }
        Fact::Absent(id) => {
            let gap = Gap::refused(format!("storage account `{}`", id.name()), 404, &id);
            record.unknown(ACCOUNT, vec![], gap);
            return None;
        }
    };
    if let Some(gap) = elsewhere(case, account, &parsed.host, subservice) {
        let at = Evidence::new("the storage account was collected", &account.id, "/properties/primaryEndpoints");
        record.unknown(ACCOUNT, vec![at], gap);
        return None;
    }
    record.pass(ACCOUNT, vec![Evidence::new("the storage account was collected", &account.id, "")]);
    record.depends_on.push(account.id.clone());
    backup::cors(case, &account.id, record);
    if subservice == Subservice::File {
        share(case, &account.id, &parsed.name, record);
    }
    let usual = cloud.host_of(subservice, account.name());
    let host =
        if name.is_some_and(|name| name.eq_ignore_ascii_case(account.name())) { usual } else { parsed.host.clone() };
    Some(around(case, Store::Account(account), subservice, host))
}

/// Why it is not certain that a service of an account answers to a host name.
/// Source: <https://learn.microsoft.com/azure/storage/common/storage-account-overview> (read 2026-11-22).
fn elsewhere(case: &Case<'_>, account: &Resource<StorageAccount>, host: &str, subservice: Subservice) -> Option<Gap> {
    let usual = case.estate.cloud.host_of(subservice, account.name());
    // The private name is for the same host.
    let of_account = |name: &str| name.eq_ignore_ascii_case(account.name());
    let host = match case.estate.cloud.account_of(host) {
        Some((name, _)) if of_account(name) => &usual,
        _ => host,
    };
    let service = subservice.group_id();
    let own: Vec<(&str, String)> = account.properties.endpoints().collect();
    if !own.is_empty() && !own.iter().any(|(of, at)| of.eq_ignore_ascii_case(service) && at == host) {
        let what = format!("whether `{host}` is the {service} service of `{}`", account.name());
        return Some(Gap::ambiguous(what).advise("compare the setting with the account's `primaryEndpoints`"));
    }
    let is_private = !account.properties.private_endpoint_connections.is_empty();
    (*host != usual && is_private).then(|| {
        let what = format!(
            "which private DNS zone `{host}` belongs to: it is not the default host name of `{}`",
            account.name()
        );
        Gap::outside_azure(what, ClosedBy::AppConsole(host.to_owned()))
    })
}

/// The content share is mounted when the app starts, and nothing makes it then.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> (read 2026-11-21).
fn share(case: &Case<'_>, account: &ResourceId, name: &str, record: &mut Record) {
    if name.is_empty() {
        let what = "which share contains the content: `WEBSITE_CONTENTSHARE` is not set, or its value was not recorded";
        return record.unknown(
            SHARE,
            vec![],
            Gap::not_kept(what).advise("check the setting; without it, Azure generates a name"),
        );
    }
    let id = account.child("fileServices", "default").child("shares", name);
    match case.estate.get::<FileShare>(&id) {
        Fact::Known(share) if share.properties.deleted != Some(true) => {
            record.pass(SHARE, vec![Evidence::new(format!("share `{name}` exists"), &id, "")]);
        }
        Fact::Unknown(gap) => record.unknown(SHARE, vec![], gap),
        _ => {
            let says = format!("Resource Manager does not find share `{name}`");
            record.fail(SHARE, vec![Evidence::new(says, &id, "")], Reason::ContentShareMissing { share: id.clone() });
        }
    }
}

/// Finds the vault.
fn vault<'e>(case: &Case<'e>, parsed: &Reference, record: &mut Record) -> Option<Target<'e>> {
    let cloud = &case.estate.cloud;
    let host = public_name(&parsed.host, case);
    let says = Evidence::at(["the vault's host is `", &host, "`"].concat(), case.path.declared_at.clone());
    let name = match cloud_of(&host, cloud) {
        Some((of, name)) if of == cloud.name => name,
        Some((of, _)) => {
            match case.estate.is_cloud_known {
                true => record.fail(CLOUD, vec![says], Reason::WrongCloud { host, cloud: of }),
                false => {
                    let resource = &case.path.resource;
                    let what = format!("the cloud of `{}`", resource.name());
                    record.unknown(CLOUD, vec![says], Gap::not_collected(what, resource));
                }
            }
            return None;
        }
        None if case.estate.world.deployed().is_some_and(|files| files.stands_in(&host)) => {
            let what = format!("which vault `{}` names: the files do not say it", case.path.label);
            record.unknown(CLOUD, vec![says], Gap::not_in_files(what));
            return None;
        }
        None => {
            let name = host.split('.').next().unwrap_or_default().to_owned();
            let problem = "the host name is not a vault name of any cloud";
            record.fail(CLOUD, vec![says], Reason::VaultNameWrong { name, problem });
            return None;
        }
    };
    let is_written = case.estate.world.deployed().is_none_or(|files| !files.stands_in(&name));
    if let Some(problem) = impossible(&name).filter(|_| is_written) {
        record.fail(CLOUD, vec![says], Reason::VaultNameWrong { name, problem });
        return None;
    }
    record.pass(CLOUD, vec![says]);
    match case.estate.vaults_at(&host) {
        [id] => match case.estate.get::<Vault>(id) {
            Fact::Known(vault) => {
                record.pass(FOUND, vec![Evidence::new("the vault was collected", &vault.id, "")]);
                record.depends_on.push(vault.id.clone());
                recovery::key_vault(case, vault, record);
                Some(around(case, Store::Vault(vault), Subservice::Vault, host))
            }
            Fact::Unknown(gap) => {
                record.unknown(FOUND, vec![], gap);
                None
            }
            Fact::Absent(id) => {
                not_seen(case, &host, record, Some(Gap::refused(format!("vault `{}`", id.name()), 404, &id)));
                None
            }
        },
        [] => {
            deleted_or_unseen(case, &host, &name, record);
            None
        }
        _ => {
            let what = format!("which of several vaults has host name `{host}`");
            record.unknown(FOUND, vec![], Gap::ambiguous(what).advise("diagnose the recordings of one tenant"));
            None
        }
    }
}

/// `kv.privatelink.vaultcore…` means the vault `kv`; the DNS gate says that the name must not be used.
fn public_name(host: &str, case: &Case<'_>) -> String {
    let cloud = &case.estate.cloud;
    cloud.vault_named_by(host).map_or_else(|| host.to_owned(), |vault| cloud.vault_host(vault))
}

/// Why no vault can have this name.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/common-error-codes> (read 2026-11-21).
fn impossible(name: &str) -> Option<&'static str> {
    if !(3..=24).contains(&name.chars().count()) {
        return Some("vault names have 3 to 24 characters");
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Some("vault names contain only letters, digits and hyphens");
    }
    None
}

fn deleted_or_unseen(case: &Case<'_>, host: &str, name: &str, record: &mut Record) {
    // After its purge the name is free, and may be in use elsewhere.
    let purged = |d: &&Resource<DeletedVault>| {
        d.properties.scheduled_purge_date.as_deref().and_then(time).is_some_and(|at| at <= case.as_of)
    };
    let Some(found) = case.estate.deleted_vault(name).filter(|d| !purged(d)) else {
        return not_seen(case, host, record, None);
    };
    let evidence =
        Evidence::new(format!("vault `{name}` is in the list of deleted vaults"), &found.id, "/properties/vaultId");
    let reason = Reason::VaultDeleted {
        id: found.properties.vault_id.clone().unwrap_or_else(|| found.id.clone()),
        deleted: found.id.clone(),
        since: found.properties.deletion_date.clone(),
    };
    record.fail(FOUND, vec![evidence], reason);
}

/// A name that no listed vault bears proves nothing about other subscriptions.
fn not_seen(case: &Case<'_>, host: &str, record: &mut Record, gap: Option<Gap>) {
    // The list was asked for, and no answer to it is whole.
    let incomplete = || {
        const VAULTS: &str = "microsoft.keyvault/vaults";
        let scope = case.path.resource.subscription_scope()?;
        let asked = !case.estate.answers(&scope, VAULTS).is_empty();
        case.estate.open::<Vault>(&scope, VAULTS).filter(|_| asked)
    };
    let gap = gap.or_else(incomplete).unwrap_or_else(|| {
        let name = host.split('.').next().unwrap_or_default();
        Gap::not_collected(
            format!("the vault of `{host}`, which may be in another subscription or tenant,"),
            ClosedBy::Show("az keyvault show", name.to_owned()),
        )
    });
    record.unknown(FOUND, vec![], gap);
}

//! Which vault or storage account a host name belongs to.

use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::model::storage::StorageAccount;
use crate::model::{Estate, Resource};

/// Returns the cloud in which this is a vault's host, and the vault's name.
pub(super) fn cloud_of(host: &str, own: &Cloud) -> Option<(String, String)> {
    let in_cloud = |cloud: &Cloud| cloud.vault_of(host).map(|vault| (cloud.name.clone(), vault.to_owned()));
    in_cloud(own).or_else(|| Cloud::known().iter().find_map(in_cloud))
}

/// Returns the account that lists this host among its endpoints, and the service of the endpoint; `None` if several do.
pub(super) fn account_at<'e>(
    estate: &'e Estate,
    host: &str,
) -> Option<(&'e Resource<StorageAccount>, Option<Subservice>)> {
    let named = estate.accounts_at(host).iter().filter_map(|id| estate.get::<StorageAccount>(id).known());
    let all = named.flat_map(|account| {
        let own = account.properties.endpoints().filter(|(_, at)| at == host);
        let service = |name: &str| Subservice::STORAGE.into_iter().find(|s| s.group_id().eq_ignore_ascii_case(name));
        own.map(move |(name, _)| (account, service(name)))
    });
    let mut all: Vec<_> = all.collect();
    all.dedup_by(|one, other| one.0.id == other.0.id && one.1 == other.1);
    <[_; 1]>::try_from(all).ok().map(|[one]| one)
}

//! The cloud of resources that came without a request: what they say of themselves.

use crate::base::Url;
use crate::knowledge::cloud::Cloud;
use crate::model::key_vault::Vault;
use crate::model::{EachType, Estate, Modelled, Tables};

/// The clouds that resources say they are in: by their regions, and by the addresses of vaults.
///
/// The names of regions start with the country in the clouds that are not public.
/// Sources: <https://learn.microsoft.com/azure/azure-government/documentation-government-get-started-connect-with-cli> and
/// <https://learn.microsoft.com/azure/china/overview-datacenter> (read 2026-11-30).
pub(super) fn clouds_of(estate: &Estate) -> Vec<Cloud> {
    let mut found = Found { estate, names: Vec::new() };
    Tables::each_type(&mut found);
    for row in Vault::table(&estate.tables).values() {
        let host = row.resource.properties.vault_uri.as_deref().and_then(Url::parse).map(|url| url.host);
        let own = Cloud::known().into_iter().find(|cloud| host.is_some_and(|host| cloud.vault_of(host).is_some()));
        found.names.extend(own.map(|cloud| cloud.name));
    }
    found.names.sort_unstable();
    found.names.dedup();
    found.names.iter().filter_map(|name| Cloud::named(name)).collect()
}

struct Found<'e> {
    estate: &'e Estate,
    names: Vec<String>,
}

impl EachType for Found<'_> {
    fn visit<P: Modelled>(&mut self) {
        for row in P::table(&self.estate.tables).values() {
            let Some(cloud) = row.resource.location.as_deref().and_then(of_region) else { continue };
            if !self.names.iter().any(|name| name == cloud) {
                self.names.push(cloud.to_owned());
            }
        }
    }
}

/// The name of the cloud that has a region. Azure Stack calls its own region `local`, and some resources have none.
fn of_region(region: &str) -> Option<&'static str> {
    let region: String = region.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_lowercase();
    match region.as_str() {
        "" | "global" | "local" => None,
        region if region.starts_with("china") => Some("AzureChina"),
        region if region.starts_with("usgov") || region.starts_with("usdod") => Some("AzureUSGovernment"),
        _ => Some("AzurePublic"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_names_its_cloud() {
        for (region, cloud) in [
            ("China East 2", Some("AzureChina")),
            ("chinanorth3", Some("AzureChina")),
            ("USGov Virginia", Some("AzureUSGovernment")),
            ("usdodcentral", Some("AzureUSGovernment")),
            ("West Europe", Some("AzurePublic")),
            ("centralus", Some("AzurePublic")),
            ("global", None),
        ] {
            assert_eq!(of_region(region), cloud, "{region}");
        }
    }
}

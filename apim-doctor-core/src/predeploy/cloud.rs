//! The cloud that files are written for, where none is given.

use crate::knowledge::cloud::Cloud;
use crate::template::evaluation;
use crate::template::place::Files;

/// The endings of host names in each cloud.
const ENDINGS: [(&str, &[&str]); 3] = [
    ("AzurePublic", &["vault.azure.net", "vaultcore.azure.net", "core.windows.net"]),
    ("AzureUSGovernment", &[".usgovcloudapi.net"]),
    ("AzureChina", &[".chinacloudapi.cn", "vault.azure.cn", "vaultcore.azure.cn"]),
];

/// What has the ending of whichever cloud it is deployed to.
const COMPUTED: [&str; 4] = ["environment(", "vaulturi", "primaryendpoints", "vaultname="];

/// What files say of their cloud.
pub(super) enum Written {
    /// All host names in them belong to this cloud.
    Cloud(Box<Cloud>),
    /// They name hosts of several clouds.
    Several,
    /// Nothing.
    Nothing,
}

/// The cloud that the texts of files name.
pub(super) fn written(files: &Files) -> Written {
    let texts: Vec<String> = files.texts().map(str::to_ascii_lowercase).collect();
    let is_computed = texts.iter().any(|text| COMPUTED.iter().any(|word| text.contains(word)));
    let count = |endings: &[&str]| -> usize {
        texts.iter().flat_map(|text| endings.iter().map(|ending| text.matches(ending).count())).sum()
    };
    let counts = ENDINGS.iter().map(|(name, endings)| (*name, count(endings)));
    let named: Vec<(&str, usize)> = counts.filter(|(_, count)| *count > 0).collect();
    match named.as_slice() {
        // A single name beside computed ones may be the one that is wrong.
        [(one, count)] if *count > 1 || !is_computed => {
            Cloud::named(one).map_or(Written::Nothing, |cloud| Written::Cloud(Box::new(cloud)))
        }
        [] | [_] => Written::Nothing,
        _ => Written::Several,
    }
}

/// What expressions give in a cloud. A cloud of one's own is taken for the public one.
pub(super) fn evaluated_in(cloud: &Cloud) -> evaluation::Cloud {
    match cloud.name.as_str() {
        "AzureUSGovernment" => evaluation::Cloud::UsGovernment,
        "AzureChina" => evaluation::Cloud::China,
        _ => evaluation::Cloud::Public,
    }
}

/// The cloud that a plan's provider is set to, if it is another one than the default.
pub(super) fn provider_cloud(cloud: evaluation::Cloud) -> Option<Cloud> {
    match cloud {
        evaluation::Cloud::UsGovernment => Some(Cloud::us_government()),
        evaluation::Cloud::China => Some(Cloud::china()),
        evaluation::Cloud::Public => None,
    }
}

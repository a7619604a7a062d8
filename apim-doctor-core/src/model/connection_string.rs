//! Connection strings of storage accounts: the only reader of `AccountName=…;AccountKey=…`.
//!
//! Source: <https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string> (read 2026-11-22).

use crate::base::Url;
use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::model::form::{REDACTED, is_account_name, is_host, is_switch, service_url};

/// A connection string as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionString<'t>(pub &'t str);

/// Parts that are not secret if they have the expected form. Even the name of any other part may be a secret.
const PLAIN: &[&str] = &[
    "accountname",
    "blobendpoint",
    "defaultendpointsprotocol",
    "endpointsuffix",
    "fileendpoint",
    "queueendpoint",
    "tableendpoint",
    "usedevelopmentstorage",
];

/// Parts whose names are kept, without their values.
const SECRET: &[&str] = &["accountkey", "sharedaccesskey", "sharedaccesskeyname", "sharedaccesssignature"];

/// The URL of a service of an account. Without a suffix Azure's client libraries take the one of the public cloud,
/// wherever the app runs.
pub(crate) fn url_of_account(account: &str, subservice: Subservice) -> String {
    format!("https://{}", Cloud::public().host_of(subservice, account))
}

impl<'t> ConnectionString<'t> {
    /// Names and values, in order; a part without `=` has no value.
    fn parts(self) -> impl Iterator<Item = (&'t str, Option<&'t str>)> {
        let parts = self.0.split(';').filter(|part| !part.trim().is_empty());
        parts.map(|part| part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value))))
    }

    /// The value of a part, by its name without regard to case; an empty one counts as missing.
    pub(crate) fn part(self, name: &str) -> Option<&'t str> {
        let mut named = self.parts().filter_map(|(own, value)| Some((own, value?)));
        let found = named.find(|(own, _)| own.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The account's name, if it has the form of one.
    pub(crate) fn account(self) -> Option<&'t str> {
        self.part("AccountName").filter(|name| is_account_name(name))
    }

    /// The URL of a service: the one that is written, or the one that the account's name makes.
    pub(crate) fn url(self, subservice: Subservice) -> Option<String> {
        if let Some(url) = self.part(endpoint(subservice)?) {
            return (!url.contains(REDACTED)).then(|| url.trim_end_matches('/').to_owned());
        }
        match self.part("EndpointSuffix") {
            None => Some(url_of_account(self.account()?, subservice)),
            Some(REDACTED) => None,
            Some(suffix) => Some(format!("https://{}.{}.{suffix}", self.account()?, subservice.group_id())),
        }
    }

    /// Whether it stands for the storage emulator on a developer's machine.
    pub(crate) fn is_emulator(self) -> bool {
        self.part("UseDevelopmentStorage").is_some()
    }

    /// Whether it asks for plain HTTP.
    pub(crate) fn is_plain_http(self) -> bool {
        let endpoints = Subservice::STORAGE.into_iter().filter_map(endpoint);
        let is_http = |text: &str| Url::parse(text).map_or(text, |url| url.scheme).eq_ignore_ascii_case("http");
        endpoints.chain(["DefaultEndpointsProtocol"]).any(|name| self.part(name).is_some_and(is_http))
    }

    /// Whether it has an account key, and no signature beside it.
    pub(crate) fn has_key_alone(self) -> bool {
        self.part("AccountKey").is_some() && self.part("SharedAccessSignature").is_none()
    }

    /// Whether it has neither a key nor a signature, and no part of it was dropped.
    pub(crate) fn is_keyless(self) -> bool {
        let is_whole = self.parts().all(|(_, value)| value.is_some());
        is_whole && self.part("AccountKey").is_none() && self.part("SharedAccessSignature").is_none()
    }

    /// Whether the text has a part that only connection strings of storage accounts have.
    pub(crate) fn is_one(self) -> bool {
        self.parts().any(|(name, value)| value.is_some() && PLAIN.contains(&folded(name.trim_start()).as_str()))
    }

    /// The connection string without what may be secret in it.
    pub(crate) fn kept(self) -> String {
        let parts = self.parts().map(|(name, value)| {
            let (Some(value), own) = (value.map(str::trim), folded(name.trim())) else { return REDACTED.to_owned() };
            let kept = match own.as_str() {
                own if SECRET.contains(&own) => String::new(),
                own if !PLAIN.contains(&own) => return REDACTED.to_owned(),
                own if own.ends_with("endpoint") => service_url(value),
                "accountname" if is_account_name(value) => value.to_owned(),
                "endpointsuffix" if is_host(value) => value.to_owned(),
                "defaultendpointsprotocol" if ["http", "https"].contains(&folded(value).as_str()) => value.to_owned(),
                "usedevelopmentstorage" if is_switch(value) => value.to_owned(),
                _ => String::new(),
            };
            match kept.is_empty() && !value.is_empty() {
                true => format!("{name}={REDACTED}"),
                false => format!("{name}={kept}"),
            }
        });
        parts.collect::<Vec<_>>().join(";")
    }
}

/// The part that gives the URL of a service.
fn endpoint(subservice: Subservice) -> Option<&'static str> {
    match subservice {
        Subservice::Blob => Some("BlobEndpoint"),
        Subservice::File => Some("FileEndpoint"),
        Subservice::Queue => Some("QueueEndpoint"),
        Subservice::Table => Some("TableEndpoint"),
        Subservice::Vault => None,
    }
}

fn folded(text: &str) -> String {
    text.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_written_or_made_of_the_account() {
        let url = |text, subservice| ConnectionString(text).url(subservice);
        let by_name = "accountname = st1 ;AccountKey=a==";
        assert_eq!(url(by_name, Subservice::Blob).as_deref(), Some("https://st1.blob.core.windows.net"));
        let china = "AccountName=st1;EndpointSuffix=core.chinacloudapi.cn;QueueEndpoint=https://q.example.com/";
        assert_eq!(url(china, Subservice::Table).as_deref(), Some("https://st1.table.core.chinacloudapi.cn"));
        assert_eq!(url(china, Subservice::Queue).as_deref(), Some("https://q.example.com"));
        assert_eq!(url("BlobEndpoint=https://st1.blob.core.windows.net/", Subservice::File), None);
        assert_eq!(url("AccountName=st1;EndpointSuffix=<redacted>", Subservice::Blob), None);
    }

    #[test]
    fn keys_signatures_and_plain_http_are_seen() {
        assert!(ConnectionString("AccountName=st1;AccountKey=<redacted>").has_key_alone());
        assert!(!ConnectionString("AccountKey=<redacted>;SharedAccessSignature=<redacted>").has_key_alone());
        assert!(ConnectionString("AccountName=st1;").is_keyless());
        assert!(!ConnectionString("AccountName=st1;<redacted>").is_keyless());
        for http in ["DefaultEndpointsProtocol=HTTP;AccountName=st1", "TableEndpoint=http://st1.table.core.windows.net"]
        {
            assert!(ConnectionString(http).is_plain_http(), "{http}");
        }
        assert!(!ConnectionString("DefaultEndpointsProtocol=https").is_plain_http());
    }
}

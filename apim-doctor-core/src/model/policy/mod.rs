//! Policy documents: which of their calls reach a vault, with which identity, and what about them is not known.
//!
//! A text is scanned ([`scan`]) and reduced to the steps that matter ([`document`]). The documents of an instance are run
//! in the order in which the gateway runs them ([`effective`], [`run`], [`forward`]). Values are followed as far as they
//! are certain ([`resolve`], [`expression`]). What is recorded of a document is in [`kept`].
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/send-request-policy>,
//! <https://learn.microsoft.com/azure/api-management/set-backend-service-policy>,
//! <https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy>,
//! <https://learn.microsoft.com/azure/api-management/policy-fragments>,
//! <https://learn.microsoft.com/azure/api-management/backends> and
//! <https://learn.microsoft.com/azure/api-management/http-data-source-policy> (read 2026-11-29).

mod csharp;
mod document;
mod effective;
mod expression;
mod forward;
mod kept;
mod place;
mod policies;
mod resolve;
mod run;
mod scan;
mod value;

use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;
use crate::model::Gap;
use crate::model::api_management::{Api, Backend, NamedValue, Operation};

pub(crate) use effective::follow;
pub(crate) use kept::{kept_address, kept_document};

/// A policy document or fragment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'s> {
    /// Its id.
    pub id: &'s ResourceId,
    /// Its text; absent: Azure answered without one.
    pub text: Option<&'s str>,
    /// Its format.
    pub format: Option<&'s str>,
}

/// Everything that decides what the policies of one instance do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources<'s> {
    /// Policies and fragments.
    pub documents: Vec<Document<'s>>,
    /// Named values.
    pub named_values: Vec<(&'s ResourceId, &'s NamedValue)>,
    /// Backends.
    pub backends: Vec<(&'s ResourceId, &'s Backend)>,
    /// APIs.
    pub apis: Vec<(&'s ResourceId, &'s Api)>,
    /// Operations of APIs.
    pub operations: Vec<(&'s ResourceId, &'s Operation)>,
}

/// One call to a vault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// The document, or the API, that the call belongs to.
    pub of: ResourceId,
    /// Where it is declared, and the JSON pointer there.
    pub declared_at: (ResourceId, &'static str),
    /// The URL as far as it is known, without a query.
    pub url: String,
    /// Whether that is all of it.
    pub is_whole: bool,
    /// The HTTP method, where it is known.
    pub method: Option<String>,
    /// Whose token it carries.
    pub identity: Identity,
    /// Whether it goes through a proxy.
    pub is_proxied: bool,
}

/// Whose token a call carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Identity {
    /// A managed identity of the instance.
    Managed {
        /// Its client id; absent: the system-assigned one. What is computed starts with `@`.
        client_id: Option<String>,
        /// What the token is asked for. What is computed starts with `@`.
        audience: String,
    },
    /// Not known, and why.
    Unknown(Gap),
}

/// What the policies of an instance do with vaults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The calls that are decided.
    pub calls: Vec<Call>,
    /// What names a vault and is not decided.
    pub gaps: Vec<Gap>,
}

/// What stands for a value that the policy computes.
pub(crate) const COMPUTED: &str = "@(computed)";

/// Host names of vaults, by the clouds' suffixes.
#[derive(Clone, Debug)]
pub(crate) struct Vaults {
    /// What follows a vault's name, each with a dot in front.
    suffixes: Vec<String>,
    /// What a token for a vault is asked for.
    audiences: Vec<String>,
}

impl Vaults {
    /// The names that vaults have in this cloud and in those that Microsoft and its partner run.
    pub(crate) fn of(cloud: &Cloud) -> Self {
        let mut vaults = Self { suffixes: Vec::new(), audiences: Vec::new() };
        for cloud in Cloud::known().iter().chain([cloud]) {
            vaults.suffixes.push(format!(".{}", cloud.key_vault_suffix.to_ascii_lowercase()));
            vaults.suffixes.push(format!(".{}", cloud.vault_zone.to_ascii_lowercase()));
            vaults.audiences.push(cloud.key_vault_audience.trim_end_matches('/').to_ascii_lowercase());
        }
        vaults
    }

    /// Whether a text holds the end of a vault's host name.
    pub(crate) fn are_named_in(&self, text: &str) -> bool {
        let folded = text.to_ascii_lowercase();
        self.suffixes.iter().any(|suffix| {
            let bare = suffix.trim_start_matches('.');
            folded.match_indices(bare).any(|(at, _)| {
                // `https://vault.azure.net` is an audience, and no vault.
                let before = folded.get(..at).unwrap_or_default();
                !before.ends_with("//") && !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
            })
        })
    }

    /// Whether a text is what a token for a vault is asked for.
    pub(crate) fn are_audience(&self, text: &str) -> bool {
        let folded = text.trim().trim_end_matches('/').to_ascii_lowercase();
        self.audiences.contains(&folded)
    }

    /// Whether a text names a vault, or asks a token for one.
    pub(crate) fn concern(&self, text: &str) -> bool {
        let folded = text.to_ascii_lowercase();
        self.are_named_in(text) || self.audiences.iter().any(|audience| folded.contains(audience))
    }

    /// Whether a host, in lower case, is that of a vault.
    fn have(&self, host: &str) -> bool {
        let name = self.suffixes.iter().find_map(|suffix| host.strip_suffix(suffix.as_str()));
        name.is_some_and(|name| !name.is_empty())
    }

    /// Whether a text begins with the whole URL of a vault.
    pub(crate) fn begin(&self, text: &str) -> bool {
        host_of(text).is_some_and(|host| self.have(&host.to_ascii_lowercase()))
    }
}

/// The host at the beginning of a URL, as far as it is there.
fn host_of(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))?;
        text.get(scheme.len()..)
    })?;
    let host = rest.split(['/', '?', '#', ' ', '"']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    Some(host.split(':').next().unwrap_or_default().trim_end_matches('.'))
}

#[cfg(test)]
mod tests;

//! What the consumers of an app share: its settings, its ways out, its identity.
//!
//! Sources: <https://learn.microsoft.com/azure/app-service/overview-vnet-integration>,
//! <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> and
//! <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-21).

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::finding::Locator;
use crate::knowledge::trust::Scenario;
use crate::model::app_service::{Config, Site};
use crate::model::{Estate, Fact, Gap, Resource};
use crate::path::{AccessPath, Credential, Form, Integration, Moment, Origin, Wants};

/// An app or a slot, with what was read of its configuration.
pub(super) struct App<'e> {
    pub estate: &'e Estate,
    pub site: &'e Resource<Site>,
    /// `config/appsettings`, where somebody listed them.
    pub settings: Fact<&'e Resource<Config>>,
    /// `config/web`.
    web: Option<&'e Config>,
}

/// What leaves an app, as far as its way out is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Traffic {
    /// Key Vault references, which the platform fetches.
    References,
    /// What the app's own code and the Functions host send.
    Own,
    /// The content share.
    ContentShare,
}

impl<'e> App<'e> {
    /// The app with what was read of it; the gap where it was not.
    pub fn of(estate: &'e Estate, id: &ResourceId) -> Result<Self, Option<Gap>> {
        let site = match estate.get::<Site>(id) {
            Fact::Known(site) => site,
            Fact::Unknown(gap) => return Err(Some(gap)),
            Fact::Absent(_) => return Err(None),
        };
        let settings = estate.get::<Config>(&id.child("config", "appsettings"));
        let web = estate.get::<Config>(&id.child("config", "web")).known().map(|config| &config.properties);
        Ok(Self { estate, site, settings, web })
    }

    /// The settings, where somebody listed them.
    pub fn listed(&self) -> Option<&'e Resource<Config>> {
        match self.settings {
            Fact::Known(config) => Some(config),
            _ => None,
        }
    }

    /// Where a setting stands.
    pub fn setting_at(&self, name: &str) -> Locator {
        Locator::new(&self.site.id.child("config", "appsettings"), format!("/properties/{name}"))
    }

    /// Whether a switch among the settings is on; not known where nobody listed them.
    fn switch(&self, name: &str) -> Option<bool> {
        self.listed().map(|config| config.properties.is_on(name))
    }

    /// A path that starts here.
    pub fn path(&self, consumer: &'static str, label: String, declared_at: Locator, traffic: Traffic) -> AccessPath {
        AccessPath {
            consumer,
            resource: self.site.id.clone(),
            label,
            declared_at,
            moment: if traffic == Traffic::References { Moment::Rotation } else { Moment::Runtime },
            reference: String::new(),
            form: Form::Setting,
            credential: Credential::ManagedIdentity,
            client_id: None,
            client_id_at: Locator::new(&self.site.id, "/identity"),
            audience: None,
            origin: self.origin(traffic),
            location: None,
            scenario: Scenario::App,
            wants: Wants::AnySecret,
            addresses: self.addresses(),
            expiry: None,
            last: None,
            reads: true,
            unsupported: None,
            doubt: None,
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        let list = self.site.properties.possible_outbound_ip_addresses.as_deref().unwrap_or_default();
        list.split(',').filter_map(|text| text.trim().parse().ok()).collect()
    }

    /// The way out of some traffic.
    fn origin(&self, traffic: Traffic) -> Origin {
        let properties = &self.site.properties;
        if let Some(environment) = &properties.hosting_environment_profile {
            return Origin::Undetermined(Gap::new(
                format!("the subnet of App Service Environment `{}`, which the app lives in", environment.id.name()),
                format!("record `GET {}`", environment.id),
            ));
        }
        let Some(subnet) = &properties.virtual_network_subnet_id else {
            // Before that version an app did not say which subnet it is integrated with.
            if self.estate.is_older::<Site>(&self.site.id, "2021-02-01") {
                let what = format!("whether app `{}` is integrated with a subnet", self.site.name());
                return Origin::Undetermined(Gap::new(what, "record it again, with api-version 2024-11-01"));
            }
            return Origin::PublicEgress;
        };
        if traffic == Traffic::ContentShare {
            match self.content_over_network() {
                Ok(true) => {}
                Ok(false) => return Origin::PublicEgress,
                Err(gap) => return Origin::Undetermined(gap),
            }
        }
        let integration = Integration {
            // The share's own switch sends all of its traffic.
            routes_all: if traffic == Traffic::ContentShare { Ok(true) } else { self.routes_all() },
            public_first: traffic == Traffic::References,
            needs_all: traffic == Traffic::References && properties.reserved == Some(true),
            unproved: (properties.hyper_v == Some(true) && traffic == Traffic::References)
                .then_some("Key Vault references over a network in Windows containers"),
            dns_servers: self.dns_servers(),
        };
        Origin::Subnet {
            id: subnet.clone(),
            location: self.site.location.clone(),
            integration: Some(Box::new(integration)),
        }
    }

    /// Whether everything that the app sends enters its subnet. One of several switches is enough.
    fn routes_all(&self) -> Result<bool, Gap> {
        let properties = &self.site.properties;
        let routing = properties.outbound_vnet_routing.as_ref();
        let new = [routing.and_then(|r| r.all_traffic), routing.and_then(|r| r.application_traffic)];
        let old = [properties.vnet_route_all_enabled, properties.site_config.vnet_route_all_enabled];
        let web = self.web.map(|web| web.is_on("vnetRouteAllEnabled"));
        let setting = self.switch("WEBSITE_VNET_ROUTE_ALL");
        let known = new.into_iter().chain(old).chain([web, setting]).flatten();
        match known.clone().any(|on| on) {
            true => Ok(true),
            // The site's own answer is what counts; where it is silent, its configuration says it.
            false if routing.is_some() || web.is_some() || properties.vnet_route_all_enabled.is_some() => Ok(false),
            false => {
                let what = format!("whether app `{}` routes all its traffic into its subnet", self.site.name());
                Err(Gap::not_collected(&what, &format!("{}/config/web", self.site.id)))
            }
        }
    }

    /// Whether the content share is mounted through the subnet.
    fn content_over_network(&self) -> Result<bool, Gap> {
        let properties = &self.site.properties;
        let routing = properties.outbound_vnet_routing.as_ref();
        let new = [routing.and_then(|r| r.all_traffic), routing.and_then(|r| r.content_share_traffic)];
        let known = new.into_iter().chain([properties.vnet_content_share_enabled]).flatten();
        let setting = self.switch("WEBSITE_CONTENTOVERVNET");
        match (known.chain(setting).any(|on| on), setting) {
            (true, _) => Ok(true),
            (false, Some(_)) => Ok(false),
            (false, None) => Err(self.settings_unread("whether the content share is mounted through the subnet")),
        }
    }

    /// DNS servers of the app's own.
    fn dns_servers(&self) -> Option<(Vec<String>, Locator)> {
        let own = &self.site.properties.dns_configuration.dns_servers;
        if !own.is_empty() {
            return Some((own.clone(), Locator::new(&self.site.id, "/properties/dnsConfiguration/dnsServers")));
        }
        let settings = &self.listed()?.properties;
        let servers = ["WEBSITE_DNS_SERVER", "WEBSITE_DNS_ALT_SERVER"];
        let servers = servers.iter().filter_map(|name| settings.get(name)).filter(|server| !server.is_empty());
        let servers: Vec<String> = servers.map(str::to_owned).collect();
        (!servers.is_empty()).then(|| (servers, self.setting_at("WEBSITE_DNS_SERVER")))
    }

    /// What only the settings tell, which are not read without being asked for: they hold secrets.
    pub fn settings_unread(&self, what: &str) -> Gap {
        match &self.settings {
            Fact::Unknown(gap) if !gap.what.ends_with("was not collected") => gap.clone(),
            _ => Gap::new(
                format!("{what}: the settings of `{}` were not listed", self.site.name()),
                "collect again with `--read-settings`; only names, references and switches are kept",
            ),
        }
    }
}

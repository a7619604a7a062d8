//! What the consumers of an app share: its settings, its ways out, its identity.
//!
//! Sources: <https://learn.microsoft.com/azure/app-service/overview-vnet-integration>,
//! <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> and
//! <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-21).

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::finding::Locator;
use crate::knowledge::caller_kind::ConsumerKind;
use crate::knowledge::trust::TrustRule;
use crate::model::app_service::{Config, NetworkConfig, Plan, Site};
use crate::model::{ClosedBy, Estate, Fact, Gap, GapKind, Resource};
use crate::path::{AccessPath, Credential, DnsServers, Form, Integration, Moment, Origin, Outside, Wants};

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
    /// A package at a URL, which the platform fetches before the app starts.
    Package,
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

    /// Where a setting stands: the one that is written, where there is one for the key.
    pub fn setting_at(&self, name: &str) -> Locator {
        let name = self.listed().and_then(|config| config.properties.find(name)).map_or(name, |(own, _)| own);
        Locator::new(&self.site.id.child("config", "appsettings"), format!("/properties/{name}"))
    }

    /// Whether a switch among the settings is on; unknown if the settings were not listed.
    fn switch(&self, name: &str) -> Option<bool> {
        self.listed().map(|config| config.properties.is_on(name))
    }

    /// A path that starts here.
    pub fn path(&self, consumer: ConsumerKind, label: String, declared_at: Locator, traffic: Traffic) -> AccessPath {
        AccessPath {
            consumer,
            resource: self.site.id.clone(),
            label,
            declared_at,
            moment: if traffic == Traffic::References { Moment::Rotation } else { Moment::Runtime },
            reference: String::new(),
            form: Form::Setting,
            credential: Credential::SystemAssigned,
            credential_at: Locator::new(&self.site.id, "/identity"),
            audience: None,
            origin: self.origin(traffic),
            location: None,
            trust: TrustRule::Never,
            wants: Wants::AnySecret,
            addresses: self.addresses(),
            expiry: None,
            last: None,
            unsupported: None,
            recognized: Ok(()),
            doubt: None,
            shadow: None,
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
            return Origin::Undetermined(Gap::not_evaluated(format!(
                "the subnet of App Service Environment `{}`, in which the app runs",
                environment.id.name()
            )));
        }
        let site_name = self.site.name();
        let configured =
            self.estate.get::<NetworkConfig>(&self.site.id.child("networkConfig", "virtualNetwork")).known();
        let configured = configured.and_then(|config| config.properties.subnet_resource_id.as_ref());
        let own = properties.virtual_network_subnet_id.as_ref().filter(|id| !id.as_str().is_empty());
        if configured.is_some_and(|id| !id.as_str().is_empty() && Some(id) != own) {
            return Origin::Undetermined(
                Gap::contradictory(format!(
                    "which subnet app `{}` is integrated with: two collected answers differ",
                    self.site.name()
                ))
                .advise("collect the app again"),
            );
        }
        let Some(subnet) = own else {
            // Before that version an app did not say which subnet it is integrated with.
            if self.estate.is_older::<Site>(&self.site.id, "2021-02-01") {
                let what = format!(
                    "whether app `{}` is integrated with a subnet: it was collected with an old api-version",
                    self.site.name()
                );
                return Origin::Undetermined(Gap::incomplete(what, &self.site.id));
            }
            return Origin::PublicEgress(&Outside::APP);
        };
        let undecided = match traffic {
            Traffic::ContentShare => match self.content_over_network() {
                Ok(true) => None,
                Ok(false) => return Origin::PublicEgress(&Outside::APP),
                Err(gap) => Some(gap),
            },
            Traffic::Package => Some(Gap::undocumented(format!("whether the package of `{site_name}` is fetched through the subnet")).advise(
                "allow both the app's subnet and its public addresses at the storage account, or deploy the package to \
                 the app itself (`WEBSITE_RUN_FROM_PACKAGE` = `1`)",
            )),
            Traffic::References | Traffic::Own => None,
        };
        let integration = Integration {
            routes_all: match traffic {
                // One switch, or none, sends all of that traffic.
                Traffic::ContentShare | Traffic::Package => Ok(true),
                Traffic::References => self.routes_references(),
                Traffic::Own => self.routes_all(),
            },
            undecided,
            public_first: traffic == Traffic::References,
            needs_all: if traffic == Traffic::References { self.is_linux() } else { Ok(false) },
            unproved: if traffic == Traffic::References { self.in_windows_container() } else { Ok(None) },
            dns_servers: self.dns_servers(),
        };
        Origin::Subnet {
            id: subnet.clone(),
            location: self.site.location.clone(),
            integration: Some(Box::new(integration)),
        }
    }

    /// Whether it runs on a Flex Consumption plan. The app itself says it from api-version 2023-12-01 on; before that
    /// its plan does.
    pub fn is_flex(&self) -> Result<bool, Gap> {
        if self.site.properties.function_app_config.is_some() {
            return Ok(true);
        }
        if !self.estate.is_older::<Site>(&self.site.id, "2023-12-01") {
            return Ok(false);
        }
        let unsaid = || self.unsaid("whether the app runs on a Flex Consumption plan", "serverFarmId");
        let plan = self.site.properties.server_farm_id.as_ref().ok_or_else(unsaid)?;
        match self.estate.get::<Plan>(plan) {
            Fact::Known(plan) => {
                let tier = plan.sku.as_ref().and_then(|sku| sku.tier.as_deref()).unwrap_or_default();
                Ok(tier.eq_ignore_ascii_case("FlexConsumption"))
            }
            Fact::Unknown(gap) => Err(gap),
            Fact::Absent(_) => Err(unsaid()),
        }
    }

    /// Whether references enter the subnet: on Flex Consumption "this routing is done automatically, and additional
    /// configuration isn't required".
    /// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-29).
    fn routes_references(&self) -> Result<bool, Gap> {
        match (self.is_flex(), self.routes_all()) {
            (Ok(true), _) | (_, Ok(true)) => Ok(true),
            (Err(gap), _) => Err(gap),
            (Ok(false), routes_all) => routes_all,
        }
    }

    /// Whether everything that the app sends enters its subnet. One of several switches is enough.
    fn routes_all(&self) -> Result<bool, Gap> {
        let properties = &self.site.properties;
        let routing = properties.outbound_vnet_routing.as_ref();
        let new = [routing.and_then(|r| r.all_traffic), routing.and_then(|r| r.application_traffic)];
        let old = [properties.vnet_route_all_enabled, properties.site_config.vnet_route_all_enabled];
        let web = self.web.filter(|web| web.get("vnetRouteAllEnabled").is_some());
        let web = web.map(|web| web.is_on("vnetRouteAllEnabled"));
        let setting = self.switch("WEBSITE_VNET_ROUTE_ALL");
        let said = new.into_iter().chain(old).chain([web]).flatten();
        // What says that it is off, says so of the app; a setting that was not collected could still turn it on. That the
        // setting is not there says nothing of the properties.
        let off = said.clone().next().is_some() && (setting.is_some() || web == Some(false));
        match said.chain(setting).any(|on| on) {
            true => Ok(true),
            false if self.is_flex() == Ok(true) => Err(Gap::undocumented(format!(
                "whether app `{}`, on Flex Consumption, automatically routes all its traffic through its subnet",
                self.site.name()
            ))
            .advise("set `outboundVnetRouting.applicationTraffic` to `true`")),
            false if off => Ok(false),
            false => {
                let name = self.site.name();
                let what = format!("configuration `web` of app `{name}`");
                Err(Gap::not_collected(what, &self.site.id.child("config", "web"))
                    .leaves_open(format!("whether app `{name}` routes all its traffic through its subnet")))
            }
        }
    }

    /// Whether the content share is mounted through the subnet.
    fn content_over_network(&self) -> Result<bool, Gap> {
        let properties = &self.site.properties;
        let routing = properties.outbound_vnet_routing.as_ref();
        let new = [routing.and_then(|r| r.all_traffic), routing.and_then(|r| r.content_share_traffic)];
        let known: Vec<bool> = new.into_iter().chain([properties.vnet_content_share_enabled]).flatten().collect();
        let setting = self.switch("WEBSITE_CONTENTOVERVNET");
        match (known.iter().copied().chain(setting).any(|on| on), setting) {
            (true, _) => Ok(true),
            (false, Some(_)) if known.is_empty() => {
                Err(self.unsaid("whether the app mounts the content share through its subnet", "outboundVnetRouting"))
            }
            (false, Some(_)) => Ok(false),
            (false, None) => Err(self.settings_unread("whether the app mounts the content share through its subnet")),
        }
    }

    /// DNS servers of the app's own: a property, or a setting that says the same.
    fn dns_servers(&self) -> Result<DnsServers, Gap> {
        let property = &self.site.properties.dns_configuration;
        let at = || Locator::new(&self.site.id, "/properties/dnsConfiguration/dnsServers");
        let setting = |name: &str| {
            let list = self.listed().and_then(|config| config.properties.get(name)).unwrap_or_default();
            list.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let (set, alternative) = (setting("WEBSITE_DNS_SERVER"), setting("WEBSITE_DNS_ALT_SERVER"));
        let of_property: Vec<String> = property.dns_alt_server.iter().filter(|s| !s.is_empty()).cloned().collect();
        let differ = |a: &Vec<String>, b: &Vec<String>| !a.is_empty() && !b.is_empty() && a != b;
        if differ(&property.dns_servers, &set) || differ(&of_property, &alternative) {
            let what =
                format!("which DNS servers app `{}` uses: its setting and its property differ", self.site.name());
            return Err(Gap::ambiguous(what).advise("keep one of `dnsConfiguration` and `WEBSITE_DNS_SERVER`"));
        }
        let own = match (property.dns_servers.is_empty(), set.is_empty()) {
            (false, _) => Some((property.dns_servers.clone(), at())),
            (true, false) => Some((set, self.setting_at("WEBSITE_DNS_SERVER"))),
            (true, true) => None,
        };
        Ok(DnsServers { own, alternative: if of_property.is_empty() { alternative } else { of_property } })
    }

    /// Whether it runs on Linux, by what the app, its kind or its plan says.
    pub fn is_linux(&self) -> Result<bool, Gap> {
        let kind = self.site.kind.as_deref().map(str::to_ascii_lowercase);
        let said = self.site.properties.reserved.or(kind.map(|kind| kind.contains("linux")));
        said.ok_or_else(|| self.unsaid("whether the app runs on Linux", "reserved"))
    }

    /// A feature that is not known to work in a Windows container, where it runs in one.
    fn in_windows_container(&self) -> Result<Option<&'static str>, Gap> {
        let kind = self.site.kind.as_deref().map(str::to_ascii_lowercase);
        let by_kind = kind.map(|kind| kind.contains("container") && kind.contains("windows"));
        let said = self.site.properties.hyper_v.or(by_kind);
        let is_container = said.ok_or_else(|| self.unsaid("whether the app runs in a Windows container", "hyperV"))?;
        Ok(is_container.then_some("Key Vault references over a network in Windows containers"))
    }

    fn unsaid(&self, what: &str, property: &str) -> Gap {
        let property = format!("`{property}` of app `{}`", self.site.name());
        Gap::not_collected(property, &self.site.id).leaves_open(what)
    }

    /// What only the settings tell, which are not read without being asked for: they hold secrets.
    pub fn settings_unread(&self, what: &str) -> Gap {
        match &self.settings {
            Fact::Unknown(gap) if gap.kind() != GapKind::NotCollected => gap.clone(),
            _ => Gap::not_collected(
                format!("the list of settings of `{}`", self.site.name()),
                ClosedBy::Collect(self.site.id.clone(), "--read-settings"),
            )
            .leaves_open(what),
        }
    }
}

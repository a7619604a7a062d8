//! Which traffic of an app enters the subnet that the app is integrated with.
//!
//! Sources: <https://learn.microsoft.com/azure/app-service/overview-vnet-integration>,
//! <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> and
//! <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-21).

use crate::base::ResourceId;
use crate::eval::app::App;
use crate::finding::Locator;
use crate::model::Gap;
use crate::model::app_service::{NetworkConfig, Site};

/// Kinds of traffic that an app can route differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// Key Vault references, which the platform fetches.
    References,
    /// Requests of the app's code and the Functions host.
    Own,
    /// The content share.
    ContentShare,
    /// A package at a URL, which the platform fetches before the app starts.
    Package,
}

/// From where traffic of an app leaves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Egress {
    /// From the app's public addresses.
    Public,
    /// From the subnet that the app is integrated with.
    Subnet(ResourceId, Box<Integration>),
    /// It is not known.
    Undetermined(Gap),
}

/// How an app that is integrated with a subnet sends its traffic.
///
/// Source: <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> (read 2026-11-21).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Integration {
    /// Whether everything enters the subnet, or only what goes to private addresses and over service endpoints.
    pub routes_all: Result<bool, Gap>,
    /// Whether the public route is tried first, and the subnet only if that is closed.
    pub public_first: bool,
    /// Whether the app has to route everything to reach a private endpoint, because it runs on Linux.
    pub needs_all: Result<bool, Gap>,
    /// The feature that is not known to work over the subnet of this kind of app.
    pub unproved: Result<Option<&'static str>, Gap>,
    /// The app's own DNS servers.
    pub dns_servers: Result<DnsServers, Gap>,
    /// Why it is not known whether this traffic enters the subnet at all. Both ways are then possible, and all of the
    /// traffic takes the same one.
    pub undecided: Option<Gap>,
}

/// An app's own DNS servers.
///
/// Source: <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-22).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DnsServers {
    /// The servers that are asked instead of the network's, and where they are set.
    pub own: Option<(Vec<String>, Locator)>,
    /// The servers that are asked after those.
    pub alternative: Vec<String>,
}

/// Evaluates from where traffic of an app leaves.
pub(crate) fn egress(app: &App<'_>, traffic: Traffic) -> Egress {
    let properties = &app.site.properties;
    if let Some(environment) = &properties.hosting_environment_profile {
        return Egress::Undetermined(Gap::not_evaluated(format!(
            "the subnet of App Service Environment `{}`, in which the app runs",
            environment.id.name()
        )));
    }
    let site_name = app.site.name();
    let configured = app.estate.get::<NetworkConfig>(&app.site.id.child("networkConfig", "virtualNetwork")).known();
    let configured = configured.and_then(|config| config.properties.subnet_resource_id.as_ref());
    let own = properties.virtual_network_subnet_id.as_ref().filter(|id| !id.as_str().is_empty());
    if configured.is_some_and(|id| !id.as_str().is_empty() && Some(id) != own) {
        return Egress::Undetermined(
            Gap::contradictory(format!(
                "which subnet app `{}` is integrated with: two collected answers differ",
                app.site.name()
            ))
            .advise("collect the app again"),
        );
    }
    let Some(subnet) = own else {
        // Before that version, an app did not show which subnet it is integrated with.
        if app.estate.is_older::<Site>(&app.site.id, "2021-02-01") {
            let what = format!(
                "whether app `{}` is integrated with a subnet: it was collected with an old api-version",
                app.site.name()
            );
            return Egress::Undetermined(Gap::incomplete(what, &app.site.id));
        }
        return Egress::Public;
    };
    let undecided = match traffic {
        Traffic::ContentShare => match content_over_network(app) {
            Ok(true) => None,
            Ok(false) => return Egress::Public,
            Err(gap) => Some(gap),
        },
        Traffic::Package => Some(
            Gap::undocumented(format!("whether the package of `{site_name}` is fetched through the subnet")).advise(
                "allow both the app's subnet and its public addresses at the storage account, or deploy the package to \
                 the app itself (`WEBSITE_RUN_FROM_PACKAGE` = `1`)",
            ),
        ),
        Traffic::References | Traffic::Own => None,
    };
    let integration = Integration {
        routes_all: match traffic {
            // One switch, or none, sends all of that traffic.
            Traffic::ContentShare | Traffic::Package => Ok(true),
            Traffic::References => routes_references(app),
            Traffic::Own => routes_all(app),
        },
        undecided,
        public_first: traffic == Traffic::References,
        needs_all: if traffic == Traffic::References { app.is_linux() } else { Ok(false) },
        unproved: if traffic == Traffic::References { in_windows_container(app) } else { Ok(None) },
        dns_servers: dns_servers(app),
    };
    Egress::Subnet(subnet.clone(), Box::new(integration))
}

/// Whether references enter the subnet: on Flex Consumption "this routing is done automatically, and additional
/// configuration isn't required".
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-29).
fn routes_references(app: &App<'_>) -> Result<bool, Gap> {
    match (app.is_flex(), routes_all(app)) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Err(gap), _) => Err(gap),
        (Ok(false), routes_all) => routes_all,
    }
}

/// Whether everything that the app sends enters its subnet. One of several switches is enough to turn this on.
fn routes_all(app: &App<'_>) -> Result<bool, Gap> {
    let properties = &app.site.properties;
    let routing = properties.outbound_vnet_routing.as_ref();
    let new = [routing.and_then(|r| r.all_traffic), routing.and_then(|r| r.application_traffic)];
    let old = [properties.vnet_route_all_enabled, properties.site_config.vnet_route_all_enabled];
    let web = app.web.filter(|web| web.get("vnetRouteAllEnabled").is_some());
    let web = web.map(|web| web.is_on("vnetRouteAllEnabled"));
    let setting = app.switch("WEBSITE_VNET_ROUTE_ALL");
    let said = new.into_iter().chain(old).chain([web]).flatten();
    // A property that is off is about the app; a setting that was not collected could still turn routing on. A missing
    // setting proves nothing about the properties.
    let off = said.clone().next().is_some() && (setting.is_some() || web == Some(false));
    match said.chain(setting).any(|on| on) {
        true => Ok(true),
        false if app.is_flex() == Ok(true) => Err(Gap::undocumented(format!(
            "whether app `{}`, on Flex Consumption, automatically routes all its traffic through its subnet",
            app.site.name()
        ))
        .advise("set `outboundVnetRouting.applicationTraffic` to `true`")),
        false if off => Ok(false),
        false => {
            let name = app.site.name();
            let what = format!("configuration `web` of app `{name}`");
            Err(Gap::not_collected(what, &app.site.id.child("config", "web"))
                .leaves_open(format!("whether app `{name}` routes all its traffic through its subnet")))
        }
    }
}

/// Whether the content share is mounted through the subnet.
fn content_over_network(app: &App<'_>) -> Result<bool, Gap> {
    let properties = &app.site.properties;
    let routing = properties.outbound_vnet_routing.as_ref();
    let new = [routing.and_then(|r| r.all_traffic), routing.and_then(|r| r.content_share_traffic)];
    let known: Vec<bool> = new.into_iter().chain([properties.vnet_content_share_enabled]).flatten().collect();
    let setting = app.switch("WEBSITE_CONTENTOVERVNET");
    match (known.iter().copied().chain(setting).any(|on| on), setting) {
        (true, _) => Ok(true),
        (false, Some(_)) if known.is_empty() => {
            Err(app.unsaid("whether the app mounts the content share through its subnet", "outboundVnetRouting"))
        }
        (false, Some(_)) => Ok(false),
        (false, None) => Err(app.settings_unread("whether the app mounts the content share through its subnet")),
    }
}

/// The app's own DNS servers: a property, or a setting with the same meaning.
fn dns_servers(app: &App<'_>) -> Result<DnsServers, Gap> {
    let property = &app.site.properties.dns_configuration;
    let at = || Locator::new(&app.site.id, "/properties/dnsConfiguration/dnsServers");
    let setting = |name: &str| {
        let list = app.listed().and_then(|config| config.properties.get(name)).unwrap_or_default();
        list.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (set, alternative) = (setting("WEBSITE_DNS_SERVER"), setting("WEBSITE_DNS_ALT_SERVER"));
    let of_property: Vec<String> = property.dns_alt_server.iter().filter(|s| !s.is_empty()).cloned().collect();
    let differ = |a: &Vec<String>, b: &Vec<String>| !a.is_empty() && !b.is_empty() && a != b;
    if differ(&property.dns_servers, &set) || differ(&of_property, &alternative) {
        let what = format!("which DNS servers app `{}` uses: its setting and its property differ", app.site.name());
        return Err(Gap::ambiguous(what).advise("keep one of `dnsConfiguration` and `WEBSITE_DNS_SERVER`"));
    }
    let own = match (property.dns_servers.is_empty(), set.is_empty()) {
        (false, _) => Some((property.dns_servers.clone(), at())),
        (true, false) => Some((set, app.setting_at("WEBSITE_DNS_SERVER"))),
        (true, true) => None,
    };
    Ok(DnsServers { own, alternative: if of_property.is_empty() { alternative } else { of_property } })
}

/// The feature that is not known to work in a Windows container, if the app runs in one.
fn in_windows_container(app: &App<'_>) -> Result<Option<&'static str>, Gap> {
    let kind = app.site.kind.as_deref().map(str::to_ascii_lowercase);
    let by_kind = kind.map(|kind| kind.contains("container") && kind.contains("windows"));
    let said = app.site.properties.hyper_v.or(by_kind);
    let is_container = said.ok_or_else(|| app.unsaid("whether the app runs in a Windows container", "hyperV"))?;
    Ok(is_container.then_some("Key Vault references over a network in Windows containers"))
}

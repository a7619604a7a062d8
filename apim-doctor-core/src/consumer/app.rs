//! What the access paths of an app's features have in common.

use std::net::IpAddr;

use crate::eval::app::App;
use crate::eval::app_routing::{self, Egress, Traffic};
use crate::finding::Locator;
use crate::knowledge::caller_kind::ConsumerKind;
use crate::knowledge::trust::TrustRule;
use crate::path::{AccessPath, Credential, Form, Moment, Origin, Outside, Wants};

/// Returns a path that starts at an app. A consumer changes the members that differ.
pub(super) fn path_from(
    app: &App<'_>,
    consumer: ConsumerKind,
    label: String,
    declared_at: Locator,
    traffic: Traffic,
) -> AccessPath {
    AccessPath {
        consumer,
        resource: app.site.id.clone(),
        label,
        declared_at,
        moment: if traffic == Traffic::References { Moment::Rotation } else { Moment::Runtime },
        reference: String::new(),
        form: Form::Setting,
        credential: Credential::SystemAssigned,
        credential_at: Locator::new(&app.site.id, "/identity"),
        audience: None,
        origin: origin(app, traffic),
        location: None,
        trust: TrustRule::Never,
        wants: Wants::AnySecret,
        addresses: addresses(app),
        expiry: None,
        last: None,
        unsupported: None,
        recognized: Ok(()),
        doubt: None,
        shadow: None,
        backup: None,
    }
}

fn addresses(app: &App<'_>) -> Vec<IpAddr> {
    let list = app.site.properties.possible_outbound_ip_addresses.as_deref().unwrap_or_default();
    list.split(',').filter_map(|text| text.trim().parse().ok()).collect()
}

/// Declares where traffic of an app leaves from.
fn origin(app: &App<'_>, traffic: Traffic) -> Origin {
    match app_routing::egress(app, traffic) {
        Egress::Public => Origin::PublicEgress(&Outside::APP),
        Egress::Undetermined(gap) => Origin::Undetermined(gap),
        Egress::Subnet(id, integration) => {
            Origin::Subnet { id, location: app.site.location.clone(), integration: Some(integration) }
        }
    }
}

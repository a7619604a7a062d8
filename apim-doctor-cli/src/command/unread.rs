//! What was asked and not answered, for a person who asked for it.

use apim_doctor_core::recording::Exchange;
use apim_doctor_core::{Cloud, ResourceId};

use crate::input::Failure;

/// What can be named, in lower case.
const INSTANCES: [&str; 4] = [
    "microsoft.apimanagement/service",
    "microsoft.web/sites",
    "microsoft.web/sites/slots",
    "microsoft.web/certificates",
];

/// Whether any instance was read, or what is below one.
pub fn has_instance(exchanges: &[Exchange]) -> bool {
    let providers = ["/providers/microsoft.apimanagement/service/", "/providers/microsoft.web/"];
    let is_below = |request: &str| providers.iter().any(|provider| request.to_ascii_lowercase().contains(provider));
    exchanges.iter().any(|exchange| exchange.status == 200 && is_below(&exchange.request))
}

/// Why no instance was read, and what to do.
pub fn no_instance(exchanges: &[Exchange], name: Option<&str>) -> Failure {
    let named = name.map(|name| format!(" `{name}`")).unwrap_or_default();
    let search = exchanges.iter().find(|exchange| is_search(exchange));
    if let Some(search) = search.filter(|search| search.status != 200) {
        return Failure::Usage {
            message: format!(
                "whether there is an API Management instance or app{named} is not known: the search for it was {}",
                why(search)
            ),
            help: "give its resource id; the portal shows it under Properties".to_owned(),
        };
    }
    let unread = exchanges.iter().find(|exchange| exchange.status != 200 && is_instance(exchange));
    match (unread, search) {
        (Some(unread), _) if unread.status == 404 => Failure::Usage {
            message: "no API Management instance or app was read: there is none with this id, or you may not see it"
                .to_owned(),
            help: "check the resource id, and sign in to its tenant (`az login --tenant …`)".to_owned(),
        },
        (Some(unread), _) => Failure::Usage {
            message: format!("no API Management instance or app{named} was read: reading was {}", why(unread)),
            help: match unread.status {
                403 => "have Reader assigned there, or the role that `apim-doctor permissions` prints",
                401 => "sign in to its tenant (`az login --tenant …`)",
                _ => "try again, with a longer `--timeout` where the time was up",
            }
            .to_owned(),
        },
        (None, Some(_)) => Failure::Usage {
            message: format!("no API Management instance or app{named} was found among what you may read"),
            help: "sign in to its tenant (`az login --tenant …`), or give its resource id".to_owned(),
        },
        (None, None) => Failure::Usage {
            message: "no API Management instance or app was read: the subscription has none, or you may not see it"
                .to_owned(),
            help: "check the subscription, or give an instance's resource id".to_owned(),
        },
    }
}

/// Whether an exchange is the search for an instance by its name.
fn is_search(exchange: &Exchange) -> bool {
    let query = exchange.send.as_ref().and_then(|send| send.get("query")?.as_str());
    query.is_some_and(|query| query.contains("'microsoft.apimanagement/service'"))
}

/// Whether an exchange is the read of an instance or an app, or of the list of a subscription's.
fn is_instance(exchange: &Exchange) -> bool {
    let path = exchange.request.strip_prefix("GET ").unwrap_or_default().split('?').next().unwrap_or_default();
    let id = ResourceId::new(path);
    INSTANCES.contains(&id.resource_type().to_ascii_lowercase().as_str())
}

/// What vaults were asked and did not tell, in one line each: without it, `--ask-vault` seems to have done nothing.
pub fn of_vaults(exchanges: &[Exchange], cloud: &Cloud) -> Vec<String> {
    let silent = exchanges.iter().filter_map(|exchange| {
        let (host, path) = exchange.request.strip_prefix("GET https://")?.split_once('/')?;
        let path = path.split('?').next().unwrap_or_default();
        // "Not found" is an answer.
        let is_silent = cloud.vault_of(host).is_some() && ![200, 404].contains(&exchange.status);
        is_silent.then(|| format!("vault `{host}` did not tell `/{path}`: {}", why(exchange)))
    });
    silent.collect()
}

/// Why there is no answer to a request, as it follows "was".
fn why(exchange: &Exchange) -> String {
    let text = |pointer: &str| exchange.body.as_ref()?.pointer(pointer)?.as_str();
    let code = text("/error/innererror/code").or_else(|| text("/error/code")).unwrap_or_default();
    let message = text("/error/message").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    match exchange.status {
        0 => format!("not answered ({message})"),
        status @ (401 | 403) => format!("refused ({status} {code})"),
        status => format!("answered with {status} {code}"),
    }
}

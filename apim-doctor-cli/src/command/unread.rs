//! Explains requests that returned no data.

use apim_doctor_core::recording::{Exchange, NOT_ASKED};
use apim_doctor_core::{CallerKind, Cloud, ResourceId};

use crate::failure::Failure;

/// Whether any caller was read, or what is below one.
pub(super) fn has_caller(exchanges: &[Exchange]) -> bool {
    let is_within = |exchange: &Exchange| read_of(exchange).scopes().any(|id| CallerKind::of(&id).is_some());
    let is_empty = |exchange: &Exchange| {
        exchange.body.as_ref().and_then(|body| body.get("value")?.as_array()?.is_empty().then_some(())).is_some()
    };
    exchanges.iter().any(|exchange| exchange.status == 200 && is_within(exchange) && !is_empty(exchange))
}

/// How much of what was asked about callers was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// All of it; a refusal is an answer.
    All,
    /// Not all: another try may bring more.
    Partly,
    /// A token was refused, or no request about the callers was answered.
    Nothing,
}

/// How much of what Resource Manager was asked about these callers was answered. A refusal that names another tenant is an
/// answer. Other services do not count: they may refuse a token that is good for Resource Manager, or be out of reach.
pub(super) fn answered(exchanges: &[Exchange], callers: &[ResourceId]) -> Answered {
    let code = |exchange: &Exchange| Some(exchange.body.as_ref()?.pointer("/error/code")?.as_str()?.to_owned());
    let is_asked =
        |exchange: &&Exchange| !exchange.request.contains(" https://") && code(exchange).as_deref() != Some(NOT_ASKED);
    let asked = || exchanges.iter().filter(is_asked);
    let is_refused = |exchange: &Exchange| {
        exchange.status == 401 && code(exchange).as_deref() != Some("InvalidAuthenticationTokenTenant")
    };
    let is_open = |exchange: &Exchange| matches!(exchange.status, 0 | 429 | 500..);
    let is_own = |exchange: &&Exchange| callers.iter().any(|caller| read_of(exchange).is_within(caller));
    let mut own = asked().filter(is_own).peekable();
    match asked().any(is_open) {
        _ if asked().any(is_refused) => Answered::Nothing,
        false => Answered::All,
        true if own.peek().is_some() && own.all(is_open) => Answered::Nothing,
        true => Answered::Partly,
    }
}

/// Explains why no caller was read, and what to do.
pub(super) fn no_caller(exchanges: &[Exchange], name: Option<&str>) -> Failure {
    let named = name.map(|name| format!(" `{name}`")).unwrap_or_default();
    let callers = CallerKind::named();
    let search = exchanges.iter().find(|exchange| is_search(exchange));
    if let Some(search) = search.filter(|search| search.status != 200) {
        return Failure::Usage {
            message: format!("could not search for {callers}{named}: the request was {}", why(search)),
            help: "give its resource id, which the portal shows under Properties".to_owned(),
        };
    }
    let unread = exchanges.iter().find(|exchange| exchange.status != 200 && is_caller(exchange));
    match (unread, search) {
        (Some(unread), _) if unread.status == 404 => Failure::Usage {
            message: format!("no {callers} was read: none has this id, or you have no access to it"),
            help: "check the resource id, and sign in to its tenant (`az login --tenant …`)".to_owned(),
        },
        (Some(unread), _) => Failure::Usage {
            message: format!("no {callers}{named} was read: the request was {}", why(unread)),
            help: match unread.status {
                403 => "ask for the Reader role on it, or for the role that `apim-doctor permissions` prints",
                401 => "sign in to its tenant (`az login --tenant …`)",
                _ => "try again; if the time limit was reached, use a longer `--timeout`",
            }
            .to_owned(),
        },
        (None, Some(_)) => Failure::Usage {
            message: format!("no {callers}{named} was found among the resources that you can read"),
            help: "sign in to its tenant (`az login --tenant …`), or give its resource id".to_owned(),
        },
        (None, None) => Failure::Usage {
            message: format!("no {callers} was read: the subscription has none, or you have no access to it"),
            help: "check the subscription, or give a resource id".to_owned(),
        },
    }
}

/// Whether an exchange is the search for a caller by its name.
fn is_search(exchange: &Exchange) -> bool {
    let query = exchange.send.as_ref().and_then(|send| send.get("query")?.as_str());
    let types = CallerKind::ALL.into_iter().flat_map(|kind| kind.resource_types());
    query.is_some_and(|query| types.into_iter().any(|name| query.contains(&format!("'{name}'"))))
}

/// Whether an exchange is the read of a caller, or of the list of a subscription's.
fn is_caller(exchange: &Exchange) -> bool {
    CallerKind::of(&read_of(exchange)).is_some()
}

/// The resource or list that an exchange reads.
fn read_of(exchange: &Exchange) -> ResourceId {
    let path = exchange.request.split_once(' ').map_or("", |(_, target)| target);
    ResourceId::new(path.split('?').next().unwrap_or_default())
}

/// Requests to vaults that returned nothing, one line each. Without them, `--ask-vault` seems to have done nothing.
pub(super) fn of_vaults(exchanges: &[Exchange], cloud: &Cloud) -> Vec<String> {
    let silent = exchanges.iter().filter_map(|exchange| {
        let (host, path) = exchange.request.strip_prefix("GET https://")?.split_once('/')?;
        let path = path.split('?').next().unwrap_or_default();
        // "Not found" is an answer.
        let is_silent = cloud.vault_of(host).is_some() && ![200, 404].contains(&exchange.status);
        is_silent.then(|| format!("could not read `/{path}` of vault `{host}`: {}", why(exchange)))
    });
    silent.collect()
}

/// Why a request has no answer, as it follows "was".
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

//! `probe`: tests the connection from this machine to a vault or a storage account.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use apim_doctor_core::live::probe::judge::{Level, Trouble};
use apim_doctor_core::live::probe::{Question, Seen, look};
use apim_doctor_core::recording::{KEPT, Snapshot, Vantage};
use azure_core::credentials::TokenCredential;
use jiff::Timestamp;

use crate::args::Named;
use crate::args::{FailOn, Format, Probe};
use crate::cloud::{self, Chosen};
use crate::command::options::cloud_file;
use crate::credential::Chain;
use crate::exit::{Status, levels};
use crate::failure::Failure;
use crate::files;
use crate::network::Further;
use crate::render::probe;
use crate::{network, output};

/// Runs `probe`.
pub(super) fn run(args: &Probe) -> Result<Status, Failure> {
    let (host, port) = host(&args.host)?;
    let to = args.output_file.as_deref().unwrap_or(Path::new("-"));
    files::apart(&cloud_file(args.cloud.as_deref()), &[Named { option: "--output-file", path: to }])?;
    if args.vantage.is_some() && args.output != Format::Json && !args.quiet {
        output::say("`--vantage` only applies to a recording: add `-o json`");
    }
    let chosen = cloud::choose(args.cloud.as_deref())?;
    // A request may need a connection and TLS before it is answered.
    let outlet =
        network::outlet(&chosen, args.timeout * 2, Further { storage_tokens: args.as_identity, ..Further::default() })?;
    let Chosen { name, cloud, connection } = chosen;
    let chain = args.as_identity.then(|| Arc::new(Chain::new(args.auth, &cloud, outlet.clone(), None)));
    let mut question = Question::new(&host, cloud, outlet);
    question.port = port;
    question.connection = connection;
    question.servers = args.server.clone();
    question.step = args.timeout;
    question.proxy = proxy(&host);
    question.identity = chain.clone().map(|chain| chain as Arc<dyn TokenCredential>);
    let taken_at = Timestamp::now();
    let seen = network::run(look(question))?;
    let mut signed_in = seen.signed_in();
    if let Some(signed_in) = &mut signed_in {
        signed_in.credential = chain.as_ref().and_then(|chain| chain.answered()).map(str::to_owned);
    }
    let troubles = seen.troubles();
    output::write(args.output_file.as_deref(), |page| match args.output {
        Format::Json => {
            let mut snapshot = Snapshot::new(seen.exchanges());
            snapshot.kept = Some(KEPT);
            snapshot.taken_at = Some(taken_at);
            snapshot.cloud = Some(name);
            snapshot.tenant_id = signed_in.as_ref().and_then(|signed_in| signed_in.tenant_id.clone());
            snapshot.signed_in = signed_in;
            snapshot.vantage = args.vantage.clone().map(Vantage::new);
            snapshot.dns = seen.dns();
            snapshot.probes = seen.probes();
            page.json(&snapshot)
        }
        Format::Terminal => probe::print(&seen, &troubles, args, page),
    })?;
    Ok(status(&seen, &troubles, levels(&args.fail_on, &[FailOn::Error])))
}

fn status(seen: &Seen, troubles: &[Trouble], fail_on: &[FailOn]) -> Status {
    let any = |level| troubles.iter().any(|trouble| trouble.level <= level);
    let holds = |level: &FailOn| match level {
        FailOn::Never => false,
        FailOn::Error => any(Level::Error),
        FailOn::Warning => any(Level::Warning),
        // A host that is nothing of the cloud was not asked what it thinks of a caller.
        FailOn::Unknown => any(Level::Error) || seen.is_unclear(),
    };
    if fail_on.iter().any(holds) { Status::Found } else { Status::Clean }
}

/// Host and port of what was typed: a name, a name with a port, or a URL of which only that much is used.
fn host(typed: &str) -> Result<(String, u16), Failure> {
    let rest = typed.trim();
    let rest = ["https://", "http://"].iter().find_map(|scheme| rest.strip_prefix(scheme)).unwrap_or(rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().ok()),
        None => (authority, Some(443)),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let is_name = name.len() <= 253 && name.split('.').all(label) && name.parse::<IpAddr>().is_err();
    match port {
        Some(port) if is_name && port != 0 => Ok((name, port)),
        _ => Err(Failure::Usage {
            // Not repeated: a pasted URL may hold a token.
            message: "this is not a host name".to_owned(),
            help: "expected a name like `kv1.vault.azure.net` or `st1.blob.core.windows.net`; without one, names and \
                   certificates cannot be checked"
                .to_owned(),
        }),
    }
}

/// The HTTPS proxy that programs here go through for a host, without user and password.
fn proxy(host: &str) -> Option<String> {
    let first = |names: &[&str]| names.iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    let proxy = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?;
    let spared = first(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let is_spared = |entry: &str| {
        let entry = entry.trim().trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
        let inside = host.strip_suffix(entry.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        !entry.is_empty() && inside
    };
    if spared.trim() == "*" || spared.split(',').any(is_spared) {
        return None;
    }
    let (scheme, rest) = proxy.split_once("://").unwrap_or(("http", &proxy));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let bare = authority.rsplit('@').next().unwrap_or_default();
    Some(format!("{scheme}://{bare}"))
}

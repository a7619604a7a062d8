//! What this machine sees on the way to a host: names, connections, certificates, and the own answer of a vault or a
//! storage account.

pub mod answer;
pub mod judge;
mod storage;
pub mod summary;
pub mod tls;
mod vault;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use futures::future::join_all;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use self::answer::{Answered, Challenge};
use self::tls::{Flaw, Tls, Trusted};
use crate::knowledge::cloud::Cloud;
pub use crate::knowledge::subservice::Subservice;
use crate::live::connection::Connection;
use crate::live::dns::{self, HostsLine, Kind, NamedBy, Walk};
use crate::live::outlet::Outlet;
use crate::source::format::{DnsAnswer, Exchange, Probe, SignedIn};

/// How long one DNS question may take. A server that is there answers within milliseconds.
const QUESTION: Duration = Duration::from_secs(2);

/// How many addresses are connected to.
const ADDRESSES: usize = 8;

/// All steps together take no longer than this many single ones: those below, connections with TLS, and some more.
const STEPS: u32 = 12;

/// All questions to name servers take no longer than this many single steps: each alias on the way is one more, and a
/// silent server must leave time for the rest.
const NAMES: u32 = 3;

/// Where shares are mounted.
const SMB: u16 = 445;

/// The host's answer without a token takes no longer than this many: a connection, TLS, and the answer.
const CHALLENGE: u32 = 2;

/// Its answer to an identity takes no longer than this many: a token, a vault's challenge, and its answer.
const IDENTITY: u32 = 4;

/// What to look at, and from where.
///
/// ```no_run
/// use std::{sync::Arc, time::Duration};
/// use apim_doctor_core::Cloud;
/// use apim_doctor_core::live::probe::{Question, look};
/// use apim_doctor_core::live::{Connection, Outlet};
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
///
/// let (cloud, connection, step) = (Cloud::public(), Connection::default(), Duration::from_secs(5));
/// let outlet = Arc::new(Outlet::new(cloud.clone(), &connection, step * 2)?);
/// let mut question = Question::new("kv1.vault.azure.net", cloud, outlet);
/// question.connection = connection;
/// question.step = step;
/// for trouble in look(question).await.troubles() {
///     println!("{}: {}", trouble.says, trouble.hint);
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Question {
    /// The host name, in lower case.
    pub host: String,
    /// The port; 443 but for tests and proxies.
    pub port: u16,
    /// The cloud whose vaults and storage accounts are asked.
    pub cloud: Cloud,
    /// How this machine reaches it.
    pub connection: Connection,
    /// What lets requests out.
    pub outlet: Arc<Outlet>,
    /// Further name servers to ask.
    pub servers: Vec<SocketAddr>,
    /// How long one step may take.
    pub step: Duration,
    /// The hosts file to read; the system's where none is given.
    pub hosts_file: Option<PathBuf>,
    /// The HTTPS proxy that programs here go through for this host, without its password.
    pub proxy: Option<String>,
    /// The identity to ask the vault or the account as. For an account the outlet must let tokens out to it.
    pub identity: Option<Arc<dyn TokenCredential>>,
}

impl Question {
    /// Looks at port 443 of a host, as every program on this machine reaches it, with five seconds for each step.
    pub fn new(host: impl AsRef<str>, cloud: Cloud, outlet: Arc<Outlet>) -> Self {
        Self {
            host: host.as_ref().to_ascii_lowercase(),
            port: 443,
            cloud,
            connection: Connection::default(),
            outlet,
            servers: Vec::new(),
            step: Duration::from_secs(5),
            hosts_file: None,
            proxy: None,
            identity: None,
        }
    }
}

/// What programs on this machine get for a name: from the hosts file, the system's name servers and whatever else
/// the system asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Programs {
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// Why there are none.
    pub error: Option<String>,
}

/// Where an address comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Used {
    /// Programs on this machine connect to it.
    Programs,
    /// A given name server answers it, and the programs on this machine do not use it.
    GivenServer,
}

/// How a connection went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connected {
    /// After so many milliseconds.
    Yes {
        /// How many.
        millis: u64,
    },
    /// Somebody said no.
    Refused,
    /// Nothing came in time.
    Timeout,
    /// No route leads there.
    Unreachable(String),
}

/// One address that was connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The address.
    pub address: SocketAddr,
    /// Where it comes from.
    pub used: Used,
    /// How it went.
    pub tcp: Connected,
    /// The port is the one where shares are mounted: no TLS is spoken there.
    pub smb: bool,
    /// What the handshake showed.
    pub tls: Option<Tls>,
}

/// What this machine saw.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// The host name.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The cloud whose vaults and storage accounts are asked.
    pub cloud: Cloud,
    /// What of the cloud the host is: a vault, or a service of a storage account.
    pub service: Option<Subservice>,
    /// The HTTPS proxy of programs on this machine.
    pub proxy: Option<String>,
    /// The vault or account was asked through it.
    pub through_proxy: bool,
    /// Lines of the hosts file that name the host.
    pub hosts: Vec<HostsLine>,
    /// Why the system's name servers are not known.
    pub no_servers: Option<String>,
    /// What name servers answered.
    pub walks: Vec<Walk>,
    /// What programs get; not asked where the cloud file names a name server.
    pub programs: Option<Programs>,
    /// Where the cloud file says to connect.
    pub connect_to: Option<SocketAddr>,
    /// The connections.
    pub attempts: Vec<Attempt>,
    /// What the vault or account answers without a token.
    pub challenge: Option<Challenge>,
    /// What it answers to this machine's identity.
    pub identity: Option<Answered>,
    /// An identity was given, and the host is one that cannot be asked as one.
    pub left_out_identity: bool,
}

/// Looks at a host, step by step. Nothing is changed, and no secret's value or data of an account is asked for.
pub async fn look(question: Question) -> Seen {
    let Question { host, port, cloud, connection, outlet, servers, step, .. } = &question;
    let deadline = Instant::now() + *step * STEPS;
    let hosts_file = question.hosts_file.clone().unwrap_or_else(dns::hosts_file);
    let hosts = dns::hosts_lines(&hosts_file, host);
    let (asked, no_servers) = name_servers(connection, servers);
    let by = deadline.min(Instant::now() + *step * NAMES);
    let limit = QUESTION.min(*step);
    let kinds = [Kind::A, Kind::Aaaa];
    let walks = asked.iter().flat_map(|server| kinds.map(|kind| dns::walk(*server, host, kind, limit, by)));
    let (walks, programs) = tokio::join!(join_all(walks), programs(&question, by));
    let connect_to = connection.address_of(host);
    let trusted = Trusted::new(connection.ca.as_deref());
    let addresses = addresses(&question, connect_to, &walks, programs.as_ref());
    let service = service_of(cloud, host);
    let ports = match service {
        Some(Subservice::File) if *port == 443 => [false, true].as_slice(),
        _ => &[false],
    };
    let targets = ports.iter().flat_map(|smb| addresses.iter().map(|(address, used)| (*smb, *address, *used)));
    let targets = targets.filter_map(|(smb, address, used)| match (smb, connect_to) {
        (false, _) => Some((smb, address, used)),
        (true, None) => Some((smb, SocketAddr::new(address.ip(), SMB), used)),
        // The redirected port does not serve shares: the cloud file has to say where shares are.
        (true, Some(_)) => Some((smb, connection.address_of(&format!("{host}:{SMB}"))?, used)),
    });
    let attempts = targets.map(|(smb, address, used)| attempt(address, used, smb, host, &trusted, *step, deadline));
    let attempts = join_all(attempts).await;
    let own_names = !connection.connect_to.is_empty() || connection.dns_server.is_some();
    let through_proxy = question.proxy.is_some() && !own_names;
    let origin = if *port == 443 { format!("https://{host}") } else { format!("https://{host}:{port}") };
    let answers =
        attempts.iter().any(|a| a.used == Used::Programs && a.tls.as_ref().is_some_and(|t| t.flaws.is_empty()));
    let left = || deadline.saturating_duration_since(Instant::now());
    let (mut challenge, mut identity) = (None, None);
    if let Some(service) = service
        && (answers || through_proxy)
    {
        let limit = (*step * CHALLENGE).min(left());
        challenge = Some(match service {
            Subservice::Vault => vault::challenge(outlet, &origin, limit).await,
            storage => storage::challenge(outlet, &origin, storage, limit).await,
        });
        let limit = (*step * IDENTITY).min(left());
        identity = match (question.identity.clone(), service) {
            (Some(credential), Subservice::Vault) => {
                Some(vault::ask(outlet, &origin, &cloud.key_vault_audience, credential, limit).await)
            }
            (Some(credential), storage) if storage::takes_identity(storage) => {
                Some(storage::ask(outlet, &origin, storage, credential, limit).await)
            }
            _ => None,
        };
    }
    let left_out_identity =
        question.identity.is_some() && service.is_some_and(|s| s != Subservice::Vault && !storage::takes_identity(s));
    Seen {
        service,
        left_out_identity,
        through_proxy,
        hosts,
        no_servers,
        walks,
        programs,
        connect_to,
        attempts,
        challenge,
        identity,
        host: question.host,
        port: question.port,
        cloud: question.cloud,
        proxy: question.proxy,
    }
}

/// What of a cloud a host is. A name of a private zone is none: no certificate holds for it.
fn service_of(cloud: &Cloud, host: &str) -> Option<Subservice> {
    if cloud.vault_of(host).is_some_and(|vault| !vault.contains('.')) {
        return Some(Subservice::Vault);
    }
    let (account, service) = cloud.account_of(host)?;
    (cloud.host_of(service, account) == host).then_some(service)
}

/// Which name servers are asked: the cloud file's in place of the system's, and the given ones.
fn name_servers(connection: &Connection, given: &[SocketAddr]) -> (Vec<(SocketAddr, NamedBy)>, Option<String>) {
    let (own, problem) = match connection.dns_server {
        Some(server) => (vec![(server, NamedBy::CloudFile)], None),
        None => match dns::system_servers() {
            Ok(servers) => (servers.into_iter().map(|server| (server, NamedBy::System)).collect(), None),
            Err(error) => (Vec::new(), Some(error)),
        },
    };
    let mut asked = own;
    for server in given {
        if !asked.iter().any(|(known, _)| known == server) {
            asked.push((*server, NamedBy::Given));
        }
    }
    (asked, problem)
}

/// What programs get, where they are what is asked about.
async fn programs(question: &Question, by: Instant) -> Option<Programs> {
    if question.connection.dns_server.is_some() {
        return None;
    }
    let found = timeout_at(by, tokio::net::lookup_host((question.host.as_str(), question.port))).await;
    Some(match found {
        Ok(Ok(found)) => {
            let mut addresses = Vec::new();
            for address in found.map(|address| address.ip()) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            Programs { addresses, error: None }
        }
        Ok(Err(error)) => Programs { addresses: Vec::new(), error: Some(error.to_string()) },
        Err(_) => Programs { addresses: Vec::new(), error: Some("no answer in time".to_owned()) },
    })
}

/// Where to connect: where the cloud file says, or what programs get, or the cloud file's name server; and then what
/// given name servers answer.
fn addresses(
    question: &Question,
    connect_to: Option<SocketAddr>,
    walks: &[Walk],
    programs: Option<&Programs>,
) -> Vec<(SocketAddr, Used)> {
    if let Some(address) = connect_to {
        return vec![(address, Used::Programs)];
    }
    let by = |who: NamedBy| walks.iter().filter(move |walk| walk.named_by == who).flat_map(Walk::addresses).copied();
    let own: Vec<IpAddr> = match programs {
        Some(programs) => programs.addresses.clone(),
        None => by(NamedBy::CloudFile).collect(),
    };
    let mut all: Vec<(SocketAddr, Used)> = Vec::new();
    let tagged = own.into_iter().map(|ip| (ip, Used::Programs));
    for (ip, used) in tagged.chain(by(NamedBy::Given).map(|ip| (ip, Used::GivenServer))) {
        let address = SocketAddr::new(ip, question.port);
        if !all.iter().any(|(known, _)| *known == address) {
            all.push((address, used));
        }
    }
    all.truncate(ADDRESSES);
    all
}

async fn attempt(
    address: SocketAddr,
    used: Used,
    smb: bool,
    host: &str,
    trusted: &Trusted,
    step: Duration,
    deadline: Instant,
) -> Attempt {
    let started = Instant::now();
    let stream = timeout_at(deadline.min(started + step), TcpStream::connect(address)).await;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (tcp, stream) = match stream {
        Ok(Ok(stream)) => (Connected::Yes { millis }, Some(stream)),
        Ok(Err(error)) => (failed(&error), None),
        Err(_) => (Connected::Timeout, None),
    };
    let tls = match stream {
        Some(stream) if !smb => Some(tls::look(stream, host, trusted, deadline.min(Instant::now() + step)).await),
        _ => None,
    };
    Attempt { address, used, tcp, smb, tls }
}

fn failed(error: &std::io::Error) -> Connected {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => Connected::Refused,
        std::io::ErrorKind::TimedOut => Connected::Timeout,
        _ => Connected::Unreachable(error.to_string()),
    }
}

impl Seen {
    /// The answers of name servers, as a recording keeps them.
    pub fn dns(&self) -> Vec<DnsAnswer> {
        self.walks.iter().map(Walk::recorded).collect()
    }

    /// The connections, as a recording keeps them.
    pub fn probes(&self) -> Vec<Probe> {
        let tenant = self.challenge.as_ref().and_then(|challenge| challenge.tenant.clone());
        let probes = self.attempts.iter().map(|attempt| {
            let outcome = match &attempt.tcp {
                Connected::Yes { .. } => "connected",
                Connected::Refused => "refused",
                Connected::Timeout => "timeout",
                Connected::Unreachable(_) => "unreachable",
            };
            let tls = attempt.tls.as_ref().map(|tls| match tls.flaws.as_slice() {
                [] => "trusted".to_owned(),
                flaws => flaws.iter().map(Flaw::name).collect::<Vec<_>>().join(", "),
            });
            Probe {
                host: self.host.clone(),
                address: Some(attempt.address.ip().to_string()),
                port: Some(attempt.address.port()),
                outcome: outcome.to_owned(),
                // What was asked through the client was answered by an address that programs use.
                tenant_id: tenant.clone().filter(|_| attempt.used == Used::Programs && !attempt.smb),
                tls,
                vantage: None,
            }
        });
        probes.collect()
    }

    /// Whose token the vault or account was asked with.
    pub fn signed_in(&self) -> Option<SignedIn> {
        self.identity.as_ref()?.caller.clone()
    }

    /// What was answered to this machine's identity. What is answered without one says nothing of anybody.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.identity.iter().filter_map(|identity| identity.exchange.clone()).collect()
    }
}

//! Queries name servers hop by hop, and reads the hosts file.
//!
//! One question is one message: nothing is cached, completed with a search domain or tried elsewhere, so that what
//! is shown is what the server said.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

use crate::source::format::{DnsAnswer, DnsRecord};

/// How many aliases are followed: more than any Azure name has, fewer than a loop.
const ALIASES: usize = 16;

/// How many name servers of a system are asked. The C library asks no more than three
/// (`MAXNS`, <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>, read 2026-11-22).
const SERVERS: usize = 3;

/// Which addresses are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// IPv4.
    A,
    /// IPv6.
    Aaaa,
}

impl Kind {
    /// As it stands in a question.
    pub fn name(self) -> &'static str {
        match self {
            Kind::A => "A",
            Kind::Aaaa => "AAAA",
        }
    }

    fn record(self) -> RecordType {
        match self {
            Kind::A => RecordType::A,
            Kind::Aaaa => RecordType::AAAA,
        }
    }
}

/// Who names a name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamedBy {
    /// The system's configuration.
    System,
    /// The cloud file, in place of the system's.
    CloudFile,
    /// The user, on the command line.
    Given,
}

/// A record on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hop {
    /// The owner.
    pub name: String,
    /// `CNAME`, `A` or `AAAA`.
    pub kind: &'static str,
    /// Seconds it may be kept.
    pub ttl: u32,
    /// The alias or the address.
    pub data: String,
}

/// Where a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// At addresses.
    Addresses(Vec<IpAddr>),
    /// At a name that does not exist; the zone that says so, where the answer names it.
    NoSuchName {
        /// The name.
        name: String,
        /// The owner of the answer's SOA record.
        zone: Option<String>,
    },
    /// At a name without records of this type.
    NoRecords {
        /// The name.
        name: String,
        /// The owner of the answer's SOA record.
        zone: Option<String>,
    },
    /// With an error code: `SERVFAIL`, `REFUSED`, …
    Failed {
        /// The name.
        name: String,
        /// The code.
        code: String,
    },
    /// Nothing came in time.
    Timeout {
        /// The name.
        name: String,
    },
    /// The server cannot be reached, or its reply is not DNS.
    Unreachable {
        /// The name.
        name: String,
        /// Why.
        error: String,
    },
    /// An alias leads back.
    Loop {
        /// The name that was met twice.
        name: String,
    },
    /// There are more aliases than resolvers follow.
    TooLong,
}

/// One name server's answer to the question for the addresses of a name, with every alias on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Walk {
    /// The name that was asked for.
    pub name: String,
    /// The server.
    pub server: SocketAddr,
    /// Where its address comes from.
    pub named_by: NamedBy,
    /// Which addresses were asked for.
    pub kind: Kind,
    /// The records on the way.
    pub hops: Vec<Hop>,
    /// Where it ended.
    pub end: End,
    /// An answer did not fit into UDP and was asked for again over TCP.
    pub truncated: bool,
}

impl Walk {
    /// The addresses, where it ended at some.
    pub fn addresses(&self) -> &[IpAddr] {
        match &self.end {
            End::Addresses(addresses) => addresses,
            _ => &[],
        }
    }

    /// As a recording keeps it: one question with the whole chain.
    pub(crate) fn recorded(&self) -> DnsAnswer {
        let (rcode, zone, note) = match &self.end {
            End::Addresses(_) => ("NOERROR", None, None),
            End::NoSuchName { zone, .. } => ("NXDOMAIN", zone.clone(), None),
            End::NoRecords { zone, .. } => ("NOERROR", zone.clone(), None),
            End::Failed { code, .. } => (code.as_str(), None, None),
            End::Timeout { .. } => ("TIMEOUT", None, None),
            End::Unreachable { error, .. } => ("UNREACHABLE", None, Some(error.clone())),
            // No server uses this code for it, but no client gets an address.
            End::Loop { name } => ("SERVFAIL", None, Some(format!("alias loop at {name}"))),
            End::TooLong => ("SERVFAIL", None, Some("too many aliases".to_owned())),
        };
        let whole = self.truncated.then(|| "truncated over UDP, whole over TCP".to_owned());
        let answers = self.hops.iter().map(|hop| DnsRecord {
            name: hop.name.clone(),
            r#type: hop.kind.to_owned(),
            ttl: Some(hop.ttl),
            data: hop.data.clone(),
        });
        DnsAnswer {
            name: self.name.clone(),
            r#type: self.kind.name().to_owned(),
            server: Some(self.server.to_string()),
            rcode: rcode.to_owned(),
            answers: answers.collect(),
            zone,
            note: note.or(whole),
            vantage: None,
        }
    }
}

/// The system's name servers.
///
/// # Errors
/// What is wrong with the system's configuration, in a text.
pub(crate) fn system_servers() -> Result<Vec<SocketAddr>, String> {
    let (config, _) = read_system_conf().map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for server in config.name_servers() {
        let port = server.connections.first().map_or(53, |connection| connection.port);
        let address = SocketAddr::new(server.ip, port);
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found.truncate(SERVERS);
    Ok(found)
}

/// A line of a hosts file that gives a name an address, past every name server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostsLine {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The address.
    pub address: IpAddr,
}

/// Where the system keeps its hosts file.
pub(crate) fn hosts_file() -> PathBuf {
    if cfg!(windows) {
        let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
        return Path::new(&root).join(r"System32\drivers\etc\hosts");
    }
    PathBuf::from("/etc/hosts")
}

/// The lines of a hosts file that name a host. A file that cannot be read names none.
pub(crate) fn hosts_lines(file: &Path, host: &str) -> Vec<HostsLine> {
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().enumerate().filter_map(|(at, line)| {
        let mut words = line.split('#').next()?.split_whitespace();
        let address = words.next()?.parse().ok()?;
        let names_it = words.any(|name| name.trim_end_matches('.').eq_ignore_ascii_case(host));
        names_it.then(|| HostsLine { file: file.display().to_string(), line: at + 1, address })
    });
    lines.collect()
}

/// Asks a server for the addresses of a name and follows every alias. `limit` bounds each question, `deadline` all.
pub(crate) async fn walk(
    server: (SocketAddr, NamedBy),
    host: &str,
    kind: Kind,
    limit: Duration,
    deadline: Instant,
) -> Walk {
    let (server, named_by) = server;
    let mut trail = Trail { hops: Vec::new(), met: BTreeSet::from([host.to_owned()]), truncated: false };
    let end = trail.follow(server, host.to_owned(), kind, limit, deadline).await;
    Walk { name: host.to_owned(), server, named_by, kind, hops: trail.hops, end, truncated: trail.truncated }
}

/// What a walk has met so far.
struct Trail {
    hops: Vec<Hop>,
    met: BTreeSet<String>,
    truncated: bool,
}

impl Trail {
    async fn follow(
        &mut self,
        server: SocketAddr,
        mut name: String,
        kind: Kind,
        limit: Duration,
        deadline: Instant,
    ) -> End {
        // INVARIANT: each turn but the last meets a name for the first time, and at most `ALIASES` are met.
        loop {
            let asked = name.clone();
            let by = deadline.min(Instant::now() + limit);
            let reply = match ask(server, &asked, kind, by).await {
                Ok(reply) => reply,
                Err(Silence::Timeout) => return End::Timeout { name },
                Err(Silence::Unreachable(error)) => return End::Unreachable { name, error },
            };
            self.truncated |= reply.truncated;
            let message = reply.message;
            while let Some(alias) = message.answers.iter().find_map(|record| alias(record, &name)) {
                let target = alias.data.clone();
                self.hops.push(alias);
                if !self.met.insert(target.clone()) {
                    return End::Loop { name: target };
                }
                if self.met.len() > ALIASES {
                    return End::TooLong;
                }
                name = target;
            }
            let found: Vec<(Hop, IpAddr)> =
                message.answers.iter().filter_map(|record| address(record, &name, kind)).collect();
            if !found.is_empty() {
                let (hops, addresses): (Vec<Hop>, Vec<IpAddr>) = found.into_iter().unzip();
                self.hops.extend(hops);
                return End::Addresses(addresses);
            }
            let zone = message.authorities.iter().find_map(zone);
            match message.metadata.response_code {
                ResponseCode::NXDomain => return End::NoSuchName { name, zone },
                // An alias alone, from a server that does not ask on: the next question goes to the same server.
                ResponseCode::NoError if name != asked && zone.is_none() => {}
                ResponseCode::NoError => return End::NoRecords { name, zone },
                code => return End::Failed { name, code: code_name(code) },
            }
        }
    }
}

/// A name as it is shown and compared: without the last dot, in lower case.
fn shown(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

fn alias(record: &Record, of: &str) -> Option<Hop> {
    let RData::CNAME(target) = &record.data else { return None };
    let name = shown(&record.name);
    (name == of).then(|| Hop { name, kind: "CNAME", ttl: record.ttl, data: shown(&target.0) })
}

fn address(record: &Record, of: &str, kind: Kind) -> Option<(Hop, IpAddr)> {
    let address = match (&record.data, kind) {
        (RData::A(a), Kind::A) => IpAddr::V4(a.0),
        (RData::AAAA(a), Kind::Aaaa) => IpAddr::V6(a.0),
        _ => return None,
    };
    let name = shown(&record.name);
    (name == of).then(|| (Hop { name, kind: kind.name(), ttl: record.ttl, data: address.to_string() }, address))
}

/// The owner of the SOA record in a negative answer is the zone that answered
/// (RFC 2308, section 3, <https://www.rfc-editor.org/rfc/rfc2308>, read 2026-11-22).
fn zone(record: &Record) -> Option<String> {
    matches!(record.data, RData::SOA(_)).then(|| shown(&record.name))
}

fn code_name(code: ResponseCode) -> String {
    match code {
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

/// Why a server gave no answer.
enum Silence {
    Timeout,
    Unreachable(String),
}

impl From<std::io::Error> for Silence {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::TimedOut => Silence::Timeout,
            std::io::ErrorKind::ConnectionRefused => Silence::Unreachable("nothing listens on this port".to_owned()),
            _ => Silence::Unreachable(error.to_string()),
        }
    }
}

struct Reply {
    message: Message,
    truncated: bool,
}

/// One question over UDP, and again over TCP where the answer did not fit.
async fn ask(server: SocketAddr, name: &str, kind: Kind, by: Instant) -> Result<Reply, Silence> {
    let unfit = |error: String| Silence::Unreachable(format!("`{name}` cannot be queried: {error}"));
    let fully = Name::from_ascii(format!("{name}.")).map_err(|error| unfit(error.to_string()))?;
    let query = Query::query(fully, kind.record());
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(query.clone());
    let id = message.metadata.id;
    let bytes = message.to_vec().map_err(|error| unfit(error.to_string()))?;
    let is_ours = |message: &Message| message.metadata.id == id && message.queries.first() == Some(&query);
    match udp(server, &bytes, by, is_ours).await? {
        Some(message) => Ok(Reply { message, truncated: false }),
        None => {
            let whole = timeout_at(by, tcp(server, &bytes)).await.map_err(|_| Silence::Timeout)??;
            let message = Message::from_vec(&whole).ok().filter(is_ours);
            let message =
                message.ok_or_else(|| Silence::Unreachable("its reply over TCP is not a DNS answer".into()))?;
            Ok(Reply { message, truncated: true })
        }
    }
}

/// The answer over UDP; none where it was truncated. A lost packet is sent once more.
async fn udp(
    server: SocketAddr,
    question: &[u8],
    by: Instant,
    is_ours: impl Fn(&Message) -> bool,
) -> Result<Option<Message>, Silence> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // The system picks an unpredictable port; the socket is connected, so that only the server's packets are read.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let now = Instant::now();
    let half = now + by.saturating_duration_since(now) / 2;
    let mut buffer = [0; 4096];
    for until in [half, by] {
        socket.send(question).await?;
        while let Ok(received) = timeout_at(until, socket.recv(&mut buffer)).await {
            let bytes = buffer.get(..received?).unwrap_or_default();
            // The last record of a truncated answer may be cut, and then it cannot be read.
            let cut = bytes.get(2).is_some_and(|flags| flags & 0b10 != 0) && bytes.get(..2) == question.get(..2);
            match Message::from_vec(bytes) {
                _ if cut => return Ok(None),
                Ok(message) if is_ours(&message) => return Ok(Some(message)),
                // A packet from another sender, or a late answer to another query.
                _ => {}
            }
        }
    }
    Err(Silence::Timeout)
}

async fn tcp(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_hosts_file_is_found_by_any_of_its_names() {
        let file = std::env::temp_dir().join(format!("apim-doctor-hosts-{}", std::process::id()));
        let text = "127.0.0.1 localhost\n# 10.9.9.9 kv1.vault.azure.net\n10.1.0.5\tkv1 KV1.vault.azure.net # ours\n\
                    no-address kv1.vault.azure.net\n::1 kv1.vault.azure.net.\n10.1.0.6 kv10.vault.azure.net\n";
        std::fs::write(&file, text).unwrap();
        let found = hosts_lines(&file, "kv1.vault.azure.net");
        std::fs::remove_file(&file).unwrap();
        let found: Vec<(usize, String)> = found.into_iter().map(|l| (l.line, l.address.to_string())).collect();
        assert_eq!(found, [(3, "10.1.0.5".to_owned()), (5, "::1".to_owned())]);
        assert_eq!(hosts_lines(Path::new("/nowhere"), "kv1.vault.azure.net"), []);
    }

    #[test]
    fn a_recording_keeps_the_question_the_chain_and_the_zone() {
        let hop = Hop { name: "a".into(), kind: "CNAME", ttl: 60, data: "b".into() };
        let end = End::NoSuchName { name: "b".into(), zone: Some("z".into()) };
        let server = "127.0.0.1:53".parse().unwrap();
        let walk = Walk {
            name: "a".into(),
            server,
            named_by: NamedBy::Given,
            kind: Kind::A,
            hops: vec![hop],
            end,
            truncated: false,
        };
        let recorded = serde_json::to_value(walk.recorded()).unwrap();
        let expected = serde_json::json!({
            "name": "a", "type": "A", "server": "127.0.0.1:53", "rcode": "NXDOMAIN", "zone": "z",
            "answers": [{"name": "a", "type": "CNAME", "ttl": 60, "data": "b"}],
        });
        assert_eq!(recorded, expected);
    }
}

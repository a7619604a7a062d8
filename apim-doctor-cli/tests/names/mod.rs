//! A DNS server on the loopback interface. It has zones of a vault and a storage account with private endpoints, and
//! names with faulty answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::{Time, TokioRuntimeProvider};
use hickory_server::net::xfer::Protocol;
use hickory_server::proto::op::{Metadata, ResponseCode};
use hickory_server::proto::rr::rdata::{A, CNAME, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, MessageResponseBuilder, ZoneType};
use tokio::net::{TcpListener, UdpSocket};

/// A running server.
pub(crate) struct Names {
    /// Its address for UDP and TCP.
    pub address: SocketAddr,
    /// The queries it received: protocol, name and type.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    /// Starts the server, which runs until the test ends.
    pub(crate) fn start() -> Self {
        let (tell, told) = mpsc::channel();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (udp, tcp) = sockets().await;
                tell.send(udp.local_addr().unwrap()).unwrap();
                let mut server = Server::new(Handler { catalog: catalog(), asked: heard });
                server.register_socket(udp);
                server.register_listener(tcp, Duration::from_secs(5), 4096);
                server.block_until_done().await.unwrap();
            });
        });
        Names { address: told.recv().unwrap(), asked }
    }

    /// Returns every query so far, for example `udp kv1.vault.azure.net A`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Binds the same port for both protocols.
async fn sockets() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
    panic!("found no port that is free for both UDP and TCP");
}

fn name(text: &str) -> Name {
    Name::from_str(&format!("{text}.")).unwrap()
}

fn soa(zone: &str) -> Record {
    let soa = SOA::new(name(&format!("ns.{zone}")), name(&format!("admin.{zone}")), 1, 3600, 300, 86400, 10);
    Record::from_rdata(name(zone), 3600, RData::SOA(soa))
}

fn a(owner: &str, address: &str) -> Record {
    Record::from_rdata(name(owner), 10, RData::A(A::from_str(address).unwrap()))
}

fn cname(owner: &str, target: &str) -> Record {
    Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
}

const PUBLIC: &str = "vault.azure.net";
const PRIVATE: &str = "privatelink.vaultcore.azure.net";
const BLOB: &str = "blob.core.windows.net";
const PRIVATE_BLOB: &str = "privatelink.blob.core.windows.net";
const FILE: &str = "file.core.windows.net";

fn catalog() -> Catalog {
    let alias = |vault: &str| cname(&format!("{vault}.{PUBLIC}"), &format!("{vault}.{PRIVATE}"));
    let many = (1..=60).map(|n| a(&format!("big.{PUBLIC}"), &format!("10.7.0.{n}")));
    let text = RData::TXT(TXT::new(vec!["no address".to_owned()]));
    let public = [
        vec![alias("kv1"), alias("kv-bellows-gw-3804"), alias("orphan"), alias("leaked")],
        vec![a(&format!("public.{PUBLIC}"), "20.61.1.1"), a(&format!("here.{PUBLIC}"), "127.0.0.1")],
        vec![Record::from_rdata(name(&format!("nodata.{PUBLIC}")), 10, text)],
        many.collect(),
    ];
    let private = vec![
        a(&format!("kv1.{PRIVATE}"), "10.1.0.5"),
        a(&format!("kv-bellows-gw-3804.{PRIVATE}"), "10.20.2.4"),
        a(&format!("leaked.{PRIVATE}"), "20.61.1.2"),
    ];
    let alias = |account: &str| cname(&format!("{account}.{BLOB}"), &format!("{account}.{PRIVATE_BLOB}"));
    let blob = vec![alias("st1"), alias("stray"), alias("stout")];
    let private_blob =
        vec![a(&format!("st1.{PRIVATE_BLOB}"), "10.1.0.7"), a(&format!("stout.{PRIVATE_BLOB}"), "20.60.1.2")];
    let file = vec![a(&format!("shares.{FILE}"), "127.0.0.1")];
    let storage = [(BLOB, blob), (PRIVATE_BLOB, private_blob), (FILE, file)];
    let mut catalog = Catalog::new();
    for (zone, records) in [(PUBLIC, public.concat()), (PRIVATE, private)].into_iter().chain(storage) {
        let mut handler: InMemoryZoneHandler<TokioRuntimeProvider> =
            InMemoryZoneHandler::empty(name(zone), ZoneType::Primary, AxfrPolicy::Deny);
        for record in std::iter::once(soa(zone)).chain(records) {
            assert!(handler.upsert_mut(record, 0));
        }
        catalog.upsert(name(zone).into(), vec![Arc::new(handler)]);
    }
    catalog
}

struct Handler {
    catalog: Catalog,
    asked: Arc<Mutex<Vec<String>>>,
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut to: R) -> ResponseInfo {
        let info = request.request_info().unwrap();
        let protocol = if info.protocol == Protocol::Tcp { "tcp" } else { "udp" };
        let asked = info.query.name().to_string();
        let asked = asked.trim_end_matches('.').to_owned();
        self.asked.lock().unwrap().push(format!("{protocol} {asked} {}", info.query.query_type()));
        let mut metadata = Metadata::response_from_request(info.metadata);
        let (answers, authority): (Vec<Record>, Vec<Record>) = match asked.split('.').next().unwrap() {
            "silent" => std::future::pending().await,
            "servfail" => {
                metadata.response_code = ResponseCode::ServFail;
                (vec![], vec![])
            }
            "refused" => {
                metadata.response_code = ResponseCode::Refused;
                (vec![], vec![])
            }
            "loop-a" => (vec![cname(&asked, &format!("loop-b.{PUBLIC}"))], vec![]),
            "loop-b" => (vec![cname(&asked, &format!("loop-a.{PUBLIC}"))], vec![]),
            // Like a recursive server: the alias and the negative answer are in one message.
            "onemessage" => {
                metadata.response_code = ResponseCode::NXDomain;
                (vec![cname(&asked, &format!("onemessage.{PRIVATE}"))], vec![soa(PRIVATE)])
            }
            // An endless chain of aliases.
            chain if chain.starts_with("long") => {
                let next: u32 = chain.trim_start_matches("long").parse().unwrap();
                (vec![cname(&asked, &format!("long{}.{PUBLIC}", next + 1))], vec![])
            }
            _ => return self.catalog.handle_request::<R, T>(request, to).await,
        };
        let none: [Record; 0] = [];
        let response =
            MessageResponseBuilder::from_message_request(request).build(metadata, &answers, &authority, &none, &none);
        to.send_response(response).await.unwrap()
    }
}

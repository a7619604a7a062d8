//! The certificates of a TLS handshake, and whether this machine trusts them.
//!
//! A handshake with certificates that are not trusted is never completed, so nothing is ever sent to who shows them.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

/// The organisations of the authorities that Azure services use, in every cloud.
///
/// Source: <https://learn.microsoft.com/azure/security/fundamentals/azure-certificate-authority-details> (dated
/// 2025-11-17, read 2026-11-22): roots of DigiCert and of Microsoft. Azure changes them from time to time, so another
/// one is a reason to look, and no proof.
const AZURE_ISSUERS: &[&str] = &["digicert", "microsoft corporation"];

/// A certificate that was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The issuer's organisation.
    pub issuer_organisation: Option<String>,
    /// From when it holds; `None` if the certificate says no time that can be represented.
    pub not_before: Option<Timestamp>,
    /// Until when it holds; `None` if the certificate says no time that can be represented.
    pub not_after: Option<Timestamp>,
    /// The names it holds for.
    pub names: Vec<String>,
}

/// Whose word it rests on that certificates are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The system's.
    System,
    /// The cloud file's `ca_file`.
    CloudFile,
    /// No authority.
    None,
}

/// What is wrong with a handshake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Flaw {
    /// The certificate is for other names.
    WrongName,
    /// A certificate has expired.
    Expired,
    /// A certificate does not hold yet.
    NotYetValid,
    /// This machine does not know the authority.
    UnknownIssuer,
    /// Another reason not to trust the certificates.
    Untrusted(String),
    /// There was no handshake.
    NoHandshake(String),
}

impl Flaw {
    /// It in one or two words, as a recording keeps it.
    pub fn name(&self) -> String {
        match self {
            Flaw::WrongName => "wrong name".to_owned(),
            Flaw::Expired => "expired".to_owned(),
            Flaw::NotYetValid => "not yet valid".to_owned(),
            Flaw::UnknownIssuer => "unknown issuer".to_owned(),
            Flaw::Untrusted(why) => format!("not trusted: {why}"),
            Flaw::NoHandshake(why) => format!("no handshake: {why}"),
        }
    }
}

/// What a handshake showed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls {
    /// The certificates, the server's own first.
    pub chain: Vec<Certificate>,
    /// Whose word makes them trusted, apart from the name.
    pub trust: Trust,
    /// What is wrong; nothing where the handshake was completed.
    pub flaws: Vec<Flaw>,
}

impl Tls {
    /// The organisation that the chain ends at.
    pub fn organisation(&self) -> Option<&str> {
        let last = self.chain.last()?;
        Some(last.issuer_organisation.as_deref().unwrap_or(&last.issuer))
    }

    /// Whether the chain ends at an authority that Azure services use; unknown where nothing was shown.
    pub fn is_azures(&self) -> Option<bool> {
        let organisation = self.organisation()?.to_ascii_lowercase();
        Some(AZURE_ISSUERS.iter().any(|known| organisation.starts_with(known)))
    }

    fn none(flaw: String) -> Self {
        Tls { chain: Vec::new(), trust: Trust::None, flaws: vec![Flaw::NoHandshake(flaw)] }
    }
}

/// What this machine trusts.
#[derive(Clone, Debug)]
pub(crate) struct Trusted {
    system: Result<Arc<Verifier>, String>,
    with_ca: Option<Arc<Verifier>>,
}

impl Trusted {
    /// The system's authorities, and those of a cloud file apart.
    pub(crate) fn new(ca: Option<&[u8]>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let system = Verifier::new(provider.clone()).map(Arc::new).map_err(|error| error.to_string());
        let with_ca = ca.and_then(|pem| {
            let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
            Verifier::new_with_extra_roots(certificates, provider).ok().map(Arc::new)
        });
        Self { system, with_ca }
    }

    /// Which authorities make the chain trusted, or why none do.
    fn judge(&self, shown: &Shown, name: &ServerName<'_>, now: UnixTime) -> Result<Trust, Error> {
        let by = |verifier: &Verifier| verifier.verify_server_cert(&shown.leaf, &shown.rest, name, &[], now);
        let by_system = match &self.system {
            Ok(system) => by(system),
            Err(error) => Err(Error::General(error.clone())),
        };
        match (by_system, &self.with_ca) {
            (Ok(_), _) => Ok(Trust::System),
            (Err(_), Some(with_ca)) => by(with_ca).map(|_| Trust::CloudFile),
            (Err(error), None) => Err(error),
        }
    }
}

#[derive(Clone, Debug)]
struct Shown {
    leaf: CertificateDer<'static>,
    rest: Vec<CertificateDer<'static>>,
    now: UnixTime,
}

/// Keeps what a server shows, and judges as every program on this machine does.
#[derive(Debug)]
struct Watch {
    trusted: Trusted,
    algorithms: rustls::crypto::WebPkiSupportedAlgorithms,
    shown: Mutex<Option<Shown>>,
}

impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let rest = rest.iter().map(|certificate| certificate.clone().into_owned()).collect();
        let shown = Shown { leaf: leaf.clone().into_owned(), rest, now };
        let judged = self.trusted.judge(&shown, name, now);
        if let Ok(mut kept) = self.shown.lock() {
            *kept = Some(shown);
        }
        judged.map(|_| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Shakes hands as `host`'s caller, sends nothing more, and says what was shown.
pub(crate) async fn look(stream: TcpStream, host: &str, trusted: &Trusted, by: Instant) -> Tls {
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        return Tls::none(format!("`{host}` is not a name that a certificate can be issued for"));
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let watch = Arc::new(Watch { trusted: trusted.clone(), algorithms, shown: Mutex::new(None) });
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = match builder {
        Ok(builder) => builder.dangerous().with_custom_certificate_verifier(watch.clone()).with_no_client_auth(),
        Err(error) => return Tls::none(error.to_string()),
    };
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = timeout_at(by, connector.connect(name.clone(), stream)).await;
    let shown = watch.shown.lock().ok().and_then(|mut kept| kept.take());
    let failed = match &shaken {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(why(error)),
        Err(_) => Some("no answer in time".to_owned()),
    };
    match (shown, failed) {
        (Some(shown), failed) => {
            let is_whole = failed.is_none();
            let mut tls = judged(&shown, &name, trusted, failed);
            if is_whole {
                // An unneeded certificate may be stale: the verifier found a chain without it.
                tls.flaws.clear();
            }
            tls
        }
        (None, failed) => Tls::none(failed.unwrap_or_else(|| "the server sent no certificate".to_owned())),
    }
}

/// Everything that is wrong, not only what stopped the handshake first.
fn judged(shown: &Shown, name: &ServerName<'_>, trusted: &Trusted, failed: Option<String>) -> Tls {
    let parsed = std::iter::once(&shown.leaf).chain(&shown.rest);
    let parsed: Vec<X509Certificate<'_>> =
        parsed.filter_map(|der| X509Certificate::from_der(der).ok().map(|(_, certificate)| certificate)).collect();
    let chain: Vec<Certificate> = parsed.iter().map(described).collect();
    let mut flaws = Vec::new();
    let leaf = ParsedCertificate::try_from(&shown.leaf);
    if !leaf.is_ok_and(|leaf| rustls::client::verify_server_name(&leaf, name).is_ok()) {
        flaws.push(Flaw::WrongName);
    }
    let now = i64::try_from(shown.now.as_secs()).unwrap_or(i64::MAX);
    if parsed.iter().any(|certificate| certificate.validity().not_after.timestamp() < now) {
        flaws.push(Flaw::Expired);
    }
    if parsed.iter().any(|certificate| certificate.validity().not_before.timestamp() > now) {
        flaws.push(Flaw::NotYetValid);
    }
    // Asked with a name of its own: a wrong name would hide whether the authority is known.
    let own = chain.first().and_then(|leaf| leaf.names.first()).map(|own| own.replacen('*', "any", 1));
    let own = own.and_then(|own| ServerName::try_from(own).ok());
    let trust = match trusted.judge(shown, own.as_ref().unwrap_or(name), shown.now) {
        Ok(trust) => trust,
        Err(error) => {
            flaws.extend(flaw(&error).filter(|flaw| !flaws.contains(flaw)));
            Trust::None
        }
    };
    if flaws.is_empty() {
        flaws.extend(failed.map(Flaw::NoHandshake));
    }
    Tls { chain, trust, flaws }
}

/// What an error of the verifier says; nothing of a name, which is looked at apart.
fn flaw(error: &Error) -> Option<Flaw> {
    use CertificateError as E;
    match error {
        Error::InvalidCertificate(E::UnknownIssuer) => Some(Flaw::UnknownIssuer),
        Error::InvalidCertificate(E::Expired | E::ExpiredContext { .. }) => Some(Flaw::Expired),
        Error::InvalidCertificate(E::NotValidYet | E::NotValidYetContext { .. }) => Some(Flaw::NotYetValid),
        Error::InvalidCertificate(E::NotValidForName | E::NotValidForNameContext { .. }) => None,
        other => Some(Flaw::Untrusted(other.to_string())),
    }
}

fn why(error: &std::io::Error) -> String {
    use std::io::ErrorKind as K;
    match error.kind() {
        K::UnexpectedEof | K::ConnectionReset | K::BrokenPipe => {
            "the connection was closed during the handshake".to_owned()
        }
        K::InvalidData if error.to_string().contains("corrupt message") => "the answer is not TLS".to_owned(),
        _ => error.to_string(),
    }
}

fn described(certificate: &X509Certificate<'_>) -> Certificate {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|extension| {
        let names = extension.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        names.collect()
    });
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    let validity = certificate.validity();
    Certificate {
        subject: short(certificate.subject()),
        issuer: short(certificate.issuer()),
        issuer_organisation: first(certificate.issuer().iter_organization().next()),
        not_before: time(validity.not_before.timestamp()),
        not_after: time(validity.not_after.timestamp()),
        names: names.unwrap_or_default(),
    }
}

/// A time of a certificate, in words.
pub(super) fn words(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string())
}

/// The common name; the whole name where there is none.
fn short(name: &X509Name<'_>) -> String {
    first(name.iter_common_name().next()).unwrap_or_else(|| name.to_string())
}

fn first(part: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>) -> Option<String> {
    part.and_then(|part| part.as_str().ok()).map(str::to_owned)
}

//! The kinds of Azure resources that call a vault or a storage account, what is true of each, and what they do there.

use crate::base::ResourceId;

/// What kind of resource makes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CallerKind {
    /// An API Management instance.
    ApiManagement,
    /// A function app, a web app or one of their slots.
    App,
    /// A certificate of App Service (`Microsoft.Web/certificates`), which App Service itself imports from a vault.
    AppCertificate,
    /// An application gateway (v2).
    ApplicationGateway,
    /// The control plane of an API Management instance, which writes and reads its backups.
    Backup,
    /// A Recovery Services vault, and Azure Backup, which backs up to it.
    RecoveryVault,
}

/// What is true of every caller of a kind. Every field is stated for every kind: there are no defaults.
#[derive(Clone, Copy, Debug)]
pub struct CallerFacts {
    /// What a sentence calls it, after "the".
    pub noun: &'static str,
    /// The same, where other kinds may be meant: with its article.
    pub one: &'static str,
    /// The Azure service that fetches for it.
    pub service: &'static str,
    /// Its resource types, in lower case.
    pub types: &'static [&'static str],
    /// Whether a resource of the first type can be named without its id.
    pub has_name: bool,
    /// Whether the id of a resource inside it stands for it.
    pub has_parts: bool,
    /// Its symbol in Bicep and Terraform.
    pub symbol: &'static str,
    /// What the name of a rule for callers of this kind ends with.
    pub plural: &'static str,
    /// How often it fetches a secret again.
    pub fetches_every: Interval,
    /// Whether the system-assigned identity can read a vault, and is used where nothing else is selected.
    pub has_system_assigned: bool,
    /// Whether it requests its tokens from its subnet, if it is in one, and not its platform; absent: not documented.
    pub signs_in_from_subnet: Option<bool>,
    /// Whether it asks the DNS servers that its network had when the configuration was last applied to it.
    pub keeps_dns_servers: bool,
    /// What it does with a certificate that is not the secret of a PKCS#12 file.
    pub certificates: OtherCertificates,
    /// The service tag that lists the addresses of its platform, if one does.
    pub platform_tag: Option<&'static str>,
    /// The page of its documentation about Key Vault.
    pub page: &'static str,
    /// The day on which that page was last read.
    pub page_read_on: &'static str,
}

/// What a caller does with certificates of a vault in other forms than the documented one. `None`: the documentation says
/// that it refuses them; otherwise why that is not certain.
#[derive(Clone, Copy, Debug)]
pub struct OtherCertificates {
    /// A secret whose content type is not `application/x-pkcs12`.
    pub other_type: Option<&'static str>,
    /// The identifier of a certificate in the place of a secret's.
    pub identifier: Option<&'static str>,
}

const REFUSED: OtherCertificates = OtherCertificates { other_type: None, identifier: None };

/// A time between two fetches.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// In hours.
    pub hours: i64,
    /// In words.
    pub words: &'static str,
}

/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-properties> (read 2026-11-21).
const API_MANAGEMENT: CallerFacts = CallerFacts {
    noun: "instance",
    one: "an API Management instance",
    service: "API Management",
    types: &["microsoft.apimanagement/service"],
    has_name: true,
    has_parts: true,
    symbol: "apim",
    plural: "apim",
    fetches_every: Interval { hours: 4, words: "four hours" },
    has_system_assigned: true,
    signs_in_from_subnet: Some(true),
    keeps_dns_servers: true,
    certificates: REFUSED,
    platform_tag: Some("ApiManagement"),
    page: "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
    page_read_on: "2026-11-21",
};

/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-29).
const APP: CallerFacts = CallerFacts {
    noun: "app",
    one: "an app",
    service: "App Service",
    types: &["microsoft.web/sites", "microsoft.web/sites/slots"],
    has_name: true,
    has_parts: false,
    symbol: "app",
    plural: "apps",
    fetches_every: Interval { hours: 24, words: "24 hours" },
    has_system_assigned: true,
    signs_in_from_subnet: Some(false),
    keeps_dns_servers: false,
    certificates: REFUSED,
    platform_tag: None,
    page: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
    page_read_on: "2026-11-29",
};

/// App Service fetches certificates from addresses that no page lists.
/// Source: <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-11-29).
const APP_CERTIFICATE: CallerFacts = CallerFacts {
    noun: "certificate",
    one: "an app certificate",
    service: "App Service",
    types: &["microsoft.web/certificates"],
    has_name: false,
    has_parts: false,
    symbol: "app",
    plural: "apps",
    fetches_every: Interval { hours: 24, words: "24 hours" },
    has_system_assigned: true,
    signs_in_from_subnet: Some(false),
    keeps_dns_servers: false,
    certificates: REFUSED,
    platform_tag: None,
    page: "https://learn.microsoft.com/azure/app-service/configure-ssl-certificate",
    page_read_on: "2026-11-29",
};

/// Only a user-assigned identity reads the vault, and no certificate selects one. How a gateway gets its tokens is not
/// documented. A PEM file or another content type "might not" be recognized, and the pages contradict each other about
/// the identifier of a certificate.
/// Source: <https://learn.microsoft.com/azure/application-gateway/key-vault-certs> (read 2026-11-29).
const APPLICATION_GATEWAY: CallerFacts = CallerFacts {
    noun: "gateway",
    one: "an application gateway",
    service: "Application Gateway",
    types: &["microsoft.network/applicationgateways"],
    has_name: true,
    has_parts: true,
    symbol: "gateway",
    plural: "gateways",
    fetches_every: Interval { hours: 4, words: "four hours" },
    has_system_assigned: false,
    signs_in_from_subnet: None,
    keeps_dns_servers: false,
    certificates: OtherCertificates {
        other_type: Some("whether Application Gateway accepts a secret whose content type is not PKCS#12"),
        identifier: Some(
            "whether Application Gateway accepts the identifier of a certificate: its documentation contradicts itself",
        ),
    },
    platform_tag: None,
    page: "https://learn.microsoft.com/azure/application-gateway/key-vault-certs",
    page_read_on: "2026-11-29",
};

/// The control plane writes the backup: no subnet and no private endpoint of the instance plays a part. Of its identities,
/// only the system-assigned one is documented to get through a storage account firewall.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
/// 2026-11-21).
const BACKUP: CallerFacts = CallerFacts {
    noun: "instance",
    one: "an API Management instance",
    service: "API Management",
    types: &["microsoft.apimanagement/service"],
    has_name: false,
    has_parts: false,
    symbol: "apim",
    plural: "apim",
    fetches_every: Interval { hours: 24, words: "24 hours" },
    has_system_assigned: true,
    signs_in_from_subnet: Some(false),
    keeps_dns_servers: false,
    certificates: REFUSED,
    platform_tag: Some("ApiManagement"),
    page: "https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore",
    page_read_on: "2026-11-21",
};

/// The vault's own identity uses a customer-managed key, and `Backup Management Service` reads the keys of machines. Both
/// call from outside of the customer's networks. How often the key is used is not documented; it is asked for again
/// within a day.
/// Source: <https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk> (read 2026-11-21).
const RECOVERY_VAULT: CallerFacts = CallerFacts {
    noun: "Recovery Services vault",
    one: "a Recovery Services vault",
    service: "Azure Backup",
    types: &["microsoft.recoveryservices/vaults"],
    has_name: true,
    has_parts: true,
    symbol: "recoveryVault",
    plural: "backups",
    fetches_every: Interval { hours: 24, words: "24 hours" },
    has_system_assigned: true,
    signs_in_from_subnet: Some(false),
    keeps_dns_servers: false,
    certificates: REFUSED,
    platform_tag: None,
    page: "https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk",
    page_read_on: "2026-11-21",
};

impl CallerKind {
    /// Every kind. Where two have the same resource type, the first one is what a resource of the type is.
    pub const ALL: [CallerKind; 6] = [
        CallerKind::ApiManagement,
        CallerKind::App,
        CallerKind::AppCertificate,
        CallerKind::ApplicationGateway,
        CallerKind::Backup,
        CallerKind::RecoveryVault,
    ];

    /// What a sentence calls one of this kind, with its article: "an application gateway".
    pub const fn one(self) -> &'static str {
        self.facts().one
    }

    /// The resource types of the kind, in lower case: `microsoft.apimanagement/service`.
    pub const fn resource_types(self) -> &'static [&'static str] {
        self.facts().types
    }

    /// What is true of every caller of this kind.
    #[doc(hidden)]
    pub const fn facts(self) -> &'static CallerFacts {
        match self {
            CallerKind::ApiManagement => &API_MANAGEMENT,
            CallerKind::App => &APP,
            CallerKind::AppCertificate => &APP_CERTIFICATE,
            CallerKind::ApplicationGateway => &APPLICATION_GATEWAY,
            CallerKind::Backup => &BACKUP,
            CallerKind::RecoveryVault => &RECOVERY_VAULT,
        }
    }

    /// The resource type that can be named without an id.
    pub fn named_type(self) -> Option<&'static str> {
        self.facts().types.first().copied().filter(|_| self.facts().has_name)
    }

    /// The kinds that can be named without an id, as a sentence lists them: "API Management instance or app".
    pub fn named() -> String {
        let named = Self::ALL.into_iter().map(CallerKind::facts).filter(|facts| facts.has_name);
        let nouns: Vec<&str> = named.filter_map(|facts| Some(facts.one.split_once(' ')?.1)).collect();
        match nouns.as_slice() {
            [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            one => one.concat(),
        }
    }

    /// The caller that a resource is or is part of.
    pub fn caller_of(resource: &ResourceId) -> Option<ResourceId> {
        resource
            .scopes()
            .find(|scope| Self::of(scope).is_some_and(|kind| *scope == *resource || kind.facts().has_parts))
    }

    /// The kind of a resource, if it is a caller.
    pub fn of(resource: &ResourceId) -> Option<Self> {
        Self::of_type(&resource.resource_type())
    }

    /// The kind of caller that has this resource type, in any case.
    pub fn of_type(resource_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.facts().types.iter().any(|own| own.eq_ignore_ascii_case(resource_type)))
    }
}

/// Declares the kinds with what reports and `--consumer` call them, what people call them, and which caller has them.
macro_rules! consumer_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal, $noun:literal, $caller:ident;)+) => {
        /// What a caller does with a vault or a storage account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum ConsumerKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ConsumerKind {
            /// Every kind.
            pub(crate) const ALL: &[ConsumerKind] = &[$(ConsumerKind::$kind),+];

            /// Its name in reports and for `--consumer`.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(ConsumerKind::$kind => $name,)+
                }
            }

            /// What people call one.
            pub(crate) const fn noun(self) -> &'static str {
                match self {
                    $(ConsumerKind::$kind => $noun,)+
                }
            }

            /// The kind of resource that makes the call.
            pub(crate) const fn caller(self) -> CallerKind {
                match self {
                    $(ConsumerKind::$kind => CallerKind::$caller,)+
                }
            }
        }
    };
}

consumer_kinds! {
    /// The certificate of a host name of an instance.
    CustomDomain = "apim-custom-domain", "custom domain", ApiManagement;
    /// A named value.
    NamedValue = "apim-named-value", "named value", ApiManagement;
    /// A client certificate.
    Certificate = "apim-certificate", "client certificate", ApiManagement;
    /// A request that a policy sends to a vault.
    Policy = "apim-policy", "policy", ApiManagement;
    /// A Key Vault reference in a setting or a connection string of an app.
    Reference = "function-kv-reference", "Key Vault reference", App;
    /// The storage that an app uses for itself.
    Storage = "function-storage", "storage", App;
    /// A certificate that App Service imports for apps.
    AppCertificate = "app-service-certificate", "certificate", AppCertificate;
    /// A certificate of an application gateway: of its listeners, or a trusted root.
    GatewayCertificate = "application-gateway-certificate", "gateway certificate", ApplicationGateway;
    /// A backup or a restore of an instance.
    Backup = "apim-backup", "backup", Backup;
    /// What Azure Backup does: the key of a Recovery Services vault, the keys of encrypted machines, and the state of what
    /// is protected.
    AzureBackup = "azure-backup", "Azure Backup", RecoveryVault;
}

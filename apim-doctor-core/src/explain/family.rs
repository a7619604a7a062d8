//! A message family as data.

use crate::finding::{Code, Gate, WebPage};

/// A kind of message: what stays the same in it, and what it can stand for.
///
/// The names, ids and times in it are holes between its parts.
#[derive(Debug)]
pub(super) struct Family {
    /// `service.what-it-says`.
    pub id: &'static str,
    /// Ways to recognise it. All parts of a form occur, in this order. Case, blanks, line ends, quotes and backslashes
    /// do not count, so a part may be cut anywhere by a terminal.
    pub forms: &'static [&'static [&'static str]],
    /// Says little on its own: left out if a message that says more was found.
    pub generic: bool,
    /// The gates it can stand for: names of [`Gate`], `caller` or `platform`. The first is the likeliest.
    pub gates: &'static [&'static str],
    /// Gates that such an answer proves to have let the request through.
    pub proves: &'static [Gate],
    /// How it misleads, where it does.
    pub misleads: Option<&'static str>,
    /// What it can mean, the likeliest first.
    pub causes: &'static [Cause],
    /// Texts of this kind: one as Azure writes it, and others with other names, cut or wrapped.
    pub samples: &'static [&'static str],
    /// What this rests on.
    pub sources: &'static [WebPage],
}

/// What a message can mean.
#[derive(Debug)]
pub(super) struct Cause {
    /// The code.
    pub code: Code,
    /// How likely it is where the message says nothing more.
    pub likelihood: Likelihood,
    /// Why, and how to tell it from the others.
    pub why: &'static str,
    /// What else in the text makes it more or less likely.
    pub signs: &'static [Sign],
}

/// Something in the text that moves a cause up or down.
#[derive(Debug)]
pub(super) struct Sign {
    /// What is seen.
    pub seen: Trait,
    /// What it does.
    pub effect: Effect,
    /// Why it does that.
    pub says: &'static str,
}

/// What a sign does to a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It becomes likely.
    Likely,
    /// It becomes unlikely.
    Unlikely,
}

/// How likely a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Likelihood {
    /// It happens.
    Low,
    /// As likely as others.
    Medium,
    /// The first to look at.
    High,
}

/// Something that a text can show in addition to its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    /// The identity's type is given as user-assigned.
    UserAssigned,
    /// The identity's type is given as system-assigned.
    SystemAssigned,
    /// The caller's address is public.
    PublicAddress,
    /// The caller's address is private.
    PrivateAddress,
    /// `Assignment: (not found)`.
    NoAssignment,
    /// An assignment was found: `Assignment: /…`.
    Assignment,
    /// A host name with `privatelink` in it.
    PrivateLinkName,
    /// API Management is named.
    ApiManagement,
    /// Application Gateway is named.
    ApplicationGateway,
    /// Container Apps is named.
    ContainerApps,
    /// A Function App or App Service is named, or one of its settings.
    AppService,
    /// A content share's setting (`WEBSITE_CONTENTAZUREFILECONNECTIONSTRING`, `WEBSITE_CONTENTSHARE`).
    ContentShare,
    /// Azure Backup is named.
    Backup,
    /// The client of storage queues, tables or files: another service than blobs.
    OtherStorageService,
    /// Terraform, or a provider's client of it.
    Terraform,
    /// A deployment or a template.
    Deployment,
    /// A key of Key Vault is asked for through Resource Manager.
    KeyThroughResourceManager,
}

impl Cause {
    const fn new(code: Code, likelihood: Likelihood, why: &'static str) -> Self {
        Self { code, likelihood, why, signs: &[] }
    }

    /// The first to look at.
    pub(super) const fn high(code: Code, why: &'static str) -> Self {
        Self::new(code, Likelihood::High, why)
    }

    /// As likely as others.
    pub(super) const fn medium(code: Code, why: &'static str) -> Self {
        Self::new(code, Likelihood::Medium, why)
    }

    /// It happens.
    pub(super) const fn low(code: Code, why: &'static str) -> Self {
        Self::new(code, Likelihood::Low, why)
    }

    /// What else in the text moves it.
    pub(super) const fn seen(self, signs: &'static [Sign]) -> Self {
        Self { signs, ..self }
    }
}

impl Sign {
    /// It becomes likely.
    pub(super) const fn up(seen: Trait, says: &'static str) -> Self {
        Self { seen, effect: Effect::Likely, says }
    }

    /// It becomes unlikely.
    pub(super) const fn down(seen: Trait, says: &'static str) -> Self {
        Self { seen, effect: Effect::Unlikely, says }
    }
}

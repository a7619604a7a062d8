//! Gaps: what is not known, why, and how to find out. `finding::gap` has the texts.

use std::sync::Arc;

use crate::base::ResourceId;

/// Something that is not known. Its clones share their details: one gap can concern thousands of paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Gap(Arc<Details>);

/// What a gap holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Details {
    /// The question that stays open; empty where `subject` says it.
    pub(crate) question: String,
    /// What is not known: a thing that was not collected, or "whether …".
    pub(crate) subject: String,
    /// Why it is not known.
    pub(crate) kind: GapKind,
    /// What would tell.
    pub(crate) closed_by: ClosedBy,
    /// What to do first, or instead where nothing can be collected.
    pub(crate) advice: String,
}

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GapKind {
    /// No answer about it was collected.
    NotCollected,
    /// The request was refused with this HTTP status; 0: no answer came.
    Refused(u16),
    /// An answer was collected and holds only a part.
    Incomplete,
    /// An answer was collected and could not be read.
    Unreadable,
    /// The collected answers contradict each other.
    Contradictory,
    /// Azure's documentation does not say it, or contradicts itself.
    Undocumented,
    /// It is decided while a request runs.
    AtRunTime,
    /// Something that Azure does not show decides it: a DNS server, an appliance, another directory.
    OutsideAzure,
    /// The value may be a secret, so it is not kept.
    NotKept,
    /// Azure has not finished a change.
    Pending,
    /// The files of a deployment do not hold it, and it may exist.
    NotInFiles,
    /// The configuration can be understood in more than one way, or in none.
    Ambiguous,
    /// This program does not evaluate it.
    NotEvaluated,
    /// An earlier gate has reported the same gap.
    EarlierGate,
}

impl GapKind {
    /// Its name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotCollected => "not-collected",
            Self::Refused(_) => "refused",
            Self::Incomplete => "incomplete",
            Self::Unreadable => "unreadable",
            Self::Contradictory => "contradictory",
            Self::Undocumented => "undocumented",
            Self::AtRunTime => "at-run-time",
            Self::OutsideAzure => "outside-azure",
            Self::NotKept => "not-kept",
            Self::Pending => "pending",
            Self::NotInFiles => "not-in-files",
            Self::Ambiguous => "ambiguous",
            Self::NotEvaluated => "not-evaluated",
            Self::EarlierGate => "earlier-gate",
        }
    }

    /// The HTTP status of a refusal.
    pub(crate) const fn status(self) -> Option<u16> {
        match self {
            Self::Refused(status) => Some(status),
            _ => None,
        }
    }
}

/// What would tell what is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ClosedBy {
    /// A request.
    Get(Get),
    /// A role with this action at this scope, and then the request.
    Role {
        /// The action that was refused.
        action: String,
        /// Where a role with it can be assigned.
        at: ResourceId,
        /// The request that was refused.
        then: Get,
    },
    /// A command of azure-cli that finds a resource by its name.
    Show(&'static str, String),
    /// `apim-doctor collect` for a resource, with this option.
    Collect(ResourceId, &'static str),
    /// `apim-doctor diagnose` with these options.
    Diagnose(&'static str),
    /// `apim-doctor probe` for a host, on a machine in the caller's network.
    Probe {
        /// The host name.
        host: String,
        /// The DNS server to ask.
        server: Option<String>,
        /// The subnet that the machine has to be in.
        subnet: Option<ResourceId>,
    },
    /// The list of the blobs of a container.
    Blobs {
        /// The storage account.
        account: String,
        /// The container.
        container: String,
    },
    /// A look-up of a host, in the console of the app.
    AppConsole(String),
    /// Nothing.
    Nothing,
}

/// A GET request to Resource Manager or to Microsoft Graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Get {
    /// The path, or the URL at Microsoft Graph.
    pub path: String,
    /// The api-version; empty: the service has none, or the type is not known.
    pub version: &'static str,
    /// What else the query holds.
    pub query: &'static str,
}

impl Get {
    /// The request for one resource.
    pub(crate) fn resource(id: &ResourceId) -> Self {
        Self { path: id.as_str().to_owned(), version: api_version(&id.resource_type()), query: "" }
    }

    /// The request for the resources of a type at a scope.
    pub(crate) fn list(scope: &ResourceId, kind: &str) -> Self {
        let (parent, leaf) = kind.rsplit_once('/').unwrap_or(("", kind));
        let path = match parent.contains('/') && !scope.resource_type().is_empty() {
            true => format!("{scope}/{leaf}"),
            false => format!("{scope}/providers/{kind}"),
        };
        Self { path, version: api_version(kind), query: "" }
    }

    /// A request to Microsoft Graph, at this host; some clouds have none that is known.
    pub(crate) fn graph(host: &str, path: &str) -> ClosedBy {
        match host {
            "" => ClosedBy::Nothing,
            host => ClosedBy::Get(Self { path: format!("https://{host}/v1.0/{path}"), version: "", query: "" }),
        }
    }

    /// The same request with another member in its query.
    pub(crate) fn with(self, query: &'static str) -> Self {
        Self { query, ..self }
    }
}

impl From<&ResourceId> for ClosedBy {
    fn from(id: &ResourceId) -> Self {
        Self::Get(Get::resource(id))
    }
}

impl From<Get> for ClosedBy {
    fn from(get: Get) -> Self {
        Self::Get(get)
    }
}

impl Gap {
    /// Whether it was left out on purpose: another run asks for it.
    pub(crate) fn is_left_out(&self) -> bool {
        matches!(self.0.closed_by, ClosedBy::Diagnose(_))
    }

    /// The resource or list that has to be read to close it.
    pub(crate) fn about(&self) -> Option<ResourceId> {
        match &self.0.closed_by {
            ClosedBy::Get(get) | ClosedBy::Role { then: get, .. } => Some(ResourceId::new(&get.path)),
            ClosedBy::Collect(id, _) => Some(id.clone()),
            _ => None,
        }
    }

    fn new(subject: impl Into<String>, kind: GapKind, closed_by: ClosedBy) -> Self {
        let (question, advice) = (String::new(), String::new());
        Self(Arc::new(Details { question, subject: subject.into(), kind, closed_by, advice }))
    }

    /// No answer about this thing was collected.
    pub(crate) fn not_collected(subject: impl Into<String>, closed_by: impl Into<ClosedBy>) -> Self {
        Self::new(subject, GapKind::NotCollected, closed_by.into())
    }

    /// The request for this thing was refused.
    pub(crate) fn refused(subject: impl Into<String>, status: u16, closed_by: impl Into<ClosedBy>) -> Self {
        Self::new(subject, GapKind::Refused(status), closed_by.into())
    }

    /// The collected answer does not say this.
    pub(crate) fn incomplete(subject: impl Into<String>, closed_by: impl Into<ClosedBy>) -> Self {
        Self::new(subject, GapKind::Incomplete, closed_by.into())
    }

    /// The collected answer about this thing could not be read.
    pub(crate) fn unreadable(subject: impl Into<String>, closed_by: impl Into<ClosedBy>) -> Self {
        Self::new(subject, GapKind::Unreadable, closed_by.into())
    }

    /// The collected answers about this contradict each other.
    pub(crate) fn contradictory(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::Contradictory, ClosedBy::Nothing)
    }

    /// Azure's documentation does not say this.
    pub(crate) fn undocumented(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::Undocumented, ClosedBy::Nothing)
    }

    /// This is decided while a request runs.
    pub(crate) fn at_run_time(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::AtRunTime, ClosedBy::Nothing)
    }

    /// A policy computes this while a request runs.
    pub(crate) fn computed(subject: impl Into<String>) -> Self {
        Self::at_run_time(subject).advise("a request trace shows it")
    }

    /// This program does not evaluate this.
    pub(crate) fn not_evaluated(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::NotEvaluated, ClosedBy::Nothing)
    }

    /// Something that Azure does not show decides this.
    pub(crate) fn outside_azure(subject: impl Into<String>, closed_by: ClosedBy) -> Self {
        Self::new(subject, GapKind::OutsideAzure, closed_by)
    }

    /// The value may be a secret, so it is not kept.
    pub(crate) fn not_kept(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::NotKept, ClosedBy::Nothing)
    }

    /// Azure has not finished a change.
    pub(crate) fn pending(subject: impl Into<String>, closed_by: impl Into<ClosedBy>) -> Self {
        Self::new(subject, GapKind::Pending, closed_by.into())
    }

    /// The files of a deployment do not hold it, and it may exist.
    pub(crate) fn not_in_files(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::NotInFiles, ClosedBy::Nothing)
            .advise("use `--against` with a recording of what exists, or `--standalone` if the files are all there is")
    }

    /// The configuration can be understood in more than one way, or in none.
    pub(crate) fn ambiguous(subject: impl Into<String>) -> Self {
        Self::new(subject, GapKind::Ambiguous, ClosedBy::Nothing)
    }

    /// An earlier gate has reported the same gap; it is not shown again.
    pub(crate) fn earlier() -> Self {
        Self::new("", GapKind::EarlierGate, ClosedBy::Nothing)
    }

    /// The question that stays open because of it.
    pub(crate) fn leaves_open(self, question: impl Into<String>) -> Self {
        let question = question.into();
        Self(Arc::new(Details { question, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// What to do first, or instead where nothing can be collected: an imperative.
    pub(crate) fn advise(self, advice: impl Into<String>) -> Self {
        let advice = advice.into();
        Self(Arc::new(Details { advice, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// Fills in the resource that closes it, where the evaluator did not know its id.
    pub(crate) fn in_resource(self, id: &ResourceId) -> Self {
        match (self.kind(), &self.0.closed_by) {
            (GapKind::Incomplete, ClosedBy::Nothing) => {
                Self(Arc::new(Details { closed_by: id.into(), ..Arc::unwrap_or_clone(self.0) }))
            }
            _ => self,
        }
    }

    /// Why it is not known.
    pub(crate) fn kind(&self) -> GapKind {
        self.0.kind
    }

    /// What it holds.
    pub(crate) fn details(&self) -> &Details {
        &self.0
    }

    /// Whether an earlier gate has reported it.
    pub(crate) fn is_earlier(&self) -> bool {
        self.kind() == GapKind::EarlierGate
    }
}

/// The api-version with which this program reads a type; empty: it reads no such type.
pub(crate) fn api_version(kind: &str) -> &'static str {
    const VERSIONS: [(&str, &str); 21] = [
        ("microsoft.apimanagement/", "2024-05-01"),
        ("microsoft.authorization/locks", "2020-05-01"),
        ("microsoft.authorization/", "2022-04-01"),
        ("microsoft.automation/", "2024-10-23"),
        ("microsoft.compute/", "2024-07-01"),
        ("microsoft.insights/diagnosticsettings", "2021-05-01-preview"),
        ("microsoft.insights/eventtypes/", "2015-04-01"),
        ("microsoft.insights/metricalerts", "2018-03-01"),
        ("microsoft.keyvault/", "2026-02-01"),
        ("microsoft.managedidentity/identities", "2018-11-30"),
        ("microsoft.managedidentity/", "2023-01-31"),
        ("microsoft.network/privatednszones", "2024-06-01"),
        ("microsoft.network/dnsresolvers", "2022-07-01"),
        ("microsoft.network/dnsforwardingrulesets", "2022-07-01"),
        ("microsoft.network/networksecurityperimeters", "2024-07-01"),
        ("microsoft.network/", "2024-05-01"),
        ("microsoft.recoveryservices/", "2025-02-01"),
        ("microsoft.storage/", "2023-05-01"),
        // App Service answers the references of an app since this version, and newer ones do not say more.
        ("microsoft.web/sites/config/", "2022-03-01"),
        ("microsoft.web/sites/slots/config/", "2022-03-01"),
        ("microsoft.web/", "2024-11-01"),
    ];
    let kind = kind.to_ascii_lowercase();
    VERSIONS.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, version)| *version).unwrap_or_default()
}

//! Commands, each of which belongs to a subject.

use crate::explain::situation::{Caller, Object, Situation, Target};
use crate::knowledge::caller_kind::CallerKind;

/// What a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// An identity, a grant, the directory or the network, for every caller and target.
    Anything,
    /// A vault or a storage account.
    Data,
    /// A key vault.
    Vault,
    /// A key in a vault.
    Key,
    /// A secret or a certificate in a vault.
    Secret,
    /// A storage account.
    Storage,
    /// A Recovery Services vault, or what it backs up.
    RecoveryVault,
    /// An API Management instance.
    Instance,
    /// An app.
    App,
    /// An application gateway.
    Gateway,
    /// A container app.
    ContainerApp,
    /// A pod of a cluster.
    Pod,
    /// A person or a pipeline.
    Operator,
    /// A caller whose service the text does not show, or none of the others.
    OtherCaller,
}

impl Subject {
    /// Whether the situation has this caller or this target.
    pub(super) fn is_in(self, situation: &Situation) -> bool {
        let called_by = |kinds: &[CallerKind]| matches!(situation.caller, Caller::Kind(kind) if kinds.contains(&kind));
        match self {
            Subject::Anything => true,
            Subject::Data => matches!(situation.target, Target::Vault(_) | Target::Storage(_)),
            Subject::Vault => matches!(situation.target, Target::Vault(_)),
            Subject::Key => situation.target == Target::Vault(Some(Object::Key)),
            Subject::Secret => Subject::Vault.is_in(situation) && !Subject::Key.is_in(situation),
            Subject::Storage => matches!(situation.target, Target::Storage(_)),
            Subject::RecoveryVault => {
                called_by(&[CallerKind::RecoveryVault]) || situation.target == Target::RecoveryVault
            }
            Subject::Instance => called_by(&[CallerKind::ApiManagement, CallerKind::Backup]),
            Subject::App => called_by(&[CallerKind::App, CallerKind::AppCertificate]),
            Subject::Gateway => called_by(&[CallerKind::ApplicationGateway]),
            Subject::ContainerApp => situation.caller == Caller::ContainerApp,
            Subject::Pod => situation.caller == Caller::Kubernetes,
            Subject::Operator => situation.caller == Caller::Operator,
            Subject::OtherCaller => {
                matches!(
                    situation.caller,
                    Caller::Unknown | Caller::Operator | Caller::Encryption | Caller::OtherService
                )
            }
        }
    }
}

/// A command line. Its first words follow from its subject, so that it cannot be about another service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    subject: Subject,
    also: Subject,
    program: &'static str,
    rest: &'static str,
}

impl Command {
    /// It is about a second subject as well.
    pub(super) const fn also(self, also: Subject) -> Self {
        Self { also, ..self }
    }

    /// Whether the situation has everything that it is about.
    pub(super) fn is_for(self, situation: &Situation) -> bool {
        self.subject.is_in(situation) && self.also.is_in(situation)
    }

    /// The whole line, in which `{vault}` and its like stand for names.
    pub(super) fn line(self) -> String {
        [self.program, self.rest].concat()
    }
}

/// Declares the programs: each row has the function that makes a command, the subject, and the first words.
macro_rules! programs {
    ($($name:ident $subject:ident $program:expr;)+) => {
        $(pub(super) const fn $name(rest: &'static str) -> Command {
            Command { subject: Subject::$subject, also: Subject::Anything, program: $program, rest }
        })+
    };
}

macro_rules! request {
    ($method:literal, $resource:literal) => {
        concat!(
            "az rest --method ",
            $method,
            " --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/",
            $resource
        )
    };
}

macro_rules! show {
    ($type:literal, $name:literal) => {
        concat!("az resource show --resource-type ", $type, " --name ", $name, " --resource-group RESOURCE_GROUP ")
    };
}

programs! {
    vault Vault "az keyvault ";
    vault_log Vault "az monitor log-analytics query --workspace WORKSPACE_ID ";
    storage Storage "az storage ";
    recovery RecoveryVault "az backup ";
    machine RecoveryVault "az vm ";
    instance Instance "az apim ";
    instance_get Instance request!("get", "Microsoft.ApiManagement/service/INSTANCE");
    instance_patch Instance request!("patch", "Microsoft.ApiManagement/service/INSTANCE");
    instance_post Instance request!("post", "Microsoft.ApiManagement/service/INSTANCE");
    instance_principal Instance "PRINCIPAL_ID=$(az apim show --name INSTANCE --resource-group RESOURCE_GROUP ";
    instance_grant Instance
        "az role assignment create --assignee-object-id \"$PRINCIPAL_ID\" --assignee-principal-type ServicePrincipal ";
    app App "az webapp ";
    function App "az functionapp ";
    site App show!("Microsoft.Web/sites", "APP");
    app_get App request!("get", "Microsoft.Web/sites/APP");
    app_patch App request!("patch", "Microsoft.Web/sites/APP");
    app_post App request!("post", "Microsoft.Web/sites/APP");
    gateway Gateway show!("Microsoft.Network/applicationGateways", "GATEWAY");
    container_app ContainerApp show!("Microsoft.App/containerApps", "APP");
    pod Pod "kubectl ";
    caller OtherCaller "az resource show --ids CALLER_ID ";
    account Anything "az account ";
    login Anything "az login ";
    cloud Anything "az cloud ";
    extension Anything "az extension add ";
    deployment Anything "az deployment ";
    directory Anything "az ad ";
    identity Anything "az identity ";
    lock Anything "az lock ";
    provider Anything "az provider ";
    resource Anything "az resource ";
    role Anything "az role ";
    sign_ins Anything "az rest --method get --uri \"https://graph.microsoft.com/v1.0/auditLogs/signIns";
    scope_get Anything "az rest --method get --uri \"{scope}/providers/Microsoft.Authorization/";
    stack Anything "az stack ";
    endpoint Anything "az network private-endpoint ";
    endpoint_connection Anything "az network private-endpoint-connection ";
    interface Anything "az network nic ";
    network Anything "az network vnet ";
    perimeter Anything "az network perimeter ";
    route_table Anything "az network route-table ";
    security_group Anything "az network nsg ";
    zone Anything "az network private-dns ";
    lookup Anything "nslookup ";
    connect Anything "curl --silent --show-error --max-time 10 --head https://{host}";
    challenge Vault "curl --silent --show-error --max-time 10 --include \"https://{host}/secrets?api-version=7.4\"";
    connect_sign_in Anything "curl --silent --show-error --max-time 10 --head https://login.microsoftonline.com";
}

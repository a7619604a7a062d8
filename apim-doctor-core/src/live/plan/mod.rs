//! Decides what to read next, from the answers so far.
//!
//! Each answer releases the reads that depend on it, so that independent ones go out together. A read goes out once.
//! What is looked at: the instances that were asked for, what they refer to, and what lies on the way.

mod app;
mod assignment;
mod backup;
mod body;
mod caller;
mod deployed;
mod grants;
mod instance;
mod network;
mod policies;
mod policy;
mod recovery;
mod reference;
mod state;
mod vault;

use serde_json::Value;

use self::body::quoted;
use self::caller::list_of;
pub use self::state::Wanted;
use self::state::declares;
pub(crate) use self::state::{Plan, Referenced};
use crate::base::ResourceId;
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::cloud::Cloud;
use crate::live::ask::{Ask, Read};

impl Plan {
    /// Starts with what was asked for.
    pub(super) fn new(cloud: Cloud, wanted: Wanted) -> Self {
        let mut plan = Self::empty(cloud, wanted);
        if let Some((name, group)) = plan.wanted.named.clone() {
            let group = group.map(|group| format!(" and resourceGroup =~ '{}'", quoted(&group))).unwrap_or_default();
            let within = plan.wanted.subscription.as_deref();
            let within = within.map(|id| format!(" and subscriptionId =~ '{}'", quoted(id))).unwrap_or_default();
            let is_named = format!("name =~ '{}'{group}{within}", quoted(&name));
            let types = CallerKind::ALL.into_iter().filter_map(CallerKind::named_type).map(|name| format!("'{name}'"));
            let types = types.collect::<Vec<_>>().join(", ");
            plan.find(Ask::FindInstance, &format!("type in~ ({types}) and {is_named}"));
        }
        if let Some(subscription) = plan.wanted.subscription.clone().filter(|_| plan.wants_all()) {
            let subscription = format!("/subscriptions/{subscription}");
            for kind in CallerKind::ALL.into_iter().filter(|kind| plan.wants(*kind)).collect::<Vec<_>>() {
                plan.in_subscription(list_of(kind), &subscription);
            }
        }
        let named: Vec<ResourceId> = plan.wanted.resources.iter().filter_map(CallerKind::caller_of).collect();
        plan.look_at_callers(named);
        plan.look_at_deployed();
        plan.look_at_backups();
        if let Some((principal, scope)) = plan.wanted.held.clone() {
            plan.held(&principal, &scope);
        }
        plan
    }

    /// A page of an answer, or the whole of it. `is_last`: no page of this list is to come.
    pub(super) fn learn(&mut self, read: &Read, status: u16, body: &Value, is_last: bool) {
        if status == 200 {
            self.answered(read, body);
        } else {
            self.refused(read);
        }
        if is_last {
            if read.ask == Ask::Instances {
                self.read_alone(read);
            }
            self.declaring -= usize::from(declares(read.ask));
        }
        if self.declaring == 0 {
            self.follow_references();
        }
    }

    fn answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::NamedValues | Ask::Certificates | Ask::WorkspaceNamedValues | Ask::WorkspaceCertificates => {
                self.reference_answered(read.ask, body);
            }
            Ask::Policy
            | Ask::Fragments
            | Ask::Apis
            | Ask::ApiPolicy
            | Ask::Operations
            | Ask::OperationPolicy
            | Ask::ApiResolvers
            | Ask::ResolverPolicy
            | Ask::Products
            | Ask::ProductPolicy
            | Ask::Backends
            | Ask::WorkspacePolicy
            | Ask::WorkspaceFragments
            | Ask::WorkspaceBackends
            | Ask::WorkspaceApis
            | Ask::WorkspaceApiPolicy
            | Ask::WorkspaceOperations
            | Ask::WorkspaceOperationPolicy
            | Ask::WorkspaceProducts
            | Ask::WorkspaceProductPolicy => self.policy_answered(read, body),
            Ask::Vaults | Ask::Vault | Ask::FindVaults | Ask::Perimeters | Ask::Associations => {
                self.vault_answered(read.ask, body)
            }
            Ask::RoleAssignments => self.grants_answered(body),
            Ask::PrivateEndpoint
            | Ask::ZoneGroups
            | Ask::Network
            | Ask::Zones
            | Ask::FindZones
            | Ask::Resolvers
            | Ask::FindResolvers
            | Ask::Resolver
            | Ask::Rulesets => self.network_answered(read, body),
            _ => self.caller_answered(read, body),
        }
    }

    /// What is tried in place of a read that was refused.
    fn refused(&mut self, read: &Read) {
        match read.ask {
            Ask::RoleAssignments | Ask::DenyAssignments => self.grants_refused(read),
            Ask::Groups => self.groups_refused(read),
            Ask::GroupsOfUser => self.groups_of_user_refused(read),
            Ask::Secrets => self.objects_refused(read),
            _ => {}
        }
    }

    /// Nothing is under way: what is worth asking only now that the rest is known.
    pub(super) fn follow_up(&mut self) {
        self.follow_policies();
        self.follow_references();
        let strangers: Vec<String> = self.selected.difference(&self.clients).map(|id| quoted(id)).collect();
        if !strangers.is_empty() {
            let ids = strangers.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
            let kind = "type =~ 'microsoft.managedidentity/userassignedidentities'";
            self.find(Ask::FindIdentities, &format!("{kind} and properties.clientId in~ ({ids})"));
        }
        let followed = self.references.iter().filter(|(_, referenced)| referenced.is_followed);
        for name in followed.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            self.who_else(&name);
        }
    }
}

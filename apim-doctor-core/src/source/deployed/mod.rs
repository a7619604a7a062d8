//! From the resources of a deployment to an estate: what would exist once it is deployed.
//!
//! The bodies are written as a recording, so they are read like any other; what only Azure would add is added
//! ([`complete`]). Where a value was written is kept beside it.

mod against;
mod body;
mod complete;
mod edit;
mod existing;
mod found;
mod lists;
mod made;
mod open;
mod order;
mod requests;
mod settings;
mod symbols;
mod workflow;
mod worlds;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::base::{Map, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::knowledge::first_party::{APP_SERVICE, BACKUP_SERVICE};
use crate::model::{Deployed, DirectAnswer, Estate, Gap, Index, Input, Lists, Origin, Refusal, Tables, World, unsure};
use crate::source::deployed::complete::Resources;
use crate::source::deployed::found::Found;
use crate::source::deployed::lists::ListEach;
use crate::source::deployed::made::{Made, MadeList};
use crate::source::deployed::open::gap;
use crate::source::keep::LATER;
use crate::source::{InputError, ReadOptions};
use crate::template::deployment::Evaluated;
use crate::template::place::{Files, Span};
use crate::template::resource::Truth;
use crate::template::value::{Context, Symbol, Value};

pub(crate) use crate::source::deployed::existing::Existing;
pub(crate) use crate::source::deployed::symbols::Symbols;
pub(crate) use crate::source::deployed::worlds::switched;

/// What is deployed, and how its files are read.
pub(crate) struct Deployment<'d> {
    /// The files.
    pub files: &'d Files,
    /// What they make.
    pub evaluated: &'d Evaluated,
    /// The ids of what it deletes.
    pub deleted: &'d [Value],
    /// The ids of what exists before it, as the files themselves say.
    pub exists: &'d [Existing],
    /// Types that the files leave out although there may be resources of them, and why.
    pub left_out: &'d [(String, String)],
    /// Whether the files say what waits for what.
    pub is_ordered: bool,
    /// Whether they are all there is.
    pub is_all: bool,
    /// The tenant that it goes to, if that is known.
    pub tenant: Option<&'d str>,
    /// The cloud that it goes to.
    pub cloud: Cloud,
    /// Whether the cloud was given, or follows from the files.
    pub is_cloud_known: bool,
    /// What exists.
    pub against: Option<&'d Estate>,
}

/// What would exist.
pub(crate) struct Laid {
    /// The estate after the deployment.
    pub estate: Estate,
    /// What could not be read.
    pub problems: Vec<InputError>,
    /// The parameters without a value on which something hangs that is read, by where they are declared.
    pub unset: BTreeSet<Span>,
    /// The numbers of resources that are read and whose condition is not known.
    pub switches: Vec<usize>,
}

impl Deployment<'_> {
    /// What exists after the deployment.
    pub(crate) fn laid(&self) -> Laid {
        let (mut symbols, exists) = self.named();
        let mut found = Found::default();
        let mut order = order::order(self.evaluated, &mut symbols);
        // Of what is deployed twice, the last one counts.
        for number in order::sorted(&order) {
            if let Some(resource) = self.evaluated.resources.get(number) {
                found.add(number, resource, &mut symbols);
            }
        }
        found.unsure_scopes(&symbols);
        found.unsure_parts();
        let Found { made, mut named, mut perhaps, mut open, mut questions, senders, unset, switches, .. } = found;
        for (made, unknown) in made.iter().filter_map(|made| Some((made, made.open.as_ref()?))) {
            open.entry(made.kind.to_ascii_lowercase()).or_insert_with(|| gap(&made.id, unknown));
        }
        for (kind, why) in self.left_out {
            let what = format!("which resources of type `{kind}` exist: {why}");
            open.entry(kind.to_ascii_lowercase()).or_insert_with(|| Gap::not_in_files(what));
        }
        let (made, recorded) = self.over_recorded(made);
        made.iter().for_each(|made| {
            named.remove(&made.id);
        });
        let shown_in_part = exists.iter().filter(|(_, is_whole)| !**is_whole).map(|(id, _)| id.clone());
        let shown_in_part: HashSet<ResourceId> = shown_in_part.chain(recorded.iter().cloned()).collect();
        if self.against.is_none() {
            perhaps.extend(existing::unread_settings(&made, &shown_in_part));
        }
        let mut all = Resources { made, symbols: &mut symbols, partial: &shown_in_part };
        all.complete();
        // The paths of a consumer are there, whatever is not known of it.
        let mut partial: Map<ResourceId, Gap> = Map::default();
        for made in all.made.iter_mut().filter(|made| is_consumer(made)) {
            if let Some(open) = made.open.take() {
                let gap = gap(&made.id, &open);
                questions.push((made.id.clone(), gap.clone()));
                partial.insert(made.id.clone(), gap);
            }
        }
        let names_somebody = all.names_a_principal();
        let made = all.made.clone();
        if !self.is_all && self.against.is_none() {
            all.link(&self.cloud);
        }
        let linked = all.made;
        order.existing = exists.into_keys().chain(recorded).collect();
        order.is_unknown = !self.is_ordered;
        let written = made.iter().filter(|made| !made.is_recorded);
        let origins = written.map(|made| (made.id.clone(), self.origin(made))).collect();
        let known = Known {
            tenant: symbols.text(&Symbol::Context(Context::Tenant)),
            // An object id that the files spell out may be anybody's.
            first_parties: if names_somebody { Vec::new() } else { first_parties(&self.cloud, &mut symbols) },
            perhaps,
            deleted: self.deleted.iter().filter_map(|id| symbols.named_by(id)).collect(),
        };
        let words = symbols.into_words();
        let lost = self.evaluated.lost.first();
        let lost = lost.map(|lost| {
            Gap::not_in_files(format!("what a module deploys that could not be read: {}", self::open::why(lost)))
        });
        let endpoints = open.iter().find(|(kind, _)| kind.starts_with("microsoft.network/privateendpoints"));
        let endpoints = endpoints.map(|(_, gap)| gap.clone());
        let has_more = self.against.is_some();
        let unsure = open.iter().map(|(kind, gap)| (kind.clone(), unsure(gap))).collect();
        let deployed = Deployed {
            is_all: true,
            has_more,
            named,
            open,
            unsure,
            questions,
            senders,
            partial,
            lost,
            endpoints,
            origins,
            words,
            order,
        };
        let (estate, problems) = self.read(&made, &known);
        if self.is_all {
            return Laid { estate: in_world(estate, deployed), problems, unset, switches };
        }
        let linked = (linked.len() > made.len()).then(|| self.read(&linked, &known).0);
        let alone = Some(Arc::new(in_world(estate.clone(), deployed.clone())));
        let linked = linked.map(|linked| Arc::new(in_world(linked, deployed.clone())));
        let estate = in_world(estate, Deployed { is_all: false, ..deployed });
        Laid { estate: Estate { alone, linked, ..estate }, problems, unset, switches }
    }

    /// The texts that stand for what does not exist yet, as in the estate.
    pub(crate) fn symbols(&self) -> Symbols {
        self.named().0
    }

    /// The same; and what exists already, with whether all of it is known.
    fn named(&self) -> (Symbols, Map<ResourceId, bool>) {
        let mut symbols = Symbols::default();
        if let Some(against) = self.against {
            against::name_identities(against, &mut symbols);
        }
        if let Some(tenant) = self.tenant {
            symbols.name(&Symbol::Context(Context::Tenant), tenant);
        }
        let exists: Map<ResourceId, bool> =
            self.exists.iter().filter_map(|own| Some((symbols.named_by(&own.id)?, own.is_whole))).collect();
        for resource in self.evaluated.resources.iter().filter(|_| !exists.is_empty()) {
            existing::name_identities(resource, &exists, &mut symbols);
        }
        for resource in self.evaluated.resources.iter().filter(|one| !matches!(one.condition, Truth::No)) {
            if let Some(id) = symbols.named_by(&resource.id) {
                symbols.add_resource(id);
            }
        }
        (symbols, exists)
    }

    /// Lays what is made over what was recorded; also the ids of what was there.
    fn over_recorded(&self, mut made: MadeList) -> (MadeList, HashSet<ResourceId>) {
        let Some(against) = self.against else { return (made, HashSet::new()) };
        let mut ids = HashSet::new();
        for before in against::recorded(against) {
            ids.insert(before.id.clone());
            match made.get_mut(&before.id) {
                Some(made) => against::over(&before.json, &mut made.json),
                None => made.put(before),
            }
        }
        (made, ids)
    }

    /// Reads the resources as answers of Resource Manager.
    fn read(&self, made: &MadeList, known: &Known) -> (Estate, Vec<InputError>) {
        if let Some(against) = self.against {
            return (laid_over(against, made, known), Vec::new());
        }
        let exchanges: Vec<Json> = made.iter().filter(|made| made.open.is_none()).map(exchange).collect();
        let mut recording = json!({ "apimDoctor": "snapshot/v1", "tenantId": known.tenant, "exchanges": exchanges });
        let is_named = Cloud::named(&self.cloud.name).is_some();
        if is_named {
            edit::set(&mut recording, "cloud", self.cloud.name.as_str());
        }
        let inputs = vec![Input::new("deployment", recording.to_string())];
        let (mut estate, problems) = Estate::read_as(inputs, &ReadOptions::default(), &LATER);
        estate.is_cloud_known = self.is_cloud_known;
        if !is_named {
            estate.cloud = self.cloud.clone();
        }
        for (made, open) in made.iter().filter_map(|made| Some((made, made.open.as_ref()?))) {
            estate.refusals.insert(made.id.clone(), Refusal::NotSeen(gap(&made.id, open)));
        }
        for (id, gap) in &known.perhaps {
            // What is deployed for certain is perhaps deployed once more, in another form.
            estate.tables.remove(id);
            estate.refusals.insert(id.clone(), Refusal::NotSeen(gap.clone()));
        }
        // Nothing was sent yet.
        estate.calls.clear();
        Arc::make_mut(&mut estate.direct).extend(known.first_parties.iter().cloned());
        (estate, problems)
    }

    fn origin(&self, made: &Made) -> Origin {
        let place = |span: Span| {
            let position = self.files.position(span)?;
            let file = self.files.path(span)?.display().to_string();
            Some((Arc::from(file), position.line as usize, position.column as usize))
        };
        let places = made.places.iter().filter_map(|(pointer, span)| Some((pointer.clone(), place(*span)?))).collect();
        Origin { at: place(made.span), places }
    }
}

/// Whether paths start at resources of a type, or are declared in them.
fn is_consumer(made: &Made) -> bool {
    const KINDS: &[&str] = &[
        "microsoft.apimanagement/service",
        "microsoft.network/applicationgateways",
        "microsoft.web/sites",
        "microsoft.web/sites/config",
        "microsoft.web/sites/slots",
        "microsoft.web/sites/slots/config",
    ];
    let kind = made.kind.to_ascii_lowercase();
    // Other configurations declare no path; switches of the network have defaults.
    KINDS.contains(&kind.as_str()) && (!kind.ends_with("/config") || is_settings(&made.id))
}

/// Whether a configuration of an app is its settings or connection strings.
fn is_settings(id: &ResourceId) -> bool {
    ["appsettings", "connectionstrings"].iter().any(|name| id.name().eq_ignore_ascii_case(name))
}

/// What is known of a deployment beside its resources.
struct Known {
    tenant: String,
    /// What Microsoft Graph would answer about applications of Microsoft.
    first_parties: Vec<(String, DirectAnswer)>,
    /// Resources of which it is not known whether they are made.
    perhaps: Vec<(ResourceId, Gap)>,
    /// What the deployment deletes.
    deleted: Vec<ResourceId>,
}

/// What exists, with what is made.
fn laid_over(against: &Estate, made: &MadeList, known: &Known) -> Estate {
    let mut estate = against.clone();
    for id in &known.deleted {
        estate.tables.remove(id);
        estate.refusals.insert(id.clone(), Refusal::NotFound);
    }
    against::forget_below(&mut estate, made);
    let mut new = Vec::new();
    for made in made.iter().filter(|made| !made.is_recorded) {
        if estate.tables.place(&made.id).is_none() {
            new.push(made.id.clone());
        }
        match &made.open {
            None => against::insert(&mut estate, made),
            Some(open) => {
                estate.tables.remove(&made.id);
                estate.refusals.insert(made.id.clone(), Refusal::NotSeen(gap(&made.id, open)));
            }
        }
    }
    for (id, gap) in &known.perhaps {
        estate.tables.remove(id);
        estate.refusals.insert(id.clone(), Refusal::NotSeen(gap.clone()));
    }
    against::list(&mut estate, &new);
    estate
}

/// What Microsoft Graph would answer about the applications of Microsoft that read vaults.
fn first_parties(cloud: &Cloud, symbols: &mut Symbols) -> Vec<(String, DirectAnswer)> {
    let all = [&APP_SERVICE, &BACKUP_SERVICE].into_iter().filter_map(|party| party.app_id(&cloud.name));
    all.map(|app| {
        let principal = Symbol::Principal(format!("extension:microsoft.graph/serviceprincipals/{app}").into());
        let answer = DirectAnswer { status: 200, id: Some(symbols.text(&principal)), ..DirectAnswer::default() };
        (format!("{}/v1.0/serviceprincipals(appid='{app}')", cloud.graph), answer)
    })
    .collect()
}

/// The estate in a world where the files hold what they hold.
fn in_world(mut estate: Estate, deployed: Deployed) -> Estate {
    if !deployed.has_more {
        let mut lists = Lists::default();
        Tables::each_type(&mut ListEach { estate: &estate, deployed: &deployed, lists: &mut lists });
        estate.lists = Arc::new(lists);
    }
    // What the index says of lists hangs on it.
    let deployed = Arc::new(deployed);
    estate.world = World::Deployed(deployed.clone());
    let mut index = Index::of(&estate);
    let (cloud, refused) = (&estate.cloud, estate.refusals.keys());
    let unread = refused.chain(&deployed.named).filter(|id| estate.tables.place(id).is_none());
    unread.for_each(|id| index.add_unread(id, cloud));
    estate.index = Arc::new(index);
    estate.memo = Arc::default();
    estate
}

/// An answer of Resource Manager that has this body.
fn exchange(made: &Made) -> Json {
    if let Some((instance, leaf)) = sent_to(made) {
        let request = format!("POST {instance}/{leaf}?api-version={}", made.version);
        return json!({ "request": request, "status": 202, "send": made.json });
    }
    let mut body = made.json.clone();
    edit::set(&mut body, "id", made.id.as_str());
    edit::set(&mut body, "name", made.id.name());
    edit::set(&mut body, "type", made.kind.as_str());
    edit::properties(&mut body, |_| {});
    json!({ "request": format!("GET {}?api-version={}", made.id, made.version), "status": 200, "body": body })
}

/// The instance and the operation, if it is a request for a backup or a restore.
fn sent_to(made: &Made) -> Option<(ResourceId, &'static str)> {
    let is = |leaf: &&&str| made.kind.eq_ignore_ascii_case(&format!("Microsoft.ApiManagement/service/{leaf}"));
    Some((made.id.parent()?, *["backup", "restore"].iter().find(is)?))
}

//! Joins the requests of scripts to the instances that they name.

use std::sync::Arc;

use crate::base::ResourceId;
use crate::model::api_management::Service;
use crate::model::backup::BackupRequest;
use crate::model::script::ScriptRequest;
use crate::model::{ClosedBy, Estate, Gap, Modelled, Place, Refusal, Resource, Row, Seen};

/// Stands for a part of an id that a script does not say.
const UNNAMED: [&str; 3] = ["SUBSCRIPTION", "RG", "NAME"];

/// Adds the requests to the estate, each under the instance that it is for.
pub(crate) fn join(estate: &mut Estate, requests: Vec<ScriptRequest>) {
    let mut scripts = (*estate.scripts).clone();
    for mut request in requests {
        let Some(properties) = serde_json::from_value::<BackupRequest>(request.body.clone()).ok() else { continue };
        let instance = instance_of(estate, &request);
        let leaf = if request.restores { "restore" } else { "backup" };
        let word = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && !"-._".contains(c), "_");
        let base = format!("{}!{}!{}", word(request.name()), request.at.line, request.at.column);
        // A loop sends several requests from one line, and two files may have the same name.
        let id = (1..).map(|n| match n {
            1 => instance.child(leaf, &base),
            n => instance.child(leaf, &format!("{base}!{n}")),
        });
        let Some(id) = id.take(10_000).find(|id| !scripts.contains_key(id)) else { continue };
        let resource = Resource {
            id: id.clone(),
            location: None,
            kind: None,
            identity: None,
            sku: None,
            system_data: None,
            properties,
        };
        let at = Place { file: u16::MAX, offset: 0, len: 0 };
        let row = Row { resource, rank: (Seen::Fetched, Arc::from("")), at, last: at.file, also: Vec::new() };
        BackupRequest::table_mut(&mut estate.tables).insert(id.clone(), Arc::new(row));
        estate.patched.insert(id.clone(), request.body.clone());
        request.instance_id = instance;
        scripts.insert(id, request);
    }
    estate.scripts = Arc::new(scripts);
}

/// The instance: the one that the script names, or the only one that fits what the script says of it.
fn instance_of(estate: &mut Estate, request: &ScriptRequest) -> ResourceId {
    let said = [&request.subscription, &request.group, &request.instance];
    let fits = |id: &&ResourceId| {
        let own = [id.subscription(), id.resource_group(), Some(id.name())];
        let same = |(said, own): (&&Option<String>, Option<&str>)| match said {
            Some(said) => own.is_some_and(|own| own.eq_ignore_ascii_case(said)),
            None => true,
        };
        said.iter().zip(own).all(same)
    };
    let found: Vec<ResourceId> = estate.ids::<Service>().into_iter().filter(fits).cloned().collect();
    if let ([one], Some(_)) = (found.as_slice(), &request.instance) {
        return one.clone();
    }
    let mut parts = said.into_iter().zip(UNNAMED).map(|(said, unnamed)| said.as_deref().unwrap_or(unnamed));
    let [subscription, group, name] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let id = ResourceId::new(&format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{name}"
    ));
    let is_named = request.subscription.is_some() && request.group.is_some() && request.instance.is_some();
    if !is_named {
        let script = request.name();
        let gap = match (&request.instance, found.len()) {
            (None, _) => {
                let why = request.why("/instance").unwrap_or("no name is given");
                Gap::ambiguous(format!("which instance `{script}` means: {why}"))
                    .advise("collect the instances that it is run for, and write their names in the script")
            }
            (Some(name), 2..) => Gap::ambiguous(format!("which of several instances named `{name}` `{script}` means"))
                .advise("write the resource group and the subscription in the script"),
            (Some(name), _) => Gap::not_collected(
                format!("instance `{name}` (named in `{script}`)"),
                ClosedBy::Show("az resource list --resource-type Microsoft.ApiManagement/service", name.clone()),
            ),
        };
        estate.refusals.entry(id.clone()).or_insert(Refusal::NotSeen(gap));
    }
    id
}

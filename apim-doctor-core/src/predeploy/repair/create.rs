//! New resources as declarations: role assignments, and children of resources that the files declare.

use serde_json::Value as Json;

use crate::base::ResourceId;
use crate::predeploy::repair::context::{Candidate, Meant, Repair, range};
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::import::Mentioned;
use crate::predeploy::repair::names::{Declaration, Named, Names, arm_literal, unused};
use crate::source::arm::edit as arm;
use crate::source::bicep::edit as bicep;
use crate::source::layout::Change;
use crate::template::place::FileId;

/// The type of role assignments.
const ROLE_ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments";

/// The version of role assignments that is written.
const ROLE_ASSIGNMENTS_VERSION: &str = "2022-04-01";

/// The type of private DNS zones.
const ZONES: &str = "Microsoft.Network/privateDnsZones";

/// The version of private DNS zones that is written.
const ZONES_VERSION: &str = "2020-06-01";

/// The ways to declare a new resource.
///
/// # Errors
/// Why there is none.
pub(super) fn create(repair: &mut Repair<'_>, body: &Json, scope: &ResourceId) -> Result<Vec<Candidate>, String> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    let kind = text("/type");
    if !kind.eq_ignore_ascii_case(ROLE_ASSIGNMENTS) {
        return child(repair, body);
    }
    let (principal, definition) = (text("/properties/principalId"), text("/properties/roleDefinitionId"));
    let role = definition.rsplit('/').next().unwrap_or_default();
    let says = vec![("principalId", principal.to_owned()), ("roleDefinitionId", role.to_owned())];
    let meant = Meant::New { kind: kind.to_owned(), scope: scope.clone(), says };
    let mut all = Vec::new();
    for (file, language, names) in templates(repair) {
        let (Some(target), Some(principal)) = (names.declared(scope.as_str()), grantee(&names, principal, repair))
        else {
            continue;
        };
        // What a module makes has to be there before it is named.
        let is_named = repair.evaluated.resources.get(target.number).is_some_and(|resource| resource.existing);
        let module = is_named.then(|| repair.mentioned(&names, scope)).flatten().map(|target| target.module);
        let change = repair.file(file).and_then(|(source, _)| match language {
            Language::Json => in_json(&source, repair, target, &principal, role),
            Language::Bicep => Some(in_bicep(&source, target, &principal, (role, module.as_deref()))),
            _ => None,
        });
        all.extend(change.map(|change| Candidate::new(file, change, &meant)));
    }
    all.extend(across(repair, (scope, principal, role), &meant));
    match all.is_empty() {
        true => Err(format!("no file names both `{}` and the identity", scope.name())),
        false => Ok(all),
    }
}

/// The templates with what they can name, each file once.
fn templates(repair: &mut Repair<'_>) -> Vec<(FileId, Language, Names)> {
    let mut found: Vec<(FileId, u32)> = Vec::new();
    for resource in &repair.evaluated.resources {
        let place = (resource.span.file, resource.deployment);
        if !found.iter().any(|(file, _)| *file == place.0) {
            found.push(place);
        }
    }
    let mut all = Vec::new();
    for (file, deployment) in found {
        if let Some((_, language)) = repair.file(file) {
            let names = repair.names_in(file, language, deployment);
            all.push((file, language, names));
        }
    }
    all
}

/// The principal as an expression. One that the files do not name is a text.
fn grantee(names: &Names, principal: &str, repair: &Repair<'_>) -> Option<Named> {
    names.find(principal).cloned().or_else(|| {
        let literal = (!repair.words.stands_in(principal)).then(|| names.argument(principal))?;
        Some(Named { expression: literal.clone(), seed: literal, of: String::new(), symbol: String::new() })
    })
}

/// The ways to declare a grant if no template names both the identity and the resource: the template that declares the
/// resource gets the identity from another one, or a template that calls the one of the resource names it.
fn across(
    repair: &mut Repair<'_>,
    (scope, principal, role): (&ResourceId, &str, &str),
    meant: &Meant,
) -> Vec<Candidate> {
    let mut all = Vec::new();
    let templates = templates(repair).into_iter().filter(|(_, language, _)| *language == Language::Bicep);
    for (file, _, names) in templates {
        let Some((source, _)) = repair.file(file) else { continue };
        let here = grantee(&names, principal, repair);
        let is_here = here.is_some();
        let (named, changes) = match here.map(|named| (named, Vec::new())).or_else(|| repair.import(&names, principal))
        {
            Some(found) => found,
            None => continue,
        };
        let declared = match names.declared(scope.as_str()) {
            Some(_) if is_here => continue,
            Some(target) => in_bicep(&source, target, &named, (role, None)),
            None => match repair.mentioned(&names, scope) {
                Some(target) => in_bicep_beside(&source, &target, &named, role),
                None => continue,
            },
        };
        all.push(Candidate::with(changes, (file, declared), meant));
    }
    all
}

/// A grant on a resource that a module makes.
fn in_bicep_beside(source: &str, target: &Mentioned, principal: &Named, role: &str) -> Change {
    let symbol = unused(&plain(target.id.name()), &bicep::names(source));
    let declaration = Declaration {
        id: format!("{symbol}.id"),
        name: format!("{symbol}.name"),
        symbol: symbol.clone(),
        number: target.number,
    };
    let existing = format!(
        "resource {symbol} '{}@{}' existing = {{\n  name: {}\n}}\n\n",
        target.kind, target.version, target.name
    );
    let grant = grant(source, &declaration, principal, (role, Some(&target.module)));
    bicep::add_declarations(source, &format!("{existing}{grant}"))
}

fn in_bicep(source: &str, target: &Declaration, principal: &Named, how: (&str, Option<&str>)) -> Change {
    bicep::add_declarations(source, &grant(source, target, principal, how))
}

/// A role assignment in Bicep, which may wait for a module.
fn grant(source: &str, target: &Declaration, principal: &Named, (role, module): (&str, Option<&str>)) -> String {
    let symbol = unused(&format!("{}Grant", plain(&target.symbol)), &bicep::names(source));
    let wait = module.map(|module| format!("\n  dependsOn: [\n    {module}\n  ]")).unwrap_or_default();
    format!(
        "resource {symbol} '{ROLE_ASSIGNMENTS}@{ROLE_ASSIGNMENTS_VERSION}' = {{\n  name: guid({id}, {seed}, '{role}')\n  \
         scope: {target}\n  properties: {{\n    roleDefinitionId: \
         subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role}')\n    principalId: {principal}\n    \
         principalType: 'ServicePrincipal'\n  }}{wait}\n}}\n",
        id = target.id,
        seed = principal.seed,
        target = target.symbol,
        principal = principal.expression,
    )
}

fn in_json(source: &str, repair: &Repair<'_>, target: &Declaration, principal: &Named, role: &str) -> Option<Change> {
    let declared = repair.evaluated.resources.get(target.number)?;
    let expression = |text: &str| Json::from(format!("[{text}]"));
    let is_whole = |text: &str| text.starts_with('\'');
    let principal_id = match is_whole(&principal.expression) {
        true => Json::from(principal.expression.trim_matches('\'')),
        false => expression(&principal.expression),
    };
    // In a template with symbolic names, those are waited for.
    let wait = |symbol: &str, id: &str| if symbol.is_empty() { expression(id) } else { Json::from(symbol) };
    let mut waits: Vec<Json> = Vec::new();
    waits.extend((!declared.existing).then(|| wait(&target.symbol, &target.id)));
    if !principal.of.is_empty() && principal.of != target.id {
        waits.push(wait(&principal.symbol, &principal.of));
    }
    let definition = format!("subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role}')");
    let resource = [
        ("type", Json::from(ROLE_ASSIGNMENTS)),
        ("apiVersion", ROLE_ASSIGNMENTS_VERSION.into()),
        ("name", expression(&format!("guid({}, {}, '{role}')", target.id, principal.seed))),
        ("scope", expression(&target.id)),
        ("dependsOn", waits.into()),
        (
            "properties",
            serde_json::json!({ "roleDefinitionId": expression(&definition), "principalId": principal_id,
                "principalType": "ServicePrincipal" }),
        ),
    ];
    let text = object(&resource.map(|(name, value)| (name, lines(&value))));
    let symbol = unused(&format!("{}Grant", plain(&target.symbol)), &[]);
    arm::add_resource(source, &range(declared.span), &symbol, &text)
}

/// JSON over several lines, two spaces a step.
fn lines(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The ways to declare an access policy beside its vault.
pub(super) fn create_policy(repair: &mut Repair<'_>, id: &ResourceId, policy: &Json) -> Vec<Candidate> {
    let body = serde_json::json!({ "id": id.as_str(), "type": "Microsoft.KeyVault/vaults/accessPolicies",
        "properties": { "accessPolicies": [policy] } });
    child(repair, &body).unwrap_or_default()
}

/// A private DNS zone, which belongs to nothing.
fn zone(repair: &mut Repair<'_>, id: &ResourceId, meant: &Meant) -> Vec<Candidate> {
    let all = templates(repair);
    let declare = |(file, language, names): (FileId, Language, Names)| {
        let (source, _) = repair.file(file)?;
        let anchor = repair.evaluated.resources.iter().find(|one| one.span.file == file && one.parent.is_none())?;
        let name = names.literal(id.name());
        let change = match language {
            Language::Bicep => {
                let symbol = unused("privateZone", &bicep::names(&source));
                let text = format!(
                    "resource {symbol} '{ZONES}@{ZONES_VERSION}' = {{\n  name: {name}\n  location: 'global'\n}}\n"
                );
                bicep::add_declarations(&source, &text)
            }
            Language::Json => {
                let members = [
                    ("type", Json::from(ZONES).to_string()),
                    ("apiVersion", Json::from(ZONES_VERSION).to_string()),
                    ("name", name),
                    ("location", Json::from("global").to_string()),
                ];
                arm::add_resource(&source, &range(anchor.span), "privateZone", &object(&members))?
            }
            _ => return None,
        };
        Some(Candidate::new(file, change, meant))
    };
    all.into_iter().filter_map(declare).collect()
}

/// An object of JSON with members that are written out.
fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{\n  {}\n}}", members.join(",\n").replace('\n', "\n  "))
}

/// A child of a resource that a template declares, such as a container.
fn child(repair: &mut Repair<'_>, body: &Json) -> Result<Vec<Candidate>, String> {
    let text = |name: &str| body.get(name).and_then(Json::as_str).unwrap_or_default();
    let (id, kind) = (ResourceId::new(text("id")), text("type"));
    let properties = body.get("properties").cloned().unwrap_or_else(|| serde_json::json!({}));
    let meant = Meant::New { kind: kind.to_owned(), scope: id.clone(), says: Vec::new() };
    if kind.eq_ignore_ascii_case(ZONES) {
        return Ok(zone(repair, &id, &meant));
    }
    let mut all = Vec::new();
    for (file, language, names) in templates(repair) {
        // The nearest resource around it that the template declares, and the names between the two.
        let mut between = vec![id.name().to_owned()];
        let mut above = id.parent();
        let declared = loop {
            let Some(parent) = above else { break None };
            if let Some(found) = names.declared(parent.as_str()) {
                break Some(found);
            }
            between.insert(0, parent.name().to_owned());
            above = parent.parent();
        };
        let number = declared.map(|found| found.number);
        let resource = number.and_then(|number| repair.evaluated.resources.get(number));
        let (Some(declared), Some(resource), Some((source, _))) = (declared, resource, repair.file(file)) else {
            continue;
        };
        let Some((properties, changes)) = repair.written(&properties, names.clone()) else {
            repair.is_unnamed = true;
            continue;
        };
        let rest = between.join("/");
        let version = resource.api_version.as_str().unwrap_or_default();
        // A type of another provider has other versions.
        if version.is_empty() || provider(kind) != provider(&resource.resource_type) || repair.words.stands_in(&rest) {
            continue;
        }
        let change = match language {
            Language::Bicep => {
                let symbol = unused(&plain(id.name()), &bicep::names(&source));
                let named = match between.len() {
                    1 => format!("parent: {}\n  name: {}", declared.symbol, bicep::string(&rest)),
                    _ => {
                        let rest = bicep::string(&rest);
                        format!("name: '${{{}.name}}/{}", declared.symbol, rest.get(1..).unwrap_or_default())
                    }
                };
                let text = format!(
                    "resource {symbol} '{kind}@{version}' = {{\n  {named}\n  properties: {}\n}}\n",
                    properties.replace('\n', "\n  ")
                );
                Some(bicep::add_declarations(&source, &text))
            }
            Language::Json => {
                let name = match declared.name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')) {
                    Some(literal) => names.literal(&format!("{}/{rest}", literal.replace("''", "'"))),
                    None => names.whole(&format!("concat({}, {})", declared.name, arm_literal(&format!("/{rest}")))),
                };
                let wait = match declared.symbol.as_str() {
                    "" => names.whole(&declared.id),
                    symbol => Json::from(symbol).to_string(),
                };
                let members = [
                    ("type", Json::from(kind).to_string()),
                    ("apiVersion", Json::from(version).to_string()),
                    ("name", name),
                    ("dependsOn", format!("[\n  {wait}\n]")),
                    ("properties", properties),
                ];
                arm::add_resource(&source, &range(resource.span), &plain(id.name()), &object(&members))
            }
            _ => None,
        };
        all.extend(change.map(|change| Candidate::with(changes, (file, change), &meant)));
    }
    match all.is_empty() {
        true => Err(format!("no file declares what `{}` belongs to", id.name())),
        false => Ok(all),
    }
}

fn provider(kind: &str) -> String {
    kind.split('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// A symbolic name made of another name.
fn plain(name: &str) -> String {
    let mut out = String::new();
    let mut starts = false;
    for c in name.chars() {
        match c.is_ascii_alphanumeric() || c == '_' {
            true if starts && !out.is_empty() => out.push(c.to_ascii_uppercase()),
            true => out.push(c),
            false => {}
        }
        starts = !(c.is_ascii_alphanumeric() || c == '_');
    }
    match out.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        true => out,
        false => format!("new{out}"),
    }
}

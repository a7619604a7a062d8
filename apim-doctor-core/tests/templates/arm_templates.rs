//! What a template makes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::arm::{self, Project};
use crate::template::canonical::write_canonical;
use crate::template::declaration::Template;
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{Given, Loader, NoLoader, Options, evaluate};
use crate::template::json::read_file;
use crate::template::place::{FileId, Files, Span};
use crate::template::resource::Resource;
use crate::template::resource::{Truth, Turn};
use crate::template::text::canonical;
use crate::template::value::{Kind, Symbol, Value, Why};

const SUBSCRIPTION: &str = "87d64d6d-6d17-4ad7-b507-16d9bc498781";
const GROUP: &str = "/subscriptions/87d64d6d-6d17-4ad7-b507-16d9bc498781/resourceGroups/testRg";

struct Made {
    files: Files,
    evaluated: Evaluated,
}

fn known() -> Options {
    Options {
        subscription: Some(SUBSCRIPTION.into()),
        resource_group: Some("testRg".into()),
        location: Some("westeurope".into()),
        ..Options::default()
    }
}

fn make_with(text: &str, parameters: Option<&str>, options: &Options) -> Made {
    let mut files = Files::default();
    let file = files.add(PathBuf::from("main.json"), text.into()).unwrap();
    let read = arm::read_template(file, text);
    let mut problems = read.problems;
    let mut given = Given::default();
    if let Some(text) = parameters {
        let file = files.add(PathBuf::from("main.parameters.json"), text.into()).unwrap();
        let read = arm::read_parameters(file, text);
        problems.extend(read.problems);
        given = read.found.unwrap();
    }
    let mut evaluated = evaluate(read.found.unwrap(), &given, options, &mut NoLoader);
    evaluated.problems.splice(0..0, problems);
    Made { files, evaluated }
}

fn make(text: &str) -> Made {
    make_with(text, None, &known())
}

impl Made {
    fn line(&self, span: Span) -> u32 {
        self.files.position(span).map_or(0, |position| position.line)
    }

    fn named(&self, end: &str) -> &Resource {
        let found = self.evaluated.resources.iter().find(|resource| canonical(&resource.id).ends_with(end));
        found.unwrap_or_else(|| panic!("no {end} among {:?}", self.ids()))
    }

    fn ids(&self) -> Vec<String> {
        self.evaluated.resources.iter().map(|resource| canonical(&resource.id).to_string()).collect()
    }

    fn at(&self, end: &str, path: &str) -> Value {
        let mut value = self.named(end).body.clone();
        for step in path.split('.') {
            value = match (step.parse::<usize>(), value.as_array()) {
                (Ok(at), Some(array)) => array.items[at].clone(),
                _ => value.get(step).unwrap_or_else(|| panic!("no {step} in {}", write_canonical(&value))).clone(),
            };
        }
        value
    }

    fn problems(&self) -> Vec<String> {
        let told = self.evaluated.problems.iter();
        told.map(|problem| format!("{}: {}", self.line(problem.span), problem.message)).collect()
    }

    fn output(&self, name: &str) -> Value {
        let outputs = &self.evaluated.deployments[0].outputs;
        outputs.iter().find(|(known, _)| &**known == name).map(|(_, value)| value.clone()).unwrap()
    }
}

fn template(rest: &str) -> String {
    format!(
        "{{\n\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n\"contentVersion\": \"1.0.0.0\",\n{rest}\n}}"
    )
}

#[test]
fn both_forms_of_resources() {
    let list = make(&template(
        r#""resources": [ { "type": "Microsoft.KeyVault/vaults", "apiVersion": "2024-11-01", "name": "kv1", "properties": {} } ]"#,
    ));
    let object = make(&template(
        r#""languageVersion": "2.0", "resources": { "vault": { "type": "Microsoft.KeyVault/vaults", "apiVersion": "2024-11-01", "name": "kv1", "properties": {} } }"#,
    ));
    let id = format!("{GROUP}/providers/Microsoft.KeyVault/vaults/kv1");
    assert_eq!(list.ids(), std::slice::from_ref(&id));
    assert_eq!(object.ids(), [id]);
    assert_eq!(object.evaluated.resources[0].symbol.as_deref(), Some("vault"));
    assert_eq!(canonical(&object.evaluated.resources[0].api_version).as_ref(), "2024-11-01");
}

#[test]
fn comments_lines_and_commas() {
    let made = make(
        "\u{feff}// a template\n{ \"contentVersion\": \"1.0.0.0\", /* here */ \"resources\": [\n { \"type\": \"A.B/c\", \"name\": \"[concat('x',\n   'y')]\", \"properties\": { \"bad\": \"[nope('a')]\" } },\n ] }",
    );
    assert!(made.ids()[0].ends_with("/providers/A.B/c/xy"));
    assert_eq!(made.problems(), ["4: the function `nope` is not known"]);
    let position = made.files.position(made.evaluated.problems[0].span).unwrap();
    assert_eq!((position.line, position.column), (4, 35));
}

#[test]
fn what_is_no_json_says_where() {
    let read = arm::read_template(Default::default(), "{\n  \"a\": [1, 2\n}");
    assert!(read.found.is_none());
    assert_eq!(read.problems.len(), 1, "{:?}", read.problems);
    let read = arm::read_template(Default::default(), "[]");
    assert_eq!(read.problems[0].message, "expected an object");
    let text = template(r#""resources": [ { "type": "A.B/c", "name": "[concat('a', ]" } ]"#);
    let made = make(&text);
    assert_eq!(made.problems(), ["4: `]` was not expected here"].map(|_| made.problems()[0].clone()));
    assert!(made.evaluated.resources[0].id.is_unknown());
}

#[test]
fn children_in_every_position() {
    let made = make(&template(
        r#""resources": [
  { "type": "Microsoft.Web/sites", "apiVersion": "1", "name": "app", "resources": [
    { "type": "config", "apiVersion": "1", "name": "appsettings", "properties": {} },
    { "type": "Microsoft.Web/sites/slots", "apiVersion": "1", "name": "app/blue", "resources": [
      { "type": "config", "apiVersion": "1", "name": "web" } ] },
    { "type": "providers/locks", "apiVersion": "1", "name": "Microsoft.Authorization/keep" },
    { "type": "Microsoft.Insights/diagnosticSettings", "apiVersion": "1", "name": "logs" } ] },
  { "type": "Microsoft.Web/sites/config", "apiVersion": "1", "name": "[concat('app', '/', 'logs')]" },
  { "type": "Microsoft.Web/sites/providers/roleAssignments", "apiVersion": "1", "name": "app/Microsoft.Authorization/g1" },
  { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "1", "scope": "Microsoft.Web/sites/app", "name": "g2" },
  { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "1", "scope": "[resourceId('Microsoft.Web/sites', 'app')]", "name": "g3" },
  { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "1", "name": "g4" } ]"#,
    ));
    let app = format!("{GROUP}/providers/Microsoft.Web/sites/app");
    assert_eq!(made.problems(), Vec::<String>::new());
    assert_eq!(
        made.ids(),
        [
            app.clone(),
            format!("{app}/config/appsettings"),
            format!("{app}/slots/blue"),
            format!("{app}/slots/blue/config/web"),
            format!("{app}/providers/Microsoft.Authorization/locks/keep"),
            format!("{app}/providers/Microsoft.Insights/diagnosticSettings/logs"),
            format!("{app}/config/logs"),
            format!("{app}/providers/Microsoft.Authorization/roleAssignments/g1"),
            format!("{app}/providers/Microsoft.Authorization/roleAssignments/g2"),
            format!("{app}/providers/Microsoft.Authorization/roleAssignments/g3"),
            format!("{GROUP}/providers/Microsoft.Authorization/roleAssignments/g4"),
        ]
    );
    assert_eq!(&*made.named("/g1").resource_type, "Microsoft.Authorization/roleAssignments");
    assert_eq!(canonical(&made.named("/g1").scope).as_ref(), app);
    assert_eq!(canonical(made.named("/appsettings").parent.as_ref().unwrap()).as_ref(), app);
    assert!(made.named("/g2").parent.is_none());
}

#[test]
fn loops_of_everything() {
    let made = make(&template(
        r#""parameters": { "names": { "type": "array", "defaultValue": [
  "one",
  "two" ] } },
"variables": {
  "copy": [ { "name": "long", "count": "[length(parameters('names'))]", "input": "[concat(parameters('names')[copyIndex('long')], '-x')]" } ],
  "inner": { "copy": [ { "name": "list", "count": 2, "input": { "at": "[copyIndex('list', 10)]" } } ] } },
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "[parameters('names')[copyIndex()]]",
  "copy": { "name": "many", "count": "[length(parameters('names'))]" },
  "properties": {
    "own": "[parameters('names')[copyIndex('many')]]", "next": "[copyIndex(1)]",
    "copy": [ { "name": "disks", "count": 2, "input": { "lun": "[copyIndex('disks')]", "of": "[copyIndex()]" } } ] } },
  { "type": "A.B/d", "apiVersion": "1", "name": "after", "dependsOn": [ "many" ] } ],
"outputs": {
  "all": { "type": "array", "copy": { "count": 2, "input": "[copyIndex()]" } },
  "long": { "type": "array", "value": "[variables('long')]" },
  "inner": { "type": "object", "value": "[variables('inner')]" } }"#,
    ));
    assert_eq!(made.problems(), Vec::<String>::new());
    assert!(matches!(made.named("/two").turn, Some(Turn::At(1))));
    assert_eq!(
        write_canonical(&made.named("/two").body),
        r#"{"properties":{"own":"two","next":2,"disks":[{"lun":0,"of":1},{"lun":1,"of":1}]}}"#
    );
    assert_eq!(made.line(made.at("/two", "properties.own").span), 6);
    assert_eq!(made.named("/after").dependencies.len(), 2);
    assert_eq!(write_canonical(&made.output("all")), "[0,1]");
    assert_eq!(write_canonical(&made.output("long")), r#"["one-x","two-x"]"#);
    assert_eq!(write_canonical(&made.output("inner")), r#"{"list":[{"at":10},{"at":11}]}"#);
}

#[test]
fn a_loop_of_unknown_length_is_one_that_stands_for_all() {
    let made = make(&template(
        r#""parameters": { "count": { "type": "int" } },
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "[concat('n', copyIndex())]", "copy": { "name": "x", "count": "[parameters('count')]" },
  "properties": { "fixed": 1 } } ]"#,
    ));
    assert_eq!(made.evaluated.resources.len(), 1);
    let one = &made.evaluated.resources[0];
    assert!(matches!(&one.turn, Some(Turn::Any(unknown)) if unknown.why == Why::Parameter("count".into())));
    assert!(one.id.is_unknown());
    assert_eq!(write_canonical(&one.body), r#"{"properties":{"fixed":1}}"#);
}

#[test]
fn conditions_have_three_values() {
    let made = make(&template(
        r#""parameters": { "on": { "type": "bool" }, "kind": { "type": "string", "allowedValues": [ "a", "b" ] } },
"resources": [
  { "type": "A.B/c", "apiVersion": "1", "name": "no", "condition": "[and(parameters('on'), false())]", "properties": { "wrong": "[div(1, 0)]" } },
  { "type": "A.B/c", "apiVersion": "1", "name": "yes", "condition": "[or(parameters('on'), true())]" },
  { "type": "A.B/c", "apiVersion": "1", "name": "maybe", "condition": "[parameters('on')]", "properties": { "x": "[if(parameters('on'), 'p', 'q')]", "same": "[if(parameters('on'), 'p', 'p')]" } },
  { "type": "A.B/c", "apiVersion": "1", "name": "never", "condition": "[equals(parameters('kind'), 'c')]" },
  { "type": "A.B/c", "apiVersion": "1", "name": "sometimes", "condition": "[equals(parameters('kind'), 'b')]" } ]"#,
    ));
    assert_eq!(made.problems(), Vec::<String>::new());
    assert!(matches!(made.named("/no").condition, Truth::No));
    assert!(matches!(made.named("/yes").condition, Truth::Yes));
    assert!(matches!(&made.named("/maybe").condition, Truth::Unknown(u) if u.why == Why::Parameter("on".into())));
    assert!(matches!(made.named("/never").condition, Truth::No));
    assert!(matches!(made.named("/sometimes").condition, Truth::Unknown(_)));
    let x = made.at("/maybe", "properties.x");
    let possible: Vec<_> = x.as_unknown().unwrap().possible.iter().map(canonical).collect();
    assert_eq!(possible, ["p".into(), "q".into()] as [Arc<str>; 2]);
    assert_eq!(made.at("/maybe", "properties.same").as_str(), Some("p"));
}

#[test]
fn symbols_join_what_does_not_exist_yet() {
    let text = template(
        r#""variables": { "vault": "[concat('kv', uniqueString(resourceGroup().id))]" },
"resources": [
  { "type": "Microsoft.KeyVault/vaults", "apiVersion": "2024-11-01", "name": "[variables('vault')]", "properties": { "tenantId": "[subscription().tenantId]" } },
  { "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "1", "name": "id1" },
  { "type": "Microsoft.Web/sites", "apiVersion": "1", "name": "app", "identity": { "type": "SystemAssigned" }, "properties": {
      "uri": "[reference(resourceId('Microsoft.KeyVault/vaults', variables('vault'))).vaultUri]",
      "secret": "[concat(reference(variables('vault')).vaultUri, 'secrets/s1')]",
      "pinned": "[reference(resourceId('Microsoft.KeyVault/vaults/secrets', variables('vault'), 's1')).secretUriWithVersion]",
      "key": "[listKeys(resourceId('Microsoft.Storage/storageAccounts', 'st1'), '2023-01-01').keys[0].value]",
      "blob": "[reference(resourceId('Microsoft.Storage/storageAccounts', 'st1'), '2023-01-01').primaryEndpoints.blob]",
      "client": "[reference('id1').clientId]",
      "identity": "[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id1'), '2023-01-31').principalId]",
      "own": "[reference(resourceId('Microsoft.Web/sites', 'app'), '2022-03-01', 'Full').identity.principalId]",
      "tenant": "[reference(resourceId('Microsoft.Web/sites', 'app'), '2022-03-01', 'Full').identity.tenantId]",
      "host": "[reference(resourceId('Microsoft.Web/sites', 'app')).defaultHostName]" } } ]"#,
    );
    let made = make_with(&text, None, &Options::default());
    assert_eq!(made.problems(), Vec::<String>::new());
    let vault = made.evaluated.resources[0].id.clone();
    let app = "{subscription().subscriptionId}";
    assert!(canonical(&vault).contains("kv{uniqueString(/subscriptions/{subscription().subscriptionId}"));
    assert!(canonical(&made.evaluated.resources[2].id).contains(app));
    let text = |path: &str| canonical(&made.at("/app", &format!("properties.{path}"))).to_string();
    let name = canonical(&made.evaluated.resources[0].name);
    assert_eq!(text("uri"), format!("https://{name}.vault.azure.net/"));
    assert_eq!(text("secret"), format!("https://{name}.vault.azure.net/secrets/s1"));
    assert!(text("pinned").starts_with(&format!("https://{name}.vault.azure.net/secrets/s1/{{")));
    assert_eq!(text("blob"), "https://st1.blob.core.windows.net/");
    assert!(text("key").ends_with("storageaccounts/st1).keys.0.value}"), "{}", text("key"));
    let own = made.at("/app", "properties.own");
    println!("{own:?}");
    assert!(matches!(own.as_symbol(), Some(Symbol::Principal(id)) if id.ends_with("/microsoft.web/sites/app")));
    assert!(
        matches!(made.at("/app", "properties.identity").as_symbol(), Some(Symbol::Principal(id)) if id.ends_with("/id1"))
    );
    assert!(
        matches!(made.at("/app", "properties.client").as_symbol(), Some(Symbol::Client(id)) if id.ends_with("/id1"))
    );
    let tenant = made.at("/app", "properties.tenant");
    assert_eq!(
        tenant.as_symbol(),
        made.evaluated.resources[0].body.get("properties").unwrap().get("tenantId").unwrap().as_symbol()
    );
    assert!(matches!(made.at("/app", "properties.host").as_symbol(), Some(Symbol::Property { .. })));
    let waits: Vec<_> = made.named("/app").dependencies.iter().filter_map(|d| d.resource).collect();
    assert_eq!(waits, [0, 1]);
}

#[test]
fn parameter_files_in_both_layouts() {
    let text = template(
        r#""parameters": { "name": { "type": "string" }, "sku": { "type": "string", "defaultValue": "B1" }, "secret": { "type": "securestring" }, "later": { "type": "string" } },
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "[parameters('NAME')]", "properties": { "sku": "[parameters('sku')]", "secret": "[parameters('secret')]", "later": "[parameters('later')]" } } ]"#,
    );
    let whole = "{ \"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#\", \"contentVersion\": \"1.0.0.0\",\n\"parameters\": { \"name\": {\n\"value\": \"n1\" }, \"secret\": { \"reference\": { \"keyVault\": { \"id\": \"/x\" }, \"secretName\": \"s\" } }, \"later\": { \"value\": \"#{later}#\" } } }";
    let short =
        "{ \"name\": {\n\n\"value\": \"n1\" }, \"secret\": { \"value\": null }, \"Sku\": { \"value\": \"S1\" } }";
    let made = make_with(&text, Some(whole), &known());
    assert_eq!(made.problems(), Vec::<String>::new());
    let name = &made.evaluated.resources[0].name;
    assert_eq!((name.as_str(), made.line(name.span)), (Some("n1"), 3));
    assert_eq!(made.files.path(name.span), Some(Path::new("main.parameters.json")));
    let secret = made.at("/n1", "properties.secret");
    assert_eq!(secret.as_unknown().unwrap().why, Why::Secret("secret".into()));
    assert!(matches!(made.at("/n1", "properties.later").as_symbol(), Some(Symbol::Parameter { .. })));
    let made = make_with(&text, Some(short), &known());
    assert_eq!(made.at("/n1", "properties.sku").as_str(), Some("S1"));
    let made = make_with(&text, Some("{ \"nmae\": { \"value\": 1 } }"), &known());
    assert_eq!(made.problems(), ["1: the template has no parameter `nmae`"]);
}

#[test]
fn a_name_from_a_parameter_without_a_value_equals_itself() {
    let made = make(&template(
        r#""parameters": { "kv": { "type": "string" }, "other": { "type": "string" } },
"resources": [
  { "type": "Microsoft.KeyVault/vaults", "apiVersion": "1", "name": "[parameters('kv')]", "properties": { "same": "[equals(parameters('kv'), parameters('kv'))]", "other": "[equals(parameters('kv'), parameters('other'))]" } },
  { "type": "Microsoft.KeyVault/vaults/secrets", "apiVersion": "1", "name": "[format('{0}/{1}', parameters('kv'), 's')]", "dependsOn": [ "[resourceId('Microsoft.KeyVault/vaults', parameters('kv'))]" ] } ]"#,
    ));
    assert_eq!(made.problems(), Vec::<String>::new());
    let [vault, secret] = made.evaluated.resources.as_slice() else { panic!() };
    assert!(canonical(&secret.id).starts_with(&*canonical(&vault.id)));
    assert_eq!(secret.dependencies[0].resource, Some(0));
    let properties = vault.body.get("properties").unwrap();
    assert_eq!(properties.get("same").unwrap().as_bool(), Some(true));
    assert!(properties.get("other").unwrap().is_unknown());
}

#[test]
fn nested_templates_inside_and_outside() {
    let text = |scope: &str| {
        template(&format!(
            r#""parameters": {{ "x": {{ "type": "string", "defaultValue": "outer" }} }}, "variables": {{ "v": "outside" }},
"resources": [ {{ "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "inner", "resourceGroup": "otherRg",
  "properties": {{ "mode": "Incremental", "expressionEvaluationOptions": {{ "scope": "{scope}" }},
    "parameters": {{ "x": {{ "value": "given" }} }},
    "template": {{ "contentVersion": "1.0.0.0", "parameters": {{ "x": {{ "type": "string" }} }}, "variables": {{ "v": "inside" }},
      "resources": [ {{ "type": "A.B/c", "apiVersion": "1", "name": "[concat(parameters('x'), '-', variables('v'))]", "properties": {{ "group": "[resourceGroup().name]" }} }} ],
      "outputs": {{ "o": {{ "type": "string", "value": "[variables('v')]" }} }} }} }} }} ],
"outputs": {{ "o": {{ "type": "string", "value": "[reference('inner').outputs.o.value]" }} }}"#
        ))
    };
    let inner = make(&text("inner"));
    let outer = make(&text("outer"));
    let group = GROUP.replace("testRg", "otherRg");
    assert_eq!(inner.ids()[1], format!("{group}/providers/A.B/c/given-inside"));
    assert_eq!(outer.ids()[1], format!("{group}/providers/A.B/c/outer-outside"));
    assert_eq!(inner.at("/given-inside", "properties.group").as_str(), Some("otherRg"));
    assert_eq!(outer.at("/outer-outside", "properties.group").as_str(), Some("testRg"));
    assert_eq!(inner.output("o").as_str(), Some("inside"));
    assert_eq!(outer.output("o").as_str(), Some("outside"));
    assert_eq!(inner.evaluated.deployments[1].resource, Some(0));
    assert_eq!(inner.evaluated.resources[1].deployment, 1);
}

#[test]
fn linked_templates_beside_the_file() {
    let folder = std::env::temp_dir().join(format!("arm-linked-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("nested")).unwrap();
    let link = |name: &str, link: &str| {
        format!(
            r#"{{ "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "{name}", "properties": {{ "mode": "Incremental", "templateLink": {{ {link} }}, "parameters": {{ "n": {{ "value": "{name}" }} }} }} }}"#
        )
    };
    let main = template(&format!(
        r#""parameters": {{ "_artifactsLocation": {{ "type": "string", "defaultValue": "https://raw.example/x/" }}, "_artifactsLocationSasToken": {{ "type": "securestring" }} }},
"resources": [ {}, {}, {}, {} ]"#,
        link("a", r#""relativePath": "nested/one.json""#),
        link("b", r#""uri": "[uri(deployment().properties.templateLink.uri, 'nested/one.json')]""#),
        link(
            "c",
            r#""uri": "[uri(parameters('_artifactsLocation'), concat('nested/one.json', parameters('_artifactsLocationSasToken')))]""#
        ),
        link("d", r#""relativePath": "../../etc/passwd.json""#),
    ));
    let one = template(
        r#""parameters": { "n": { "type": "string" } }, "resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "[parameters('n')]" } ]"#,
    );
    std::fs::write(folder.join("main.json"), main).unwrap();
    std::fs::write(folder.join("nested/one.json"), one).unwrap();
    let mut project = Project::new(&folder);
    let template = project.template(Path::new("main.json")).unwrap();
    let evaluated = evaluate(template, &Given::default(), &known(), &mut project);
    let names: Vec<_> =
        evaluated.resources.iter().filter(|r| &*r.resource_type == "A.B/c").map(|r| canonical(&r.name)).collect();
    assert_eq!(names, ["a".into(), "b".into(), "c".into()] as [Arc<str>; 3], "{:?}", evaluated.problems);
    assert_eq!(project.files.path(evaluated.resources[1].span), Some(Path::new("nested/one.json")));
    assert_eq!(evaluated.problems.len(), 1);
    assert!(evaluated.problems[0].message.ends_with("it is outside the project"), "{:?}", evaluated.problems);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn functions_of_users() {
    let made = make(&template(
        r#""functions": [ { "namespace": "my", "members": { "name": { "parameters": [ { "name": "x", "type": "string" } ], "output": { "type": "string", "value": "[concat('p-', toLower(parameters('x')))]" } } } } ],
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "[my.name('ABC')]" } ]"#,
    ));
    assert!(made.ids()[0].ends_with("/p-abc"));
}

#[test]
fn existing_resources_are_named_only() {
    let made = make(&template(
        r#""languageVersion": "2.0", "resources": {
  "vault": { "existing": true, "type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "resourceGroup": "sharedRg", "name": "kv" },
  "grant": { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "scope": "[resourceId('sharedRg', 'Microsoft.KeyVault/vaults', 'kv')]", "name": "[guid('x')]",
    "properties": { "uri": "[reference('vault').vaultUri]", "location": "[reference('vault', '2023-07-01', 'full').location]" }, "dependsOn": [ "vault" ] } }"#,
    ));
    let vault = &made.evaluated.resources[0];
    assert!(vault.existing);
    assert_eq!(
        canonical(&vault.id),
        format!("{}/providers/Microsoft.KeyVault/vaults/kv", GROUP.replace("testRg", "sharedRg")).into()
    );
    let grant = &made.evaluated.resources[1];
    assert_eq!(canonical(&grant.scope), canonical(&vault.id));
    assert_eq!(grant.body.get("properties").unwrap().get("uri").unwrap().as_str(), Some("https://kv.vault.azure.net/"));
    let location = grant.body.get("properties").unwrap().get("location").unwrap();
    assert!(matches!(location.as_symbol(), Some(Symbol::Property { .. })));
}

#[test]
fn subscription_deployments() {
    let text = r#"{ "$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#", "contentVersion": "1.0.0.0",
"resources": [
  { "type": "Microsoft.Resources/resourceGroups", "apiVersion": "1", "name": "newRg", "location": "northeurope" },
  { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "1", "name": "g" },
  { "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "in", "resourceGroup": "newRg", "dependsOn": [ "[subscriptionResourceId('Microsoft.Resources/resourceGroups', 'newRg')]" ],
    "properties": { "mode": "Incremental", "expressionEvaluationOptions": { "scope": "inner" }, "template": { "resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "location": "[resourceGroup().location]" } ] } } } ] }"#;
    let made = make(text);
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    assert_eq!(
        made.ids(),
        [
            format!("{subscription}/resourceGroups/newRg"),
            format!("{subscription}/providers/Microsoft.Authorization/roleAssignments/g"),
            format!("{subscription}/resourceGroups/newRg/providers/Microsoft.Resources/deployments/in"),
            format!("{subscription}/resourceGroups/newRg/providers/A.B/c/x"),
        ]
    );
    assert_eq!(made.evaluated.resources[2].dependencies[0].resource, Some(0));
    assert_eq!(made.evaluated.resources[3].body.get("location").unwrap().as_str(), Some("northeurope"));
}

#[test]
fn provenance_is_kept() {
    let made = make(&template(
        r#""parameters": { "apps": { "type": "object", "defaultValue": {
  "a": { "secret": "https://kv.vault.azure.net/secrets/a" },
  "b": { "secret": "https://kv.vault.azure.net/secrets/b" } } } },
"variables": {
  "list": "[map(items(parameters('apps')), lambda('i', createObject('name', lambdaVariables('i').key, 'url', lambdaVariables('i').value.secret)))]",
  "kept": "[filter(variables('list'), lambda('i', equals(lambdaVariables('i').name, 'b')))]",
  "by": "[toObject(variables('list'), lambda('i', lambdaVariables('i').name))]",
  "last": "[reduce(variables('list'), createObject(), lambda('s', 'i', union(lambdaVariables('s'), createObject(lambdaVariables('i').name, lambdaVariables('i').url))))]" },
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": {
  "one": "[variables('kept')[0].url]",
  "two": "[variables('by').a.url]",
  "three": "[variables('last').b]",
  "four": "[json('{\"k\": \"v\"}').k]" } } ]"#,
    ));
    assert_eq!(made.problems(), Vec::<String>::new());
    let line = |path: &str| made.line(made.at("/x", &format!("properties.{path}")).span);
    assert_eq!((line("one"), line("two"), line("three")), (6, 5, 6));
    assert_eq!(line("four"), 16);
    let one = made.at("/x", "properties.one");
    assert_eq!(made.files.text(one.span), Some("\"https://kv.vault.azure.net/secrets/b\""));
    // The property that holds it keeps its own place.
    let properties = made.named("/x").body.get("properties").unwrap().as_object().unwrap();
    assert_eq!(made.line(properties.entry("one").unwrap().0.span), 13);
}

#[test]
fn what_could_not_be_deployed_is_said() {
    let made = make(&template(
        r#""parameters": { "list": { "type": "array", "defaultValue": [ 1 ] } },
"variables": { "a": "[variables('b')]", "b": "[variables('a')]" },
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": {
  "one": "[parameters('list')[3]]",
  "two": "[parameters('missing')]",
  "three": "[variables('a')]",
  "four": "[reference('off').outputs.o.value]",
  "five": "right" } },
  { "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "off", "condition": false, "properties": { "mode": "Incremental", "template": { "resources": [], "outputs": { "o": { "type": "string", "value": "1" } } } } } ]"#,
    ));
    assert_eq!(
        made.problems(),
        [
            "5: `a` depends on itself",
            "7: the index 3 is out of range: the array has 1",
            "8: the parameter `missing` is not declared",
            "10: the output `o` is of a module that is not deployed",
        ]
    );
    assert_eq!(made.at("/x", "properties.five").as_str(), Some("right"));
    assert_eq!(made.at("/x", "properties.one").as_unknown().unwrap().why, Why::Invalid);
}

#[test]
fn what_is_open_stays_open() {
    let made = make(&template(
        r#""parameters": { "more": { "type": "array" }, "on": { "type": "bool" }, "extra": { "type": "object" } },
"resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": {
  "list": "[concat(createArray('a'), parameters('more'))]",
  "union": "[union(createArray('a'), parameters('more'))]",
  "acls": "[union(createObject('bypass', 'None'), if(parameters('on'), createObject('defaultAction', 'Deny'), createObject()))]",
  "extra": "[union(createObject('a', 1), parameters('extra'))]" } } ]"#,
    ));
    assert_eq!(made.problems(), Vec::<String>::new());
    let list = made.at("/x", "properties.list");
    assert!(list.as_array().unwrap().open.is_some() && list.as_array().unwrap().items.len() == 1);
    let union = made.at("/x", "properties.union");
    let array = union.as_array().unwrap();
    assert!(array.open.is_some() && array.items.len() == 1);
    let acls = made.at("/x", "properties.acls");
    assert_eq!(acls.get("bypass").unwrap().as_str(), Some("None"));
    let action = acls.get("defaultAction").unwrap().as_unknown().unwrap();
    assert_eq!(
        action.possible.iter().map(canonical).collect::<Vec<_>>(),
        ["Deny".into(), "null".into()] as [Arc<str>; 2]
    );
    let extra = made.at("/x", "properties.extra");
    assert!(extra.as_object().unwrap().open.is_some() && extra.get("a").unwrap().is_unknown());
}

#[test]
fn a_hostile_template_is_given_up() {
    let chain: Vec<String> = (0..3000)
        .map(|at| format!("\"v{at}\": \"[concat(variables('v{}'), variables('v{}'))]\"", at + 1, at + 1))
        .collect();
    let long = template(&format!(
        r#""variables": {{ {}, "v3000": "x" }}, "resources": [ {{ "type": "A.B/c", "apiVersion": "1", "name": "[variables('v0')]" }} ]"#,
        chain.join(",")
    ));
    let doubled: Vec<String> = (0..60)
        .map(|at| format!("\"v{at}\": \"[createArray(variables('v{}'), variables('v{}'))]\"", at + 1, at + 1))
        .collect();
    let doubled = template(&format!(
        r#""variables": {{ {}, "v60": "x" }}, "resources": [ {{ "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": {{ "a": "[variables('v0')]" }} }} ]"#,
        doubled.join(",")
    ));
    let deep = template(
        r#""resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": { "a": "[reduce(range(0, 10000), createArray(), lambda('s', 'i', createArray(lambdaVariables('s'))))]" } } ]"#,
    );
    let wide = template(
        r#""resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": { "a": "[map(range(0, 10000), lambda('i', map(range(0, 10000), lambda('j', map(range(0, 10000), lambda('k', padLeft('', 90000)))))))]" } } ]"#,
    );
    let nested = template(&format!(
        r#""resources": [ {{ "type": "A.B/c", "apiVersion": "1", "name": "{}'x'{}" }} ]"#,
        "[".to_owned() + &"concat(".repeat(5000),
        ")".repeat(5000) + "]"
    ));
    let many = template(
        r#""resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "[string(copyIndex())]", "copy": { "name": "x", "count": 999999999 } } ]"#,
    );
    let chained: Vec<String> = (0..3000)
        .map(|at| {
            let next = format!("[if(true(), reference('r{}').value, 'x')]", at + 1);
            format!(r#"{{ "type": "A.B/c", "apiVersion": "1", "name": "r{at}", "properties": {{ "a": {{ "b": 1 }}, "value": "{next}" }} }}"#)
        })
        .collect();
    let chained = template(&format!("\"resources\": [ {} ]", chained.join(",")));
    let module = (0..60).fold(r#""outputs": { "o": { "type": "string", "value": "x" } }"#.to_owned(), |inner, at| {
        format!(
            r#""parameters": {{ "p": {{ "type": "string", "defaultValue": "" }} }}, "resources": [ {{ "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "m{at}", "properties": {{ "mode": "Incremental",
  "expressionEvaluationOptions": {{ "scope": "inner" }}, "parameters": {{ "p": {{ "value": "[concat(parameters('p'), 'x')]" }} }}, "template": {{ {inner} }} }} }} ],
  "outputs": {{ "o": {{ "type": "string", "value": "[concat(parameters('p'), reference('m{at}').outputs.o.value)]" }} }}"#
        )
    });
    let module = template(&module);
    for text in [&chained, &module] {
        let start = std::time::Instant::now();
        let made = make(text);
        println!("{:?} {:?}", start.elapsed(), made.problems().first());
    }
    let lists = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [&long, &doubled, &deep, &wide, &nested, &many] {
        let start = std::time::Instant::now();
        let made = make(text);
        assert!(!made.problems().is_empty());
        println!("{:?} {:?}", start.elapsed(), made.problems().first());
    }
    assert!(arm::read_template(Default::default(), &lists).found.is_none());
}

#[test]
fn extensions_name_principals() {
    let made = make(&template(
        r#""languageVersion": "2.0", "resources": {
  "service": { "import": "microsoftGraph", "existing": true, "type": "Microsoft.Graph/servicePrincipals@v1.0", "properties": { "appId": "abfa0a7c-a6b6-4736-8310-5855508787cd" } },
  "grant": { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "1", "name": "g", "properties": { "principalId": "[reference('service').id]" } } }"#,
    ));
    assert_eq!(made.problems(), Vec::<String>::new());
    let principal = made.at("/g", "properties.principalId");
    let wanted = "extension:microsoft.graph/serviceprincipals/abfa0a7c-a6b6-4736-8310-5855508787cd";
    assert!(matches!(principal.as_symbol(), Some(Symbol::Principal(id)) if &**id == wanted), "{principal:?}");
}

#[test]
fn management_groups_and_the_tenant() {
    let schema =
        |kind: &str| format!("https://schema.management.azure.com/schemas/2019-08-01/{kind}DeploymentTemplate.json#");
    let text = format!(
        r#"{{ "$schema": "{}", "contentVersion": "1.0.0.0", "resources": [
  {{ "type": "Microsoft.Management/managementGroups", "apiVersion": "1", "name": "mg1", "scope": "/" }},
  {{ "type": "Microsoft.Authorization/policyDefinitions", "apiVersion": "1", "name": "p1" }},
  {{ "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "d", "location": "westeurope", "scope": "Microsoft.Management/managementGroups/mg2", "properties": {{ "mode": "Incremental",
     "expressionEvaluationOptions": {{ "scope": "inner" }}, "template": {{ "resources": [ {{ "type": "Microsoft.Authorization/roleDefinitions", "apiVersion": "1", "name": "r1", "properties": {{ "id": "[managementGroup().id]" }} }} ] }} }} }},
  {{ "type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "s", "location": "westeurope", "subscriptionId": "{SUBSCRIPTION}", "properties": {{ "mode": "Incremental", "template": {{ "resources": [ {{ "type": "Microsoft.Resources/resourceGroups", "apiVersion": "1", "name": "rg1" }} ] }} }} }} ] }}"#,
        schema("managementGroup")
    );
    let made = make_with(&text, None, &Options { management_group: Some("root".into()), ..known() });
    let above = "/providers/Microsoft.Management/managementGroups";
    assert_eq!(
        made.ids(),
        [
            format!("{above}/mg1"),
            format!("{above}/root/providers/Microsoft.Authorization/policyDefinitions/p1"),
            format!("{above}/mg2/providers/Microsoft.Resources/deployments/d"),
            format!("{above}/mg2/providers/Microsoft.Authorization/roleDefinitions/r1"),
            format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Resources/deployments/s"),
            format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1"),
        ]
    );
    assert_eq!(made.at("/r1", "properties.id").as_str(), Some("/providers/Microsoft.Management/managementGroups/mg2"));
}

#[test]
fn a_resource_is_rendered_with_its_places() {
    let made = make_with(
        &template(
            r#""parameters": { "list": { "type": "array" }, "flag": { "type": "bool" }, "uri": { "type": "string",
  "defaultValue": "https://kv.vault.azure.net/" } },
"resources": [ { "type": "A.B/c/d", "apiVersion": "1", "name": "[concat('x/', guid(resourceGroup().id))]", "location": "here", "properties": {
  "uri": "[parameters('uri')]",
  "flag": "[parameters('flag')]",
  "list": [ 1, "[parameters('flag')]" ],
  "more": "[union(createArray('a'), parameters('list'))]" } } ]"#,
        ),
        None,
        &Options::default(),
    );
    let rendering = crate::template::rendering::render(&made.evaluated.resources[0]);
    let parsed: serde_json::Value = serde_json::from_str(&rendering.text).unwrap();
    assert_eq!(
        parsed["properties"],
        serde_json::json!({ "uri": "https://kv.vault.azure.net/", "list": [1, null], "more": ["a"] })
    );
    assert_eq!(parsed["type"], "A.B/c/d");
    assert_eq!(parsed["id"].as_str().unwrap().split('/').count(), 11, "{}", parsed["id"]);
    let gaps: Vec<_> = rendering.gaps.iter().map(|left| (left.pointer.as_str(), left.is_whole)).collect();
    assert_eq!(gaps, [("/properties/flag", true), ("/properties/list/1", true), ("/properties/more", false)]);
    let line = |text: &str| made.line(rendering.place(rendering.text.find(text).unwrap()).unwrap());
    assert_eq!((line("https://kv"), line("\"uri\""), line("1,null"), line("\"here\"")), (5, 7, 9, 6));
}

#[test]
fn files_from_powershell_are_read() {
    let folder = std::env::temp_dir().join(format!("arm-wide-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = template(r#""resources": [ { "type": "A.B/c", "name": "first", "name": "é" } ]"#);
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.join("main.json"), wide).unwrap();
    let mut project = Project::new(&folder);
    let template = project.template(Path::new("main.json")).unwrap();
    let evaluated = evaluate(template, &Given::default(), &known(), &mut project);
    // Of the same property twice, the last one counts.
    assert_eq!(evaluated.resources[0].name.as_str(), Some("é"));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// One vault that exists.
struct World;

impl Loader for World {
    fn load(&mut self, _: &str, _: FileId) -> Result<Arc<Template>, String> {
        Err("nothing here".to_owned())
    }

    fn existing(&mut self, id: &str) -> Option<Value> {
        let body = r#"{ "location": "westus", "properties": { "enableRbacAuthorization": true } }"#;
        id.ends_with("/vaults/kv").then(|| read_file(FileId(9), body).unwrap())
    }
}

#[test]
fn what_exists_is_known_where_it_is_told() {
    let text = template(
        r#""parameters": { "n": { "type": "int" }, "s": { "type": "string" } }, "resources": [ { "type": "A.B/c", "apiVersion": "1", "name": "x", "properties": {
  "location": "[reference(resourceId('Microsoft.KeyVault/vaults', 'kv'), '2023-07-01', 'full').location]",
  "roles": "[reference(resourceId('Microsoft.KeyVault/vaults', 'kv'), '2023-07-01').enableRbacAuthorization]",
  "other": "[reference(resourceId('Microsoft.KeyVault/vaults', 'kv2'), '2023-07-01').enableRbacAuthorization]",
  "n": "[parameters('n')]", "s": "[parameters('s')]" } } ]"#,
    );
    let template = arm::read_template(Default::default(), &text).found.unwrap();
    let mut given = Given::default();
    for name in ["n", "s"] {
        given.insert(name.into(), arm::inline_parameter(&template, name, "5"));
    }
    let evaluated = evaluate(template, &given, &known(), &mut World);
    let properties = evaluated.resources[0].body.get("properties").unwrap().clone();
    assert_eq!(properties.get("location").unwrap().as_str(), Some("westus"));
    assert_eq!(properties.get("roles").unwrap().as_bool(), Some(true));
    assert_eq!(properties.get("roles").unwrap().span.file, FileId(9));
    assert!(matches!(properties.get("other").unwrap().as_symbol(), Some(Symbol::Property { .. })));
    assert_eq!((properties.get("n").unwrap().as_int(), properties.get("s").unwrap().as_str()), (Some(5), Some("5")));
}

#[test]
fn kinds_of_files() {
    use arm::{FileKind, kind_of};
    assert_eq!(kind_of(&template("\"resources\": []")), FileKind::Template);
    assert_eq!(kind_of("{ \"a\": { \"value\": 1 } }"), FileKind::Parameters);
    assert_eq!(kind_of("{ \"a\": 1 }"), FileKind::Other);
    assert_eq!(kind_of("{}"), FileKind::Other);
    assert_eq!(kind_of("nothing"), FileKind::Other);
    assert!(matches!(Value::null(Span::NONE).kind, Kind::Null));
}

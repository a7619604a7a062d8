//! What each part of the language means.

use std::path::{Path, PathBuf};

use crate::source::bicep::{lower, lower_parameters};
use crate::template::canonical::write_canonical;
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{Given, NoLoader, Options, evaluate};
use crate::template::place::Files;
use crate::template::resource::Truth;
use crate::templates::common::Memory;

struct Run {
    evaluated: Evaluated,
    problems: Vec<String>,
    files: Files,
}

fn run(files: &[(&str, &str)]) -> Run {
    let held = files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
    let project = Memory(PathBuf::new(), held);
    let mut read = Files::default();
    let lowered = lower(Path::new(files[0].0), &project, &mut read);
    let options = Options {
        subscription: Some("sub".into()),
        resource_group: Some("rg".into()),
        location: Some("westeurope".into()),
        ..Options::default()
    };
    let evaluated = evaluate(lowered.template.unwrap(), &Given::default(), &options, &mut NoLoader);
    let all = lowered.problems.iter().chain(&evaluated.problems);
    let problems = all.map(|problem| {
        let at = read.position(problem.span).map_or((0, 0), |at| (at.line, at.column));
        format!("{}:{}: {}", at.0, at.1, problem.message)
    });
    let problems = problems.collect();
    Run { evaluated, problems, files: read }
}

impl Run {
    fn output(&self, name: &str) -> String {
        let found = self.evaluated.deployments[0].outputs.iter().find(|(output, _)| &**output == name);
        write_canonical(&found.unwrap_or_else(|| panic!("{name}")).1)
    }

    /// Type and id of each resource, `-` before what is not there and `=` before what exists.
    fn ids(&self) -> Vec<String> {
        let shown = self.evaluated.resources.iter().map(|resource| {
            let mark = match (resource.existing, &resource.condition) {
                (true, _) => "=",
                (_, Truth::No) => "-",
                (_, Truth::Unknown(_)) => "?",
                _ => "",
            };
            format!("{mark}{}", write_canonical(&resource.id).trim_matches('"'))
        });
        shown.map(|id| id.replace("/subscriptions/sub/resourceGroups/rg/providers/", "")).collect()
    }
}

/// Evaluates expressions, and compares them with JSON.
fn values(declarations: &str, cases: &[(&str, &str)]) {
    let mut text = declarations.to_owned();
    for (number, (expression, _)) in cases.iter().enumerate() {
        text += &format!("\noutput o{number} object = {expression}\n");
    }
    let run = run(&[("main.bicep", &text)]);
    assert_eq!(run.problems, Vec::<String>::new());
    for (number, (expression, expected)) in cases.iter().enumerate() {
        assert_eq!(&run.output(&format!("o{number}")), expected, "{expression}");
    }
}

#[test]
fn operators_bind_as_documented() {
    values(
        "var no = false\nvar nothing = null\n",
        &[
            ("1 + 2 * 3 - 4 / 2", "5"),
            ("(1 + 2) * 3", "9"),
            ("7 % 4 + -2", "1"),
            ("1 + 2 == 3 && !no", "true"),
            ("no || 1 < 2 && 2 <= 2", "true"),
            ("'A' =~ 'a'", "true"),
            ("'A' !~ 'a'", "false"),
            ("'A' != 'a'", "true"),
            ("nothing ?? nothing ?? 'c'", "\"c\""),
            ("no ? 'a' : true ? 'b' : 'c'", "\"b\""),
            ("no\n  ? 'a'\n  : 'b'", "\"b\""),
            ("nothing ?? no ? 1 : 2", "2"),
            ("-9223372036854775808", "-9223372036854775808"),
        ],
    );
}

#[test]
fn strings_are_read_as_documented() {
    values(
        "var a = 'x'\n",
        &[
            (r"'a\'b\\c\n\t\$\u{1F600}'", "\"a'b\\\\c\\n\\t$😀\""),
            ("'${a}-${'${a}${'}'}'}-${a}'", "\"x-x}-x\""),
            ("'''\nfirst\n  'second' ${a}\\n'''", "\"first\\n  'second' ${a}\\\\n\""),
            ("'''it's''''", "\"it's'\""),
            ("$'''\n${a}!'''", "\"x!\""),
            ("$$'''${a} $${a} $$${a}'''", "\"${a} x $x\""),
            ("'${{ a: { b: a } }.a.b}'", "\"x\""),
            ("''", "\"\""),
        ],
    );
}

#[test]
fn collections_are_read_as_documented() {
    values(
        "var list = [ 'a', 'b'\n 'c' ]\nvar thing = {\n  a: 1, b: { c: [ 2 ] }\n  'd-e': 3\n  '${'f'}g': 4\n}\n",
        &[
            ("list[^1]", "\"c\""),
            ("list[?7]", "null"),
            ("thing.?x.y.z", "null"),
            ("thing.b.c[0]", "2"),
            ("thing['d-e'] + thing.fg", "7"),
            ("thing[?'nope'] ?? 'none'", "\"none\""),
            ("[...list, ...[ 'd' ]]", "[\"a\",\"b\",\"c\",\"d\"]"),
            ("{ ...thing.b, c: 5 }", "{\"c\":5}"),
            ("[for item in list: '${item}!']", "[\"a!\",\"b!\",\"c!\"]"),
            ("[for (item, i) in list: { '${item}': i }]", "[{\"a\":0},{\"b\":1},{\"c\":2}]"),
            ("map(filter(list, x => x != 'b'), (x, i) => '${x}${i}')", "[\"a0\",\"c1\"]"),
            ("reduce([ 1, 2, 3 ], 0, (sum, x) => sum + x)", "6"),
            ("toObject(list, x => x, x => length(x))", "{\"a\":1,\"b\":1,\"c\":1}"),
            ("list[1]!", "\"b\""),
            ("nameof(thing.b)", "\"b\""),
            ("sys.concat(list, [ 'd' ])[3]", "\"d\""),
        ],
    );
}

#[test]
fn keywords_are_names_where_they_stand_as_such() {
    let text = "param param string = 'p'\nvar resource = param\nvar for = 1\nvar if = 2\nvar in = [ for, if ]
output module object = { type: resource, output: in, for: for, if: if, existing: { var: 1 } }
output loop array = [for for in in: for]\n";
    let run = run(&[("main.bicep", text)]);
    assert_eq!(run.problems, Vec::<String>::new());
    assert_eq!(run.output("module"), r#"{"type":"p","output":[1,2],"for":1,"if":2,"existing":{"var":1}}"#);
    assert_eq!(run.output("loop"), "[1,2]");
}

#[test]
fn resources_get_their_whole_types_names_and_conditions() {
    let text = "param on bool = false
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = if (on) {
  name: 'kv'
  resource secret 'secrets' = {
    name: 'one'
  }
  resource policy 'accessPolicies@2022-07-01' = if (!on) {
    name: 'add'
  }
}
resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = [for (name, i) in [ 'x', 'y' ]: if (i > 0) {
  name: 'st${name}'
}]
resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-01-01' existing = {
  parent: account[1]
  name: 'default'
  resource box 'containers' existing = {
    name: 'box'
  }
}
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: blobs::box
  name: 'lock'
}
output ids array = [ blobs::box.id, blobs::box.name, blobs::box.type, vault::policy.apiVersion ]\n";
    let run = run(&[("main.bicep", text)]);
    assert_eq!(run.problems, Vec::<String>::new());
    assert_eq!(
        run.ids(),
        [
            "-Microsoft.KeyVault/vaults/kv",
            "-Microsoft.KeyVault/vaults/kv/secrets/one",
            "-Microsoft.KeyVault/vaults/kv/accessPolicies/add",
            "-Microsoft.Storage/storageAccounts/stx",
            "Microsoft.Storage/storageAccounts/sty",
            "=Microsoft.Storage/storageAccounts/sty/blobServices/default",
            "=Microsoft.Storage/storageAccounts/sty/blobServices/default/containers/box",
            "Microsoft.Storage/storageAccounts/sty/blobServices/default/containers/box/providers/Microsoft.Authorization/locks/lock",
        ]
    );
    let id = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sty/blobServices/default/containers/box";
    let ty = "Microsoft.Storage/storageAccounts/blobServices/containers";
    assert_eq!(run.output("ids"), format!(r#"["{id}","box","{ty}","2022-07-01"]"#));
}

#[test]
fn modules_are_evaluated_as_they_are_called() {
    let main = "module one 'sub/one.bicep' = {
  name: 'one'
  params: { name: 'a', extra: [ 1 ] }
}
module many './sub/one.bicep' = [for i in range(0, 2): {
  name: 'many-${i}'
  scope: resourceGroup('other')
  params: { name: 'b${i}' }
}]
module bare 'sub/two.bicep' = {}
output names array = [ one.outputs.id, many[1].outputs.id, one.name ]\n";
    let one = "param name string\nparam extra array?\n
resource id 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = { name: 'id-${name}-${length(extra ?? [])}' }
output id string = id.name\n";
    let run = run(&[("main.bicep", main), ("sub/one.bicep", one), ("sub/two.bicep", "var x = 1\n")]);
    assert_eq!(run.problems, Vec::<String>::new());
    assert_eq!(run.output("names"), r#"["id-a-1","id-b1-0","one"]"#);
    let ids = run.ids();
    assert!(ids.contains(&"Microsoft.ManagedIdentity/userAssignedIdentities/id-a-1".to_owned()));
    let other =
        "/subscriptions/sub/resourceGroups/other/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-b0-0";
    assert!(ids.contains(&other.to_owned()), "{ids:?}");
    assert!(ids.iter().any(|id| id.starts_with("Microsoft.Resources/deployments/bare-")), "{ids:?}");
}

#[test]
fn imports_bring_what_they_use_along() {
    let main = "import { greet, port as gate, kind } from 'lib/shared.bicep'
import * as lib from 'lib/shared.bicep'
import { fromJson, twice } from 'lib/shared.json'
var hidden = 'mine'
param which kind = 'a'
output all array = [ greet('x'), gate, lib.port, lib.greet('y'), hidden, which, fromJson, twice('z') ]\n";
    let shared = "var hidden = 'theirs'
@export()
var port = base + 1
var base = 442
func inner(a string) string => '${a}-${hidden}'
@export()
func greet(name string) string => inner(name)
@export()
type kind = 'a' | 'b'\n";
    let json = r#"{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0", "resources": [],
  "variables": { "fromJson": "[concat(variables('part'), '!')]", "part": "json" },
  "functions": [ { "namespace": "__bicep", "members": { "twice": { "parameters": [ { "name": "t", "type": "string" } ],
    "output": { "type": "string", "value": "[concat(parameters('t'), parameters('t'))]" } } } } ] }"#;
    let run = run(&[("main.bicep", main), ("lib/shared.bicep", shared), ("lib/shared.json", json)]);
    assert_eq!(run.problems, Vec::<String>::new());
    assert_eq!(run.output("all"), r#"["x-theirs",443,443,"y-theirs","mine","a","json!","zz"]"#);
}

#[test]
fn loaded_files_keep_their_places() {
    let main = "var rules = loadJsonContent('data/rules.json')
var more = loadYamlContent('data/more.yaml')
resource api 'Microsoft.ApiManagement/service/policies@2023-05-01-preview' = {
  name: 'apim/policy'
  properties: { value: loadTextContent('policy.xml'), ips: map(rules.ips, ip => ip.value), extra: more.list[1] }
}\n";
    let rules = "{\n  \"ips\": [\n    { \"value\": \"10.0.0.1\" }\n  ]\n}";
    let run = run(&[
        ("infra/main.bicep", main),
        ("infra/data/rules.json", rules),
        ("infra/data/more.yaml", "list:\n- one\n- two\n"),
        ("infra/policy.xml", "<policies/>"),
    ]);
    assert_eq!(run.problems, Vec::<String>::new());
    let properties = run.evaluated.resources[0].body.get("properties").unwrap();
    let at = |value: &crate::template::value::Value| {
        let position = run.files.position(value.span).unwrap();
        format!("{}:{}:{}", run.files.path(value.span).unwrap().display(), position.line, position.column)
    };
    assert_eq!(at(properties.get("value").unwrap()), "infra/policy.xml:1:1");
    assert_eq!(at(&properties.get("ips").unwrap().as_array().unwrap().items[0]), "infra/data/rules.json:3:16");
    assert_eq!(at(properties.get("extra").unwrap()), "infra/data/more.yaml:3:3");
}

#[test]
fn modules_from_registries_come_from_the_cache_or_are_unknown() {
    let main = "module kept 'br/mine:identity:1.0.0' = {
  name: 'kept'
  params: { name: 'x' }
}
module public 'br/public:avm/res/key-vault/vault:0.9.0' = {
  name: 'public'
  params: { name: 'kv' }
}
output a string = kept.outputs.id
output b string = public.outputs.uri\n";
    let config = r#"{ "moduleAliases": { "br": { "mine": { "registry": "example.azurecr.io", "modulePath": "bicep/modules" } } } }"#;
    let compiled = r#"{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0", "parameters": { "name": { "type": "string" } },
  "resources": [ { "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31",
    "name": "[parameters('name')]" } ],
  "outputs": { "id": { "type": "string", "value": "[parameters('name')]" } } }"#;
    let run = run(&[
        ("main.bicep", main),
        ("bicepconfig.json", config),
        ("cache/br/example.azurecr.io/bicep$modules$identity/1.0.0$/main.json", compiled),
    ]);
    assert_eq!(run.problems, Vec::<String>::new());
    assert_eq!((run.output("a"), run.output("b")), ("\"x\"".to_owned(), "\"{unknown}\"".to_owned()));
    assert!(run.ids().contains(&"Microsoft.ManagedIdentity/userAssignedIdentities/x".to_owned()));
}

#[test]
fn what_cannot_be_deployed_is_told_and_the_rest_is_there() {
    let main = "param Name string = 'x'
resource a 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: name
  location: nowhere
  location: 'here'
}
resource b 'Microsoft.Storage/storageAccounts@2023-01-01' = {
}
module c 'absent.bicep' = { name: 'c' }
var t = loadTextContent('absent.txt')
var x = a.fly()
var x = 1\n";
    let run = run(&[("main.bicep", main)]);
    let mut problems = run.problems.clone();
    problems.sort();
    assert_eq!(
        problems,
        [
            "10:9: `absent.txt`: no such file",
            "11:11: a resource has no function `fly`",
            "12:5: `x` is declared twice",
            "3:9: `name` is not declared, but `Name` is",
            "4:13: `nowhere` is not declared",
            "5:3: the property `location` is set twice",
            "7:61: the resource has no `name`",
            "9:10: `absent.bicep`: no such file",
        ]
    );
    assert_eq!(run.ids()[0], "Microsoft.Storage/storageAccounts/x");
}

#[test]
fn parameter_files_extend_each_other() {
    let files = [
        (
            "main.bicepparam",
            "using 'main.bicep'\nextends 'shared.bicepparam'\nvar own = 'o'\nparam a = '${own}-${base.a}'\nparam c = { x: az.getSecret('s', 'g', 'v', 'n') }\n",
        ),
        ("shared.bicepparam", "using none\nvar own = 's'\nparam a = own\nparam b = own\n"),
    ];
    let held = files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
    let read = lower_parameters(Path::new("main.bicepparam"), &Memory(PathBuf::new(), held), &mut Files::default());
    let evaluated = evaluate(read.template, &Given::default(), &Options::default(), &mut NoLoader);
    assert_eq!((read.problems.len(), evaluated.problems.len()), (0, 0), "{:?}", evaluated.problems);
    let shown: Vec<String> = evaluated.deployments[0]
        .parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", write_canonical(value)))
        .collect();
    assert_eq!(shown, [r#"a="o-s""#, r#"b="s""#, r#"c={"x":"{unknown}"}"#]);
}

#[test]
fn lines_end_expressions_but_where_they_plainly_go_on() {
    let text = "type map = {
  @description('what')
  *: string
}
param given map = {}
var both = true
  && !empty(given)
  || false
var list = [
  1
  -2
  both
    ? 'yes'
    : 'no'
]
output list array = list\n";
    let run = run(&[("main.bicep", text)]);
    assert_eq!(run.problems, Vec::<String>::new());
    assert_eq!(run.output("list"), r#"[1,-2,"no"]"#);
}

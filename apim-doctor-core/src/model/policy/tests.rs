//! Every form in which a policy reaches a vault: followed, a gap, or nothing; and the same of what is recorded of it.

use serde_json::{Value, json};

use super::*;

const APIM: &str = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/apim";

/// An instance: its documents by scope, and its other parts.
#[derive(Clone, Default)]
struct Instance {
    documents: Vec<(String, String)>,
    named_values: Vec<(String, Value)>,
    backends: Vec<(String, Value)>,
    apis: Vec<(String, Value)>,
    operations: Vec<(String, Value)>,
}

/// A policy document with this in its `inbound` section.
fn inbound(text: &str) -> String {
    format!(
        "<policies><inbound><base />{text}</inbound><backend><base /></backend><outbound><base /></outbound>\
         <on-error><base /></on-error></policies>"
    )
}

/// A request to a URL with the identity's token.
fn send(url: &str) -> String {
    format!("<send-request mode=\"new\"><set-url>{url}</set-url><set-method>GET</set-method>{TOKEN}</send-request>")
}

const TOKEN: &str = "<authentication-managed-identity resource=\"https://vault.azure.net\" />";
const KV: &str = "https://kv.vault.azure.net/secrets/a";

impl Instance {
    fn api(text: &str) -> Self {
        Self::default().with("apis/orders", &inbound(text))
    }

    fn with(mut self, scope: &str, text: &str) -> Self {
        let id = match scope {
            "" => format!("{APIM}/policies/policy"),
            scope if scope.contains("policyFragments/") => format!("{APIM}/{scope}"),
            scope => format!("{APIM}/{scope}/policies/policy"),
        };
        self.documents.push((id, text.to_owned()));
        self
    }

    fn named(mut self, id: &str, properties: Value) -> Self {
        self.named_values.push((format!("{APIM}/namedValues/{id}"), properties));
        self
    }

    fn backend(mut self, id: &str, properties: Value) -> Self {
        self.backends.push((format!("{APIM}/backends/{id}"), properties));
        self
    }

    fn forwards(mut self, url: &str) -> Self {
        self.apis.push((format!("{APIM}/apis/orders"), json!({ "serviceUrl": url })));
        self
    }

    fn operation(mut self, id: &str, method: &str, template: &str) -> Self {
        let properties = json!({ "method": method, "urlTemplate": template });
        self.operations.push((format!("{APIM}/apis/orders/operations/{id}"), properties));
        self
    }

    /// As a live run records it.
    fn kept(&self) -> Self {
        let vaults = Vaults::of(&Cloud::public());
        let mut kept = self.clone();
        for (_, text) in &mut kept.documents {
            *text = kept_document(text, &vaults);
        }
        for (_, properties) in kept.named_values.iter_mut().chain(&mut kept.backends).chain(&mut kept.apis) {
            for key in ["value", "url", "serviceUrl"] {
                if let Some(text) = properties[key].as_str().map(|text| kept_address(text, &vaults)) {
                    properties[key] = text.into();
                }
            }
        }
        kept
    }

    fn follow(&self) -> Found {
        fn read<T: serde::de::DeserializeOwned>(all: &[(String, Value)]) -> Vec<(ResourceId, T)> {
            all.iter()
                .map(|(id, value)| (ResourceId::new(id), serde_json::from_value(value.clone()).unwrap()))
                .collect()
        }
        fn refer<T>(all: &[(ResourceId, T)]) -> Vec<(&ResourceId, &T)> {
            all.iter().map(|(id, value)| (id, value)).collect()
        }
        let documents: Vec<_> = self.documents.iter().map(|(id, text)| (ResourceId::new(id), text)).collect();
        let (named, backends) = (read(&self.named_values), read(&self.backends));
        let (apis, operations) = (read(&self.apis), read(&self.operations));
        let sources = Sources {
            documents: documents
                .iter()
                .map(|(id, text)| Document { id, text: Some(text.as_str()), format: Some("rawxml") })
                .collect(),
            named_values: refer(&named),
            backends: refer(&backends),
            apis: refer(&apis),
            operations: refer(&operations),
        };
        follow(&sources, &Cloud::public())
    }

    /// `label METHOD url identity`, a line a call; gaps as `? …`.
    fn says(&self) -> Vec<String> {
        let found = self.follow();
        let calls = found.calls.iter().map(|call| {
            let who = match &call.identity {
                Identity::Managed { client_id, audience } => {
                    let audience = if audience == "https://vault.azure.net" { "" } else { audience };
                    format!("{}{audience}", client_id.as_deref().unwrap_or("system"))
                }
                Identity::Unknown(_) => "?".to_owned(),
            };
            let id = call.of.as_str().trim_start_matches(APIM).trim_start_matches('/');
            let label = id.trim_end_matches("policies/policy").trim_end_matches('/');
            let more = if call.is_whole { "" } else { "…" };
            let proxy = if call.is_proxied { " proxy" } else { "" };
            format!("{label} {} {}{more} {who}{proxy}", call.method.as_deref().unwrap_or("?"), call.url)
        });
        let mut all: Vec<String> = calls.collect();
        all.sort();
        all.extend(found.gaps.iter().map(|_| "?".to_owned()));
        all
    }

    /// The whole documents say this, and so do the kept ones.
    #[track_caller]
    fn assert(&self, expected: &[&str]) {
        assert_eq!(self.says(), expected, "{:?}", self.follow().gaps);
        let kept = self.kept();
        assert_eq!(kept.says(), expected, "kept: {:#?}\n{:#?}", kept.documents, kept.follow().gaps);
    }
}

#[test]
fn a_url_is_followed_through_values_variables_and_expressions() {
    let call = format!("apis/orders GET {KV} system");
    let plain = json!({ "displayName": "Vault-Url", "secret": false, "value": "https://kv.vault.azure.net" });
    for text in [
        send("https://kv.vault.azure.net/secrets/a?api-version=7.4"),
        send("{{vault-url}}/secrets/a"),
        send("@(\"{{vault-url}}/secrets/\" + \"a\")"),
        format!("<set-variable name=\"u\" value=\"{KV}\" />{}", send("@((string)context.Variables[\"u\"])")),
        format!("<set-variable name=\"u\" value=\"{KV}\" />{}", send("@(context.Variables[&quot;u&quot;] as string)")),
        format!(
            "<set-variable name=\"u\" value=\"{KV}\" />{}",
            send("@(context.Variables.GetValueOrDefault<string>(\"u\"))")
        ),
        format!(
            "<set-variable name=\"h\" value=\"https://kv.vault.azure.net\" />{}",
            send("@($\"{context.Variables[\"h\"]}/secrets/a?v={context.RequestId}\")")
        ),
        send("@(string.Format(\"https://{0}/secrets/{1}\", \"kv.vault.azure.net\", \"a\"))"),
        format!(
            "<set-variable name=\"h\" value=\"https://kv.vault.azure.net\" />{}",
            send("@(String.Format(\"{0}/secrets/a\", context.Variables[\"h\"]))")
        ),
        send("@{ var u = \"https://kv.vault.azure.net\"; return u + \"/secrets/a\"; }"),
        format!("<choose><when condition=\"@(1 < 2)\">{}</when></choose>", send(KV)),
        format!("<retry count=\"3\">{}</retry>", send(KV)),
    ] {
        let instance = Instance::api(&text).named("other-id", plain.clone());
        assert_eq!(instance.says(), std::slice::from_ref(&call), "{text} {:?}", instance.follow().gaps);
        let kept = instance.kept();
        let is_short_name = text.contains("\"a\"");
        if !is_short_name {
            assert_eq!(
                kept.says(),
                std::slice::from_ref(&call),
                "{text}: {:?} {:?}",
                kept.documents,
                kept.follow().gaps
            );
        }
    }
}

#[test]
fn an_object_that_is_computed_is_not_known_and_the_vault_is() {
    for url in [
        "@(\"https://kv.vault.azure.net/secrets/\" + context.Api.Id)",
        "@($\"https://kv.vault.azure.net/secrets/{context.Api.Id}\")",
        "@{ if (context.Api.Id == \"x\") { return null; } return \"https://kv.vault.azure.net/secrets/\" + context.Api.Id; }",
    ] {
        let instance = Instance::api(&send(url));
        let found = instance.follow();
        let vaults: Vec<_> = found.calls.iter().map(|call| host_of(&call.url).unwrap()).collect();
        assert!(vaults.contains(&"kv.vault.azure.net"), "{url}");
        assert!(found.calls.iter().all(|call| !call.is_whole), "{url}");
        assert_eq!(instance.kept().follow().calls.len(), found.calls.len());
    }
    Instance::api(&send("@(context.Api.Id == \"x\" ? \"https://kv.vault.azure.net/secrets/a\" : \"https://kv2.vault.azure.net/secrets/b\")"))
        .assert(&["apis/orders GET https://kv.vault.azure.net/secrets/a system", "apis/orders GET https://kv2.vault.azure.net/secrets/b system"]);
}

#[test]
fn what_cannot_be_followed_is_a_gap() {
    let variable = |more: &str| {
        format!("<set-variable name=\"u\" value=\"{KV}\" />{more}{}", send("@((string)context.Variables[\"u\"])"))
    };
    for text in [
        send("{{secret-url}}/secrets/a"),
        send("{{missing}}/secrets/a"),
        send("https://{{missing}}.vault.azure.net/secrets/a"),
        send("@(\"https://\" + context.Request.Headers.GetValueOrDefault(\"v\") + \".vault.azure.net/secrets/a\")"),
        send("@(context.Request.Headers.GetValueOrDefault(\"v\"))"),
        variable("<set-variable name=\"u\" value=\"https://kv2.vault.azure.net/secrets/a\" />"),
        variable("<choose><when condition=\"@(true)\"><set-variable name=\"u\" value=\"x\" /></when></choose>"),
        variable(
            "<send-request mode=\"new\" response-variable-name=\"u\"><set-url>https://x.example</set-url></send-request>",
        ),
        "<send-request mode=\"copy\">".to_owned() + TOKEN + "</send-request>",
        TOKEN.to_owned(),
        "<authentication-managed-identity resource=\"https://vault.azure.net\" output-token-variable-name=\"t\" />"
            .to_owned(),
        send("https://proxy.example/secrets/a"),
        format!("<set-variable name=\"u\" value=\"{KV}\" />"),
        format!("<set-backend-service base-url=\"{KV}\" /><return-response />"),
        "<include-fragment fragment-id=\"missing\" />".to_owned(),
        "<set-backend-service backend-id=\"missing\" />".to_owned(),
        "<cors><origin>https://kv.vault.azure.net</origin></cors>".to_owned(),
        send("https://x.example/@(\"").replace("</", "<!--"),
    ] {
        let instance = Instance::api(&text).named(
            "secret-url",
            json!({ "displayName": "secret-url", "secret": true, "value": "https://kv.vault.azure.net" }),
        );
        let says = instance.says();
        assert!(!says.is_empty() && says.iter().all(|line| line == "?"), "{text}: {says:?}");
        let says = instance.kept().says();
        assert!(
            !says.is_empty() && says.iter().all(|line| line == "?"),
            "{text}: {says:?} {:?}",
            instance.kept().documents
        );
    }
}

#[test]
fn a_policy_without_a_vault_is_nothing() {
    for text in [
        format!("<!-- {} -->", send(KV)),
        "<send-request mode=\"new\"><set-url>https://management.azure.com/x</set-url>\
         <authentication-managed-identity resource=\"https://management.azure.com/\" /></send-request>"
            .to_owned(),
        "<set-backend-service base-url=\"{{orders}}\" /><set-header name=\"a\"><value>{{key}}</value></set-header>"
            .to_owned(),
        "<send-request mode=\"copy\" /><rewrite-uri template=\"/secrets/x\" />".to_owned(),
    ] {
        Instance::api(&text).assert(&[]);
    }
}

#[test]
fn the_token_is_found_wherever_it_comes_from() {
    let output = "<authentication-managed-identity resource=\"https://vault.azure.net\" client-id=\"{{id}}\" output-token-variable-name=\"t\" />";
    let header = "<set-header name=\"authorization\" exists-action=\"override\"><value>@(\"Bearer \" + (string)context.Variables[\"t\"])</value></set-header>";
    let request = format!("<send-request mode=\"new\"><set-url>{KV}</set-url>{header}</send-request>");
    let id = "11111111-2222-3333-4444-555555555555";
    let named = json!({ "displayName": "id", "value": id });
    let with_id = format!("apis/orders GET {KV} {id}");
    Instance::api(&format!("{output}{request}")).named("id", named.clone()).assert(&[&with_id]);
    // Through another variable, from a fragment, and from the global document.
    let again =
        request.replace("(string)context.Variables[\"t\"]", "context.Variables[\"b\"]").replace("\"Bearer \" + ", "");
    let through = "<set-variable name=\"b\" value=\"@(\"Bearer \" + (string)context.Variables[\"t\"])\" />";
    Instance::api(&format!("{output}{through}{again}")).named("id", named.clone()).assert(&[&with_id]);
    Instance::api(&format!("<include-fragment fragment-id=\"Token\" />{request}"))
        .with("policyFragments/token", &format!("<fragment>{output}</fragment>"))
        .named("id", named.clone())
        .assert(&[&with_id]);
    let global = Instance::api(&request).with("", &inbound(output).replace("<base />", "")).named("id", named.clone());
    global.assert(&[&with_id]);
    // Without `<base />` it is never set.
    let alone = inbound(&request).replacen("<base />", "", 1);
    let says = Instance::default().with("apis/orders", &alone).with("", &inbound(output)).named("id", named).says();
    assert_eq!(says[0], format!("apis/orders GET {KV} ?"));
    // No token, somebody else's, and a token of `validate-jwt`.
    for header in ["", "<set-header name=\"Authorization\"><value>{{token}}</value></set-header>", header] {
        let text = format!(
            "<validate-jwt output-token-variable-name=\"t\" /><send-one-way-request mode=\"new\"><set-url>{KV}</set-url>{header}</send-one-way-request>"
        );
        Instance::api(&text).assert(&[&format!("apis/orders GET {KV} ?")]);
    }
    let wrong = send(KV).replace("https://vault.azure.net\"", "https://vault.azure.net/\"");
    Instance::api(&wrong).assert(&[&format!("apis/orders GET {KV} systemhttps://vault.azure.net/")]);
}

#[test]
fn the_forwarded_request_is_a_call_too() {
    let host = "https://kv.vault.azure.net";
    let vault = json!({ "url": host, "protocol": "http" });
    // The API's own address, with its operations.
    let own = Instance::api(TOKEN).forwards(host);
    own.assert(&["apis/orders ? https://kv.vault.azure.net… system"]);
    own.clone().operation("get", "GET", "/secrets/a").operation("sign", "POST", "/keys/{name}/sign").assert(&[
        "apis/orders GET https://kv.vault.azure.net/secrets/a system",
        "apis/orders POST https://kv.vault.azure.net/keys… system",
    ]);
    Instance::default().forwards(host).assert(&["apis/orders ? https://kv.vault.azure.net… ?"]);
    // A backend, a pool, and credentials of its own.
    let by_id = |more: &str| {
        format!(
            "<set-backend-service backend-id=\"{more}\" /><rewrite-uri template=\"/secrets/a?api-version=7.4\" />{TOKEN}"
        )
    };
    let expected = format!("apis/orders ? {KV} system");
    Instance::api(&by_id("Store")).forwards("https://x.example").backend("store", vault.clone()).assert(&[&expected]);
    let pool =
        json!({ "type": "Pool", "pool": { "services": [{ "id": "/backends/store" }, { "id": "/backends/other" }] } });
    Instance::api(&by_id("pool"))
        .backend("pool", pool)
        .backend("store", vault.clone())
        .backend("other", json!({ "url": "https://x.example" }))
        .assert(&[&expected, "?"]);
    Instance::api(&by_id("@((string)context.Variables[\"b\"])")).backend("store", vault.clone()).assert(&[&expected]);
    let keyed = json!({ "url": host, "credentials": { "authorization": { "scheme": "Bearer", "parameter": "x" } } });
    Instance::api(&by_id("store").replace(TOKEN, ""))
        .backend("store", keyed)
        .assert(&[&format!("apis/orders ? {KV} ?")]);
    let proxied = json!({ "url": host, "proxy": { "url": "http://proxy" } });
    Instance::api(&by_id("store")).backend("store", proxied).assert(&[&format!("{expected} proxy")]);
    // Written out, in a product, and replaced further in.
    let text = format!("<set-backend-service base-url=\"{host}\" />{TOKEN}");
    Instance::default()
        .with("products/gold", &inbound(&text))
        .assert(&["products/gold ? https://kv.vault.azure.net… system"]);
    // A resolver has its own request.
    let resolver = format!(
        "<http-data-source><http-request><set-method>GET</set-method><set-url>{KV}</set-url>{TOKEN}</http-request></http-data-source>"
    );
    Instance::default()
        .with("apis/graph/resolvers/secret", &resolver)
        .assert(&[&format!("apis/graph/resolvers/secret GET {KV} system")]);
}

#[test]
fn scopes_see_what_the_others_set() {
    let set = |url: &str| format!("<set-variable name=\"u\" value=\"{url}\" />");
    let request = send("@((string)context.Variables[\"u\"])");
    let call = |label: &str| format!("{label} GET {KV} system");
    // From a product, from the parent, and for the parent.
    Instance::api(&request).with("products/gold", &inbound(&set(KV))).assert(&[&call("apis/orders")]);
    Instance::api(&request).with("", &inbound(&set(KV))).assert(&[&call("apis/orders")]);
    let before = inbound("").replacen("<base />", &format!("{}<base />", set(KV)), 1);
    Instance::default().with("apis/orders", &before).with("", &inbound(&request)).assert(&[&call("")]);
    Instance::default()
        .with("apis/orders/operations/get", &inbound(&request))
        .with("apis/orders", &inbound(&set(KV)))
        .assert(&[&call("apis/orders/operations/get")]);
    // Two products that disagree.
    let two = Instance::api(&request)
        .with("products/a", &inbound(&set(KV)))
        .with("products/b", &inbound(&set("https://kv2.vault.azure.net/secrets/a")));
    assert!(two.says().iter().all(|line| line == "?"));
    // A workspace has named values of its own.
    let workspace = Instance::default()
        .with("workspaces/w/apis/x", &inbound(&send("{{v}}/secrets/a")))
        .named("v", json!({ "displayName": "v", "value": "https://kv.vault.azure.net" }));
    assert_eq!(workspace.says(), ["?"]);
    let id = format!("{APIM}/workspaces/w/namedValues/v");
    let mut own = workspace.clone();
    own.named_values.push((id, json!({ "displayName": "v", "value": "https://kv.vault.azure.net" })));
    own.assert(&[&call("workspaces/w/apis/x")]);
}

#[test]
fn a_recording_that_an_older_version_reduced_says_so() {
    let old = format!("<policies>{}</policies>", send(KV));
    assert_eq!(
        Instance::default().with("apis/orders", &old).says(),
        [format!("apis/orders GET {KV} system"), "?".to_owned()]
    );
    assert_eq!(Instance::default().with("", "<policies></policies>").says(), ["?"]);
}

#[test]
fn hostile_documents_cost_no_more_than_their_length() {
    let fragment = "<set-variable name=\"x\" value=\"1\" />".repeat(5_000);
    let includes = "<include-fragment fragment-id=\"f\" />".repeat(5_000);
    let instance = Instance::api(&includes).with("policyFragments/f", &format!("<fragment>{fragment}</fragment>"));
    assert!(instance.follow().gaps.iter().any(|gap| gap.what().contains("too many")));
    for text in [
        "@(".repeat(100_000),
        "@{a=".repeat(100_000),
        send(&format!("@({})", "(".repeat(50_000))),
        send(&format!("@{{{}}}", "a=b+".repeat(50_000))),
        send(&format!("@{{{}}}", "return a;".repeat(20_000))),
        send(&format!("@({})", "x?y:".repeat(50_000))),
        "{{".repeat(100_000),
        "<a b=\"".repeat(50_000),
        "<send-request>".repeat(50_000),
    ] {
        let instance = Instance::api(&text);
        instance.follow();
        instance.kept();
    }
}

#[test]
fn no_secret_of_a_document_is_kept() {
    let vaults = Vaults::of(&Cloud::public());
    let text = inbound(&format!(
        "<set-header name=\"Authorization\"><value>Basic S3CRET</value></set-header>\
         <set-header name=\"x-key\"><value>S3CRET</value></set-header>\
         <authentication-basic username=\"S3CRET\" password=\"S3CRET\" /><set-variable name=\"k\" value=\"S3CRET\" />\
         <set-variable name=\"c\" value=\"@{{ var k = \"S3CRET\"; /* S3CRET */ return k + 'S' + @\"S3CRET\"; }}\" />\
         <send-request mode=\"new\"><set-url>https://u:S3CRET@kv.vault.azure.net/secrets/a?sig=S3CRET</set-url>\
         <set-body>S3CRET https://kv.vault.azure.net</set-body>{TOKEN}</send-request>\
         <send-request><set-url>https://hooks.example/S3CRET?code=S3CRET</set-url></send-request>\
         <send-request><set-url>@($\"https://{{{{host}}}}/S3CRET/{{context.Variables[\"k\"]}}\")</set-url></send-request>\
         <set-backend-service base-url=\"https://x.example/S3CRET\" /><!-- S3CRET -->\
         <check-header name=\"S3CRET\" failed-check-error-message=\"S3CRET\"><value>S3CRET</value></check-header>\
         <include-fragment fragment-id=\"f\" /><set-body template=\"liquid\">S3CRET</set-body>"
    ));
    let kept = kept_document(&text, &vaults);
    assert!(!kept.contains("S3CRET"), "{kept}");
    assert!(kept.contains("https://kv.vault.azure.net/secrets/a?") && kept.contains("fragment-id=\"f\""), "{kept}");
    assert_eq!(kept_document(&kept, &vaults), kept, "keeping twice changes nothing");
    for secret in ["S3CRET", "https://x.example/S3CRET", "https://kv.vault.azure.net/secrets/a?S3CRET", "@(\"S3CRET\")"]
    {
        assert!(!kept_address(secret, &vaults).contains("S3CRET"), "{secret}");
    }
}

//! Tests of the simulated tenant, from a client's side, and the verdicts of the program on it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use azure::client::{Client, RM};
use azure::tenant::{ALL, Caller};
use azure::{At, Azure, Bucket, Fault, Keep, Kind, Options, Quota, Scope, Tenant, Throttle, Tokens, runs};
use serde_json::{Value, json};

const CALLERS: &str = "'microsoft.apimanagement/service', 'microsoft.web/sites', 'microsoft.network/applicationgateways', \
                       'microsoft.recoveryservices/vaults'";

fn discovery() -> String {
    format!("resources | where type in~ ({CALLERS}) | project id, name, type | order by id asc")
}

/// Sends a query with further members of the body. Returns status, headers and body.
fn query(client: &Client, token: &str, query: &str, more: &Value) -> (u16, BTreeMap<String, String>, Value) {
    let mut body = json!({ "query": query });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let url = format!("{RM}/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01");
    exchange(client, client.client.post(url).bearer_auth(token).body(body.to_string()))
}

/// Sends a read of Resource Manager. Returns status, headers and body.
fn read(client: &Client, token: &str, path: &str) -> (u16, BTreeMap<String, String>, Value) {
    exchange(client, client.client.get(format!("{RM}{path}?api-version=1")).bearer_auth(token))
}

fn exchange(client: &Client, request: reqwest::RequestBuilder) -> (u16, BTreeMap<String, String>, Value) {
    client.runtime.block_on(async {
        let answer = request.send().await.unwrap();
        let headers =
            answer.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        (status, headers, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    })
}

/// Reads all pages of a query. Returns the ids, and how many pages there were.
fn ids(client: &Client, token: &str, text: &str, scope: &Value, top: usize) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut options) = (Vec::new(), 0, json!({ "$top": top }));
    loop {
        let mut more = scope.clone();
        more["options"] = options;
        let (status, _, body) = query(client, token, text, &more);
        assert_eq!(status, 200, "{body}");
        let rows = body["data"].as_array().unwrap();
        assert!(rows.len() <= top && body["count"] == rows.len() && body["resultTruncated"] == "false", "{body}");
        found.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = body.get("$skipToken") else {
            assert_eq!(body["totalRecords"], found.len());
            return (found, pages);
        };
        options = json!({ "$top": top, "$skipToken": next });
    }
}

#[test]
fn discovery_finds_each_caller_once_in_pages() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let client = Client::of(&azure);
    let token = client.token(RM);
    let expected = tenant.expected(&Scope::All);
    assert_eq!(expected.len(), 24 + 4 * (2 + 1 + 1));
    assert_eq!(ids(&client, &token, &discovery(), &json!({}), 7), (expected.clone(), 6));
    assert_eq!(ids(&client, &token, &discovery(), &json!({}), 1000), (expected, 1));

    let (_, _, first) = query(&client, &token, &discovery(), &json!({ "options": { "$top": 7 } }));
    let other = discovery().replace("'microsoft.web/sites', ", "");
    let options = json!({ "options": { "$top": 7, "$skipToken": first["$skipToken"] } });
    assert_eq!(query(&client, &token, &other, &options).0, 400, "a token of another query");
    assert_eq!(query(&client, &token, &other, &json!({ "options": { "$top": 1001 } })).0, 400);
}

#[test]
fn a_large_tenant_is_indexed_before_it_is_generated() {
    let tenant =
        Tenant { instances: 10_000, subscriptions: 200, apps: 0, gateways: 0, recovery_vaults: 0, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options { keep: Keep::Counts, ..Options::default() });
    let client = Client::of(&azure);
    let token = client.token(RM);
    let (found, pages) = ids(&client, &token, &discovery(), &json!({}), 1000);
    assert_eq!((found.len(), pages), (10_000, 10));
    assert_eq!(found, tenant.expected(&Scope::All));
    let (last, counts) = (found.last().unwrap(), azure.counts());
    assert_eq!(read(&client, &token, last).2["id"], **last);
    assert_eq!((counts.of("ResourceGraph"), counts.duplicates), (10, 0));
}

#[test]
fn scopes_restrict_a_query_and_unknown_ones_are_refused() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let client = Client::of(&azure);
    let token = client.token(RM);
    let found = |scope: Value| ids(&client, &token, &discovery(), &scope, 1000).0;
    let two = json!({ "subscriptions": [tenant.subscription(0).to_uppercase(), tenant.subscription(3)] });
    assert_eq!(found(two), tenant.expected(&Scope::Subscriptions(vec![0, 3])));
    let group = |name: &str| tenant.expected(&Scope::ManagementGroup(name.to_owned()));
    assert_eq!(found(json!({ "managementGroups": ["MG-1"] })), group("mg-1"));
    assert_eq!(group("mg-1"), tenant.expected(&Scope::Subscriptions(vec![1, 3])));
    assert_eq!(found(json!({ "managementGroups": [ALL] })), tenant.expected(&Scope::All));

    let refused = |scope: Value| {
        let (status, _, body) = query(&client, &token, &discovery(), &scope);
        assert_eq!((status, &body["error"]["code"]), (400, &json!("BadRequest")), "{body}");
        body["error"]["details"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(json!({ "managementGroups": ["mg-2"] })), "ManagementGroupsContainInvalidIds");
    assert_eq!(refused(json!({ "subscriptions": ["mg-2"] })), "NoValidSubscriptionsInQueryRequest");
    let (status, _, body) = read(&client, &token, "/subscriptions/mg-2/providers/Microsoft.KeyVault/vaults");
    assert_eq!((status, &body["error"]["code"]), (404, &json!("SubscriptionNotFound")));
}

#[test]
fn resource_graph_and_resource_manager_have_the_same_resources() {
    let tenant = Tenant { instances: 30, subscriptions: 2, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let client = Client::of(&azure);
    let token = client.token(RM);
    let (status, _, all) = query(&client, &token, "resources | project id, name, type", &json!({}));
    assert_eq!(status, 200);
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in all["data"].as_array().unwrap() {
        let (id, kind) = (row["id"].as_str().unwrap(), row["type"].as_str().unwrap());
        let (status, _, body) = read(&client, &token, id);
        assert_eq!((status, &body["id"], &body["name"]), (200, &row["id"], &row["name"]));
        assert!(body["type"].as_str().unwrap().eq_ignore_ascii_case(kind), "{body}");
        kinds.entry(kind.to_owned()).or_default().insert(id.to_owned());
    }
    assert_eq!(kinds.len(), 11, "{:?}", kinds.keys());
    let (_, _, subscriptions) = read(&client, &token, "/subscriptions");
    let scopes: Vec<&str> =
        subscriptions["value"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    for (kind, rows) in kinds {
        let lists = scopes.iter().map(|scope| read(&client, &token, &format!("{scope}/providers/{kind}")).2);
        let listed: Vec<Value> = lists.flat_map(|list| list["value"].as_array().unwrap().clone()).collect();
        let listed: BTreeSet<String> = listed.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(listed, rows, "{kind}");
    }
    let missing = format!("{}x", all["data"][0]["id"].as_str().unwrap());
    assert_eq!(read(&client, &token, &missing).2["error"]["code"], "ResourceNotFound");
    let client_id =
        query(&client, &token, "resources | where properties.clientId in~ ('x') | project id, name, type", &json!({}));
    assert_eq!(client_id.2["count"], 0);
}

#[test]
fn lists_of_a_tenant_have_pages() {
    let tenant = Tenant { instances: 6, subscriptions: 1, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options { page_size: Some(4), ..Options::default() });
    let client = Client::of(&azure);
    let list = format!("/subscriptions/{}/providers/Microsoft.ApiManagement/service", tenant.subscription(0));
    let (_, first) = client.get(&list);
    let (_, last) = client.get(first["nextLink"].as_str().unwrap());
    let count = |page: &Value| page["value"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&last), last.get("nextLink")), (4, 2, None));
    assert_eq!(ids(&client, &client.token(RM), &discovery(), &json!({}), 1000), (tenant.expected(&Scope::All), 3));
}

#[test]
fn reads_are_throttled_for_each_subscription() {
    let tenant = Tenant::default();
    let subscription = Bucket { size: 3, per_second: 1 };
    let throttle = Throttle { subscription, tenant: Bucket { size: 2, per_second: 1 }, ..Throttle::default() };
    let azure = Azure::serve_tenant(&tenant, Options { throttle: Some(throttle), ..Options::default() });
    let client = Client::of(&azure);
    let token = client.token(RM);
    let path = |number: usize| format!("/subscriptions/{}", tenant.subscription(number));
    let left = "x-ms-ratelimit-remaining-subscription-reads";
    // The first read generates the subscription, which takes a moment in which tokens come back.
    assert_eq!(read(&client, &token, &path(0)).0, 200);
    let answers: Vec<_> = (0..6).map(|_| read(&client, &token, &path(0))).collect();
    let (status, headers, body) = answers.last().unwrap();
    assert_eq!((*status, &body["error"]["code"]), (429, &json!("SubscriptionRequestsThrottled")), "{body}");
    assert_eq!((headers["retry-after"].as_str(), headers[left].as_str()), ("1", "0"));
    let (status, headers, _) = read(&client, &token, &path(1));
    assert_eq!((status, headers[left].as_str()), (200, "2"));
    let tenants: Vec<_> = (0..3).map(|_| read(&client, &token, "/subscriptions")).collect();
    assert_eq!(tenants[0].1["x-ms-ratelimit-remaining-tenant-reads"], "1");
    assert_eq!(tenants[2].2["error"]["code"], "TenantRequestsThrottled");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(read(&client, &token, &path(0)).0, 200);
    let counts = azure.counts();
    assert!(counts.statuses[&429] >= 2, "{counts:?}");
}

#[test]
fn queries_are_throttled_in_windows() {
    let graph = Quota { requests: 2, window: Duration::from_secs(3) };
    let throttle = Throttle { graph, ..Throttle::default() };
    let azure = Azure::serve_tenant(&Tenant::default(), Options { throttle: Some(throttle), ..Options::default() });
    let client = Client::of(&azure);
    let token = client.token(RM);
    let ask = || query(&client, &token, &discovery(), &json!({}));
    let answers = [ask(), ask(), ask()];
    let seen = answers.map(|(status, headers, body)| {
        let resets = &headers["x-ms-user-quota-resets-after"];
        assert!(["00:00:01", "00:00:02", "00:00:03"].contains(&resets.as_str()), "{resets}");
        (status, headers["x-ms-user-quota-remaining"].clone(), body["error"]["code"].clone())
    });
    let expected = [(200, "1", Value::Null), (200, "0", Value::Null), (429, "0", json!("RateLimiting"))];
    assert_eq!(seen, expected.map(|(status, left, code)| (status, left.to_owned(), code)));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(ask().0, 200);
}

#[test]
fn a_subscription_can_refuse_everything() {
    let tenant = Tenant::default();
    let fault = Fault { at: At::Subscription(tenant.subscription(1).to_uppercase()), kind: Kind::Refused, times: None };
    let azure = Azure::serve_tenant(&tenant, Options { fault: Some(fault), ..Options::default() });
    let client = Client::of(&azure);
    let status =
        |number: usize, rest: &str| client.get(&format!("/subscriptions/{}{rest}", tenant.subscription(number))).0;
    let vaults = "/providers/Microsoft.KeyVault/vaults";
    assert_eq!([status(0, ""), status(1, ""), status(1, vaults), status(2, vaults)], [200, 403, 403, 200]);
}

#[test]
fn a_seeded_share_of_reads_fails_once() {
    let tenant = Tenant::default();
    let expected = tenant.expected(&Scope::All);
    let failed = |seed: u64, is_reversed: bool| {
        let fault = Fault { at: At::Share { per_mille: 300, seed }, kind: Kind::Mixed, times: None };
        let azure = Azure::serve_tenant(&tenant, Options { faults: vec![fault], ..Options::default() });
        let client = Client::of(&azure);
        let token = client.token(RM);
        let get = |id: &String| client.send(client.client.get(format!("{RM}{id}?api-version=1")).bearer_auth(&token));
        let status = |id: &String| get(id).map_or(0, |(status, _)| status);
        let mut order: Vec<&String> = expected.iter().collect();
        if is_reversed {
            order.reverse();
        }
        let first: BTreeMap<&String, u16> = order.iter().map(|id| (*id, status(id))).collect();
        assert!(order.iter().all(|id| status(id) == 200), "each read fails once");
        first
            .into_iter()
            .filter(|(_, status)| *status != 200)
            .map(|(id, status)| (id.clone(), status))
            .collect::<Vec<_>>()
    };
    let once = failed(1, false);
    assert_eq!(once, failed(1, true), "in whatever order");
    assert_ne!(once, failed(2, false));
    let kinds: BTreeSet<u16> = once.iter().map(|(_, status)| *status).collect();
    assert_eq!(kinds, BTreeSet::from([0, 429, 500]), "{once:?}");
}

#[test]
fn tokens_expire() {
    let tenant = Tenant::default();
    let tokens = Tokens { promised: Duration::from_secs(60), accepted: Duration::from_secs(2) };
    let azure = Azure::serve_tenant(&tenant, Options { tokens, ..Options::default() });
    let client = Client::of(&azure);
    let token = client.token(RM);
    assert_eq!(read(&client, &token, "/subscriptions").0, 200);
    std::thread::sleep(Duration::from_secs(2));
    let (status, _, body) = read(&client, &token, "/subscriptions");
    assert_eq!((status, &body["error"]["code"]), (401, &json!("ExpiredAuthenticationToken")));
    assert_eq!(client.get("/subscriptions").0, 200);
}

#[test]
fn counts_tell_kinds_duplicates_and_overlaps() {
    let tenant = Tenant::default();
    let options =
        Options { keep: Keep::Counts, latency: Duration::from_millis(100), more_threads: 1, ..Options::default() };
    let azure = Azure::serve_tenant(&tenant, options);
    let client = Client::of(&azure);
    let token = client.token(RM);
    let ids = tenant.expected(&Scope::Subscriptions(vec![0]));
    let services: Vec<&String> = ids.iter().filter(|id| id.contains("/service/")).take(3).collect();
    client.runtime.block_on(async {
        let one = |id: &str| client.client.get(format!("{RM}{id}?api-version=1")).bearer_auth(&token).send();
        let (a, b, c) = tokio::join!(one(services[0]), one(services[1]), one(services[2]));
        assert!([a, b, c].into_iter().all(|answer| answer.unwrap().status() == 200));
    });
    assert_eq!(azure.counts().duplicates, 0);
    assert_eq!(read(&client, &token, &services[1].to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions")).0, 200);
    let counts = azure.counts();
    let kind = "GET /subscriptions/{}/resourceGroups/{}/providers/Microsoft.ApiManagement/service/{}";
    assert_eq!(counts.kinds.get(kind), Some(&3), "{counts:?}");
    assert_eq!(
        (counts.requests, counts.most_at_once, counts.round_trips, counts.duplicates),
        (5, 3, 3, 1),
        "{counts:?}"
    );
    assert!(counts.examples[0].starts_with("GET management.azure.com/subscriptions/"), "{counts:?}");
}

/// Returns the callers of a report with their codes, paths and failing paths.
fn verdicts(report: &Value) -> Vec<Caller> {
    let mut callers: BTreeMap<&str, (BTreeSet<&str>, usize, usize)> = BTreeMap::new();
    for path in report["paths"].as_array().unwrap() {
        let (codes, paths, failing) = callers.entry(path["resource"].as_str().unwrap()).or_default();
        codes.extend(path["rootCause"].as_str());
        *paths += 1;
        *failing += usize::from(path["verdict"] == "fail");
        assert_ne!(path["verdict"], "unknown", "{path:#}");
    }
    let caller = |(id, (codes, paths, failing)): (&str, (BTreeSet<&str>, usize, usize))| {
        assert!(codes.len() <= 1, "{id}: {codes:?}");
        let code = codes.first().map(|code| -> &'static str { code.to_string().leak() });
        Caller { id: id.to_owned(), code, paths, failing }
    };
    callers.into_iter().map(caller).collect()
}

#[test]
fn the_program_gives_the_intended_verdicts() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let intended = tenant.callers(&Scope::All);
    let all: Vec<String> = intended.iter().map(|caller| caller.id.clone()).collect();
    assert_eq!(verdicts(&runs::json(&runs::live(&azure, &all, runs::AS_OF, &[]))), intended);
    for caller in [&intended[0], intended.iter().find(|caller| caller.code.is_some()).unwrap()] {
        let report = runs::json(&runs::live(&azure, std::slice::from_ref(&caller.id), runs::AS_OF, &[]));
        assert_eq!(verdicts(&report), std::slice::from_ref(caller), "alone");
    }
    assert_eq!(azure.violations(), Vec::<String>::new());
}

//! The answers of Azure's hosts: sign-in, Resource Manager, Resource Graph, vaults, storage accounts, Microsoft Graph.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::http::{Answer, Request, pairs};
use super::{ASSERTION, CLIENT_ID, CLIENT_SECRET, Content, IDENTITY_HEADER, OBJECT_ID, State, Tool, graph};

pub(super) const LOGIN: &str = "login.microsoftonline.com";
pub(super) const RESOURCE_MANAGER: &str = "management.azure.com";
const GRAPH: &str = "graph.microsoft.com";
const RESOURCE_GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources";

/// Returns the answer to a request, before a fault is applied.
pub(super) fn answer(state: &State, request: &Request) -> Answer {
    let is_graph_query = request.host == RESOURCE_MANAGER && request.target.path.eq_ignore_ascii_case(RESOURCE_GRAPH);
    let is_token = request.host == LOGIN;
    let settings = request.target.path.to_ascii_lowercase().ends_with("/config/appsettings/list");
    let is_settings = request.host == RESOURCE_MANAGER && settings && state.options.settings;
    if request.method != "GET" && !(request.method == "POST" && (is_token || is_graph_query || is_settings)) {
        violation(state, request);
        let message = format!("The http method '{}' is not supported for this resource.", request.method);
        return Answer::error(405, "MethodNotAllowed", message);
    }
    match request.host.as_str() {
        LOGIN => sign_in(state, request),
        "identity" => managed_identity(state, request),
        RESOURCE_MANAGER => match bearer(state, request, "https://management.azure.com") {
            Err(refused) => refused,
            Ok(()) if request.target.parameter("api-version").is_none() => {
                let message = "The api-version query parameter (?api-version=) is required for all requests.";
                Answer::error(400, "MissingApiVersionParameter", message)
            }
            Ok(()) if is_graph_query && request.method == "POST" => {
                state.left.query(state.options.throttle.as_ref(), || graph::answer(state, request))
            }
            Ok(()) => state.left.read(state.options.throttle.as_ref(), &request.target.path, || page(state, request)),
        },
        GRAPH => match bearer(state, request, "https://graph.microsoft.com") {
            Err(refused) => refused,
            Ok(()) => {
                state.recorded(GRAPH, &request.target).or_else(|| state.holder(&request.target)).unwrap_or_else(|| {
                    Answer::error(
                        403,
                        "Authorization_RequestDenied",
                        "Insufficient privileges to complete the operation.",
                    )
                })
            }
        },
        host if host.ends_with(&format!(".{}", state.vaults())) => vault(state, request),
        host if host.ends_with(&format!(".{}", state.storage())) => storage(state, request),
        host => Answer::error(404, "NoSuchHost", format!("`{host}` is not played")),
    }
}

fn violation(state: &State, request: &Request) {
    let text = format!("{} https://{}{}", request.method, request.host, request.target.path);
    state.violations.lock().unwrap().push(text);
}

/// Checks that a request has a token for this audience.
fn bearer(state: &State, request: &Request, audience: &str) -> Result<(), Answer> {
    let uri = format!("https://{LOGIN}/{}", state.tenant());
    let is_vault = audience.ends_with(state.vaults());
    let refused = |code: &str, message: &str| {
        let challenge = match is_vault {
            true => format!(r#"Bearer authorization="{uri}", resource="{audience}""#),
            false => {
                format!(r#"Bearer authorization_uri="{uri}", error="invalid_token", error_description="{message}""#)
            }
        };
        Err(Answer::error(401, code, message).with("WWW-Authenticate", challenge))
    };
    let Some(token) = request.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer ")) else {
        let (code, message) = match is_vault {
            true => ("Unauthorized", "AKV10000: Request is missing a Bearer or PoP token."),
            false => ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."),
        };
        return refused(code, message);
    };
    let tokens = state.tokens.lock().unwrap();
    match tokens.get(token).map(|(of, issued)| (of.trim_end_matches('/'), issued)) {
        None => refused("InvalidAuthenticationToken", "The access token is invalid."),
        Some((_, issued)) if issued.elapsed() >= state.options.tokens.accepted => {
            refused("ExpiredAuthenticationToken", "The access token has expired.")
        }
        Some((of, _)) if of != audience => {
            refused("InvalidAuthenticationTokenAudience", "The access token has been obtained for the wrong audience.")
        }
        Some(_) => Ok(()),
    }
}

/// Issues a token for this audience. It has the form of a real token, with an invalid signature.
fn token(state: &State, audience: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let tenant = state.tenant();
    let claims = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{tenant}/"), "iat": now, "nbf": now,
        "exp": now + state.options.tokens.promised.as_secs(), "appid": CLIENT_ID, "idtyp": "app", "oid": OBJECT_ID, "sub": OBJECT_ID, "tid": tenant,
        "ver": "1.0",
    });
    // A new token differs from every other.
    let mut claims = claims;
    claims["uti"] = state.tokens.lock().unwrap().len().into();
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "of-the-tests" });
    let parts = [header.to_string(), claims.to_string(), "not a signature".to_owned()];
    let token = parts.map(|part| base64url(part.as_bytes())).join(".");
    state.tokens.lock().unwrap().insert(token.clone(), (audience.to_owned(), Instant::now()));
    token
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_usize, |number, at| number << 8 | usize::from(*three.get(at).unwrap_or(&0)));
        for at in 0..=three.len() {
            text.push(char::from(DIGITS[number >> (18 - 6 * at) & 63]));
        }
    }
    text
}

/// Answers `POST /{tenant}/oauth2/v2.0/token`.
fn sign_in(state: &State, request: &Request) -> Answer {
    let fail = |status: u16, error: &str, number: u32, text: &str| {
        let description = format!(
            "AADSTS{number}: {text} Trace ID: 00000000-0000-4000-8000-00000000aad1 Correlation ID: \
             00000000-0000-4000-8000-00000000aad2 Timestamp: 2026-11-21 09:00:00Z"
        );
        Answer::new(status, json!({ "error": error, "error_description": description, "error_codes": [number] }))
    };
    let segments: Vec<&str> = request.target.path.split('/').skip(1).collect();
    if let [tenant, "v2.0", ".well-known", "openid-configuration"] = segments[..] {
        let authority = format!("https://{LOGIN}/{tenant}");
        return Answer::new(
            200,
            json!({
                "issuer": format!("{authority}/v2.0"), "token_endpoint": format!("{authority}/oauth2/v2.0/token"),
                "authorization_endpoint": format!("{authority}/oauth2/v2.0/authorize"),
            }),
        );
    }
    let [tenant, "oauth2", "v2.0", "token"] = segments[..] else {
        return fail(404, "invalid_request", 90019, "No tenant-identifying information found.");
    };
    if !tenant.eq_ignore_ascii_case(state.tenant()) {
        let text = format!("Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.");
        return fail(400, "invalid_request", 90002, &text);
    }
    let form = pairs(&String::from_utf8_lossy(&request.body));
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    if field("grant_type") != "client_credentials" {
        return fail(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
    }
    if field("client_id") != CLIENT_ID {
        let text = format!("Application with identifier '{}' was not found in the directory.", field("client_id"));
        return fail(400, "unauthorized_client", 700_016, &text);
    }
    let assertion = field("client_assertion");
    if !assertion.is_empty() && assertion != ASSERTION {
        let text = "No matching federated identity record found for presented assertion subject.";
        return fail(401, "invalid_client", 700_213, text);
    }
    if assertion.is_empty() && field("client_secret") != CLIENT_SECRET {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID, for a secret added to app '{CLIENT_ID}'."
        );
        return fail(401, "invalid_client", 7_000_215, &text);
    }
    let Some(audience) = field("scope").strip_suffix("/.default") else {
        return fail(400, "invalid_scope", 1_002_012, "The provided value for scope is not valid.");
    };
    // The name that azure-cli knows Resource Manager by.
    let audience = audience.replace("https://management.core.windows.net", "https://management.azure.com");
    let token = token(state, &audience);
    let seconds = state.options.tokens.promised.as_secs().saturating_sub(1);
    Answer::new(
        200,
        json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token }),
    )
}

/// Answers as the managed identity endpoint of App Service.
fn managed_identity(state: &State, request: &Request) -> Answer {
    if request.headers.get("x-identity-header").map(String::as_str) != Some(IDENTITY_HEADER) {
        return Answer::new(401, json!({ "statusCode": 401, "message": "Unauthorized" }));
    }
    let Some(resource) = request.target.parameter("resource") else {
        return Answer::new(400, json!({ "statusCode": 400, "message": "The parameter resource is missing" }));
    };
    if request.target.parameter("client_id").is_some_and(|id| id != CLIENT_ID) {
        let message =
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
        return Answer::new(400, json!({ "statusCode": 400, "message": message }));
    }
    let expires =
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + state.options.tokens.promised.as_secs();
    Answer::new(
        200,
        json!({
            "access_token": token(state, resource), "expires_on": expires.to_string(), "resource": resource,
            "token_type": "Bearer", "client_id": CLIENT_ID,
        }),
    )
}

/// Writes a stub of `az` or `azd` that logs its calls.
pub(super) fn write_tool(state: &State, path: &Path, calls: &Path, tool: Tool) {
    let is_az = path.ends_with("az");
    let act = match (tool, is_az) {
        (Tool::SignedIn, _) => {
            let of = |audience: &str| token(state, audience);
            let print = if is_az {
                r#"printf '{"accessToken":"%s","expires_on":4102444800,"tokenType":"Bearer"}\n' "$token""#
            } else {
                r#"printf '{"token":"%s","expiresOn":"2099-12-31T00:00:00Z"}\n' "$token""#
            };
            format!(
                "case \"$*\" in\n*//vault.*) token={} ;;\n*graph.microsoft.com*) token={} ;;\n*) token={} ;;\nesac\n{print}",
                of(&format!("https://{}", state.vaults())),
                of("https://graph.microsoft.com"),
                of("https://management.azure.com"),
            )
        }
        (_, true) => "echo \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1".to_owned(),
        (_, false) => {
            let message = "\nERROR: not logged in, run `azd auth login` to login\n";
            let said = json!({ "type": "consoleMessage", "timestamp": "2026-11-21T09:00:00Z", "data": { "message": message } });
            format!("cat >&2 <<'END'\n{said}\nEND\nexit 1").replace("cat", "/bin/cat")
        }
    };
    let name = if is_az { "az" } else { "azd" };
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"{name} $*\" >> '{}'\n{act}\n", calls.display());
    write_program(path, &script);
}

/// Writes a stand-in for `az rest`: it prints what `az` prints, and answers come from this server.
pub(super) fn write_az_rest(state: &State, path: &Path, authority: &Path, address: SocketAddr) {
    let cloud = match state.vaults() {
        "vault.azure.cn" => "AzureChinaCloud",
        "vault.usgovcloudapi.net" => "AzureUSGovernment",
        _ => "AzureCloud",
    };
    let script = include_str!("az.sh")
        .replace("@CLOUD@", cloud)
        .replace("@TENANT@", state.tenant())
        .replace("@AUTHORITY@", authority.to_str().unwrap())
        .replace("@ADDRESS@", &address.to_string())
        .replace("@GRAPH_TOKEN@", &token(state, "https://graph.microsoft.com"))
        .replace("@TOKEN@", &token(state, "https://management.azure.com"));
    write_program(path, &script);
}

fn write_program(path: &Path, script: &str) {
    std::fs::write(path, script).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Returns Resource Manager's answer in pages. Recorded pages do not change.
fn page(state: &State, request: &Request) -> Answer {
    let world = match &state.content {
        Content::Recordings { .. } => state.world(),
        Content::Tenant(tenant) => return tenant.resource_manager(&request.target, state.options.page_size),
    };
    let mut target = request.target.clone();
    let later = target.parameter("$skiptoken").map(str::to_owned);
    let is_recorded = later.is_some() && world.recorded("", &target).is_some();
    let Some(size) = state.options.page_size.filter(|_| !is_recorded) else {
        return world.resource_manager(&target);
    };
    target.query.retain(|(name, _)| name != "$skiptoken");
    let mut answer = world.resource_manager(&target);
    let all = answer.body["value"].as_array().map_or(0, Vec::len);
    if answer.status != 200 || all <= size || answer.body.get("nextLink").is_some() {
        return answer;
    }
    let skip = later.and_then(|token| token.parse().ok()).unwrap_or(0);
    let body = Arc::make_mut(&mut answer.body);
    let part: Vec<Value> = body["value"].as_array().into_iter().flatten().skip(skip).take(size).cloned().collect();
    body["value"] = part.into();
    if skip + size < all {
        let own = &request.target.raw;
        let url = own.split_once("&$skiptoken=").map_or(own.as_str(), |(url, _)| url);
        body["nextLink"] = format!("https://{RESOURCE_MANAGER}{url}&$skiptoken={}", skip + size).into();
    }
    answer
}

/// Answers as a vault's host.
fn vault(state: &State, request: &Request) -> Answer {
    if let Err(refused) = bearer(state, request, &format!("https://{}", state.vaults())) {
        return refused;
    }
    let path = request.target.path.to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    if matches!(segments[..], ["secrets", _] | ["secrets", _, _]) && segments.get(2) != Some(&"versions") {
        violation(state, request);
        return Answer::error(500, "InternalServerError", "This request would return the value of a secret.");
    }
    state.recorded(&request.host, &request.target).unwrap_or_else(|| {
        let message = format!(
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role \
             definitions were changed recently, please observe propagation time.\r\nCaller: \
             appid={CLIENT_ID};oid={OBJECT_ID}\r\nVault: {}",
            request.host.split('.').next().unwrap_or_default()
        );
        let inner = json!({ "code": "ForbiddenByRbac" });
        Answer::new(403, json!({ "error": { "code": "Forbidden", "message": message, "innererror": inner } }))
    })
}

/// Answers as a storage account's host: the recorded answer, or a refusal for a caller without a data role.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes> (read 2026-11-29).
fn storage(state: &State, request: &Request) -> Answer {
    if let Err(refused) = bearer(state, request, "https://storage.azure.com") {
        return refused;
    }
    state.recorded(&request.host, &request.target).unwrap_or_else(|| {
        let message = "This request is not authorized to perform this operation using this permission.";
        let code = "AuthorizationPermissionMismatch";
        let xml = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
        Answer::new(403, Value::String(xml))
    })
}

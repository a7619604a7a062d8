//! What the commands mean that matter for a backup.
//!
//! Sources: <https://learn.microsoft.com/powershell/module/az.apimanagement/backup-azapimanagement>,
//! <https://learn.microsoft.com/cli/azure/apim>, <https://learn.microsoft.com/cli/azure/reference-index> (`az rest`) and
//! <https://learn.microsoft.com/cli/azure/resource> (read 2026-11-30).

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::base::is_guid;
use crate::model::script::{Means, Signer};
use crate::source::script::found::Found;
use crate::source::script::kind::Language;
use crate::source::script::run::{KEYS, Run, flat};
use crate::source::script::sent::{Sent, sent};
use crate::source::script::tree::{Argument, Block, Command, Expr, Form};
use crate::source::script::value::{Context, HOLE, Key, Kind, Value, joined};

/// How many requests of one script are reported.
const MOST: usize = 100;

/// Arguments of a cmdlet, by name in lower case; those without a name stand behind each other.
struct Arguments {
    named: BTreeMap<String, Value>,
    plain: Vec<Value>,
    /// A table was splatted that may hold any name.
    is_open: bool,
}

impl Arguments {
    /// The value of a parameter: by its name, or by a start of it that is long enough.
    fn get(&self, name: &str) -> Option<&Value> {
        let starts = |own: &&String| own.len() >= 4 && name.starts_with(own.as_str());
        self.named.get(name).or_else(|| self.named.iter().find(|(own, _)| starts(own)).map(|(_, value)| value))
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn any(&self, names: &[&str]) -> Option<Value> {
        names.iter().find_map(|name| self.get(name)).cloned()
    }

    /// What is not written and may come from a table that is not known.
    fn slot(&self, names: &[&str], at: usize) -> Option<Value> {
        let open = || self.is_open.then(|| Value::unknown("a table of arguments that is not known", at));
        self.any(names).or_else(open)
    }
}

/// Parameters of the cmdlets that take no value.
const SWITCHES: &[&str] = &[
    "identity",
    "useconnectedaccount",
    "anonymous",
    "passthru",
    "asjob",
    "force",
    "confirm",
    "whatif",
    "verbose",
    "debug",
    "serviceprincipal",
    "local",
    "compress",
    "wait",
    "usedeviceauthentication",
    "first",
];

impl<'t> Run<'t> {
    /// Follows a command; what it prints.
    pub(super) fn command(&mut self, command: &'t Command, input: Option<Value>) -> Value {
        let at = command.at;
        let Some(name) = self.value(&command.name).known() else {
            self.arguments(command);
            return Value::unknown("the output of a command", at);
        };
        let name = name.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
        let name = name.strip_suffix(".exe").or_else(|| name.strip_suffix(".cmd")).unwrap_or(&name).to_owned();
        if self.has_function(&name) {
            return self.call(&name, &command.arguments, input, at);
        }
        if self.language == Language::Shell
            && command.arguments.is_empty()
            && let Some(value) = self.scope.get(&format!("macro:{name}")).cloned()
        {
            return value;
        }
        match (self.language, name.as_str()) {
            (_, "az") => {
                let words = self.words(command);
                self.az(&words, at)
            }
            (_, "." | "source") => {
                self.arguments(command);
                self.forget_everything();
                Value::text("", at)
            }
            (Language::Shell, _) => self.shell(&name, command, input, at),
            (Language::PowerShell, "foreach-object" | "%" | "foreach") => self.each_object(command, input, at),
            (Language::PowerShell, _) => {
                let arguments = self.arguments(command);
                self.cmdlet(&name, arguments, input, at)
            }
        }
    }

    fn each_object(&mut self, command: &'t Command, input: Option<Value>, at: usize) -> Value {
        let input = input.unwrap_or_else(|| Value::unknown("the input of a pipeline", at));
        let mut printed = Vec::new();
        for argument in &command.arguments {
            let (Argument::Value(value) | Argument::Named { value: Some(value), .. }) = argument else { continue };
            match &value.form {
                Form::Block(block) => printed.push(self.for_each(&input, block, at)),
                Form::Text(name) => printed.push(input.member(&name.to_ascii_lowercase(), at)),
                _ => drop(self.value(value)),
            }
        }
        match <[Value; 1]>::try_from(printed) {
            Ok([one]) => one,
            Err(_) => Value::unknown("what a pipeline prints", at),
        }
    }

    fn arguments(&mut self, command: &'t Command) -> Arguments {
        let mut found = Arguments { named: BTreeMap::new(), plain: Vec::new(), is_open: false };
        let mut open: Option<(String, usize)> = None;
        let mut blocks: Vec<&'t Block> = Vec::new();
        for argument in &command.arguments {
            match argument {
                Argument::Named { value: Some(Expr { form: Form::Block(block), .. }), .. } => blocks.push(block),
                Argument::Value(Expr { form: Form::Block(block), .. }) => {
                    open = None;
                    blocks.push(block);
                }
                Argument::Named { name, at, value } => {
                    if let Some((before, at)) = open.take() {
                        found.named.insert(before, Value::text("", at));
                    }
                    let name = name.trim_start_matches('-').to_ascii_lowercase();
                    match value {
                        Some(value) => {
                            let value = self.value(value);
                            let is_off = value.piece().is_empty() || &*value.piece() == "false";
                            if !(SWITCHES.contains(&name.as_str()) && is_off) {
                                found.named.insert(name, value);
                            }
                        }
                        None if SWITCHES.contains(&name.as_str()) => {
                            found.named.insert(name, Value::text("", *at));
                        }
                        None => open = Some((name, *at)),
                    }
                }
                Argument::Value(value) => {
                    let value = self.value(value);
                    match open.take() {
                        Some((name, _)) => drop(found.named.insert(name, value)),
                        None => found.plain.push(value),
                    }
                }
                Argument::Splat(name) => match self.scope.get(name).map(|table| table.kind.clone()) {
                    Some(Kind::Table(table, is_open)) => {
                        let own = table.iter().filter(|(key, _)| key.as_str() != KEYS);
                        found.named.extend(own.map(|(key, value)| (key.clone(), value.clone())));
                        found.is_open |= is_open;
                    }
                    Some(Kind::List(items)) => found.plain.extend(items.iter().cloned()),
                    _ => found.is_open = true,
                },
            }
        }
        if let Some((name, at)) = open {
            found.named.insert(name, Value::text("", at));
        }
        // A block that is passed on may run.
        let values = found.any(&["argumentlist", "args"]).and_then(|list| list.items()).unwrap_or_default();
        blocks.into_iter().for_each(|block| drop(self.block(block, values.clone())));
        found
    }

    /// The words of a command of a shell, or of a program in PowerShell.
    fn words(&mut self, command: &'t Command) -> Vec<Value> {
        let mut words = Vec::new();
        for argument in &command.arguments {
            match argument {
                Argument::Named { name, at, value } => {
                    let value = value.as_ref().map(|value| self.value(value));
                    match value {
                        Some(value) => {
                            let sign = if name.starts_with("--") { "=" } else { ":" };
                            let start = Value::text(format!("{name}{sign}"), *at);
                            words.push(joined(&[start, value], *at));
                        }
                        None => words.push(Value::text(name.as_str(), *at)),
                    }
                }
                Argument::Value(value) => words.push(self.value(value)),
                Argument::Splat(name) => words.extend(self.scope.get(name).and_then(Value::items).unwrap_or_default()),
            }
        }
        flat(words)
    }

    /// The commands of a shell that print what is literal.
    fn shell(&mut self, name: &str, command: &'t Command, input: Option<Value>, at: usize) -> Value {
        let here = command.input.as_ref().map(|text| self.value(text));
        let words = self.words(command);
        match name {
            "cat" if words.is_empty() => {
                here.or(input).unwrap_or_else(|| Value::unknown("the standard input of the script", at))
            }
            "echo" => {
                let mut parts = Vec::new();
                for word in words {
                    if !parts.is_empty() {
                        parts.push(Value::text(" ", at));
                    }
                    parts.push(word);
                }
                match parts.first().and_then(Value::known) {
                    Some(option) if option.starts_with('-') => Value::unknown("the output of `echo`", at),
                    _ => joined(&parts, at),
                }
            }
            "read" | "mapfile" | "readarray" | "getopts" => {
                words.iter().filter_map(Value::known).for_each(|name| self.forget(&name, at));
                Value::text("", at)
            }
            "shift" | "set" => {
                if name == "shift" || words.first().and_then(Value::known).is_some_and(|word| &*word == "--") {
                    (1..10).for_each(|n| self.forget(&n.to_string(), at));
                    self.forget("@", at);
                }
                Value::text("", at)
            }
            "eval" => {
                self.note(at, "`eval`, which is not followed", "write the command itself");
                self.forget_everything();
                Value::unknown("the output of `eval`", at)
            }
            "tr" | "sed" | "awk" | "cut" | "jq" | "head" | "tail" => {
                let of = match (&here.or(input), name) {
                    (Some(Value { kind: Kind::Key(key), .. }), _) => return Value::new(Kind::Key(*key), at),
                    _ => name,
                };
                Value::unknown(format!("the output of `{of}`"), at)
            }
            "true" | "false" | ":" | "exit" | "return" | "printf" | "test" | "[" => Value::unknown("no output", at),
            _ => Value::unknown(format!("the output of `{name}`"), at),
        }
    }

    pub(super) fn note(&mut self, at: usize, what: &'static str, help: &'static str) {
        if self.notes.len() < MOST && !self.notes.iter().any(|(own, other, _)| (*own, *other) == (at, what)) {
            self.notes.push((at, what, help));
        }
    }

    fn send(&mut self, found: Found) {
        if self.found.len() < MOST && !self.found.contains(&found) {
            self.found.push(found);
        }
    }

    fn cmdlet(&mut self, name: &str, given: Arguments, input: Option<Value>, at: usize) -> Value {
        match name {
            "backup-azapimanagement" | "backup-azurermapimanagement" => self.backup(name, given, input, false, at),
            "restore-azapimanagement" | "restore-azurermapimanagement" => self.backup(name, given, input, true, at),
            "new-azstoragecontext" | "new-azurestoragecontext" => context(&given, at),
            "get-azstorageaccountkey" | "get-azurermstorageaccountkey" => Value::new(Kind::Key(Key::Fetched), at),
            "get-azstorageaccount" | "get-azurermstorageaccount" => {
                let account = given.any(&["name", "storageaccountname"]);
                let account = account.unwrap_or_else(|| Value::unknown("a storage account that is read", at));
                let context = Context { account: account.clone(), key: Key::Unknown };
                let table =
                    [("storageaccountname", account), ("context", Value::new(Kind::Context(context.into()), at))];
                object(table.into_iter().map(|(key, value)| (key, Some(value))), at)
            }
            "connect-azaccount"
            | "login-azaccount"
            | "add-azaccount"
            | "login-azurermaccount"
            | "add-azurermaccount" => {
                self.connect(&given);
                Value::unknown("a sign-in", at)
            }
            "set-azcontext" | "select-azsubscription" | "select-azcontext" | "select-azurermsubscription" => {
                let named = given.any(&["subscription", "subscriptionid", "subscriptionname", "context"]);
                self.signed.subscription = named.or_else(|| given.plain.first().cloned());
                Value::unknown("a context", at)
            }
            "get-azapimanagement" => {
                let (group, name) = (given.any(&["resourcegroupname"]), given.any(&["name"]));
                let read = || Some(Value::unknown("an instance that is read when the script runs", at));
                let id = match (&group, &name) {
                    (Some(group), Some(name)) => Some(self.instance_id(group, name, at)),
                    _ => None,
                };
                let table = [("name", name.or_else(read)), ("resourcegroupname", group.or_else(read)), ("id", id)];
                let value = object(table.into_iter(), at);
                // Without a name there may be any number of them.
                let is_one = given.has("name");
                Value { why: (!is_one).then(|| "the instances are read when the script runs".into()), ..value }
            }
            "invoke-azrestmethod" | "invoke-azrest" => {
                let target = given.any(&["path", "uri"]);
                let body = given.any(&["payload"]);
                self.rest(given.any(&["method"]), target, body, given.is_open, at)
            }
            "invoke-restmethod" | "invoke-webrequest" => {
                let target = given.any(&["uri"]).or_else(|| given.plain.first().cloned());
                self.rest(given.any(&["method"]), target, given.any(&["body"]), given.is_open, at)
            }
            "invoke-azresourceaction" => {
                let parts = [given.any(&["resourceid"]), given.any(&["action"]), given.any(&["apiversion"])];
                if let [Some(id), Some(action), version] = parts {
                    let target = target(&id, &action, version, at);
                    let body = given.any(&["parameters"]);
                    return self.rest(Some(Value::text("post", at)), Some(target), body, given.is_open, at);
                }
                Value::unknown("the output of a cmdlet", at)
            }
            "convertto-json" => {
                let value = given.any(&["inputobject"]).or_else(|| given.plain.first().cloned()).or(input);
                value.and_then(|value| json_of(&value)).map_or_else(
                    || Value::unknown("a computed text", at),
                    |(json, why, at)| {
                        // Holes are written as they are.
                        Value { why, ..Value::text(json.to_string(), at) }
                    },
                )
            }
            "import-module" | "install-module" => {
                let module =
                    given.any(&["name"]).or_else(|| given.plain.first().cloned()).and_then(|name| name.known());
                if module.is_some_and(|module| module.eq_ignore_ascii_case("Az.ApiManagement")) {
                    let version = given.any(&["requiredversion", "maximumversion"]);
                    self.signed.module = version.and_then(|version| version.known()).map(|text| text.to_string());
                }
                Value::text("", at)
            }
            "get-automationvariable" => {
                let which = given.any(&["name"]).or_else(|| given.plain.first().cloned()).and_then(|name| name.known());
                let which = which.map(|name| format!(" `{name}`")).unwrap_or_default();
                Value::unknown(format!("the value of Automation variable{which}"), at)
            }
            "select-object" => match (input, given.any(&["expandproperty"]).and_then(|name| name.known())) {
                (Some(input), Some(name)) => input.member(&name.to_ascii_lowercase(), at),
                (Some(input @ Value { kind: Kind::Key(_), .. }), None) => input,
                (Some(input), None) if given.has("first") => input.index(&Value::text("0", at), at),
                _ => Value::unknown("the output of `Select-Object`", at),
            },
            "where-object" | "?" | "where" | "sort-object" => match input {
                Some(input) if matches!(input.kind, Kind::Key(_)) => input,
                _ => Value::unknown("a list that is filtered when the script runs", at),
            },
            "write-output" | "echo" | "write" => {
                given.plain.first().cloned().or(input).unwrap_or_else(|| Value::text("", at))
            }
            "set-variable" => {
                let named = given.any(&["name"]).or_else(|| given.plain.first().cloned());
                match named.and_then(|name| name.known()) {
                    Some(name) => self.forget(&name.to_ascii_lowercase(), at),
                    None => self.scope.clear(),
                }
                Value::text("", at)
            }
            "invoke-expression" | "iex" => {
                self.note(at, "`Invoke-Expression`, which is not followed", "write the command itself");
                self.forget_everything();
                Value::unknown("the output of `Invoke-Expression`", at)
            }
            "register-azrecoveryservicesbackupcontainer" if given.has("containertype") || given.has("friendlyname") => {
                const WHAT: &str = "`Register-AzRecoveryServicesBackupContainer`, which does not take `-ContainerType` \
                                    and `-FriendlyName`";
                const HELP: &str = "it registers containers of workloads (`-ResourceId`, `-BackupManagementType`, \
                                    `-WorkloadType`); the MARS agent on a Windows server registers the server. It has \
                                    nothing to do with backups of API Management";
                self.note(at, WHAT, HELP);
                Value::unknown("the output of a cmdlet", at)
            }
            "set-azvmextension" if given.named.values().any(is_log_agent) => {
                const WHAT: &str = "`Set-AzVMExtension` with the Log Analytics agent (`MicrosoftMonitoringAgent`)";
                const HELP: &str = "it collects logs, makes no backup, and is retired. It has nothing to do with \
                                    backups of API Management";
                self.note(at, WHAT, HELP);
                Value::unknown("the output of a cmdlet", at)
            }
            _ => match self.scope.get(&format!("macro:{name}")) {
                // `$(name)` in a script of a pipeline.
                Some(value) if given.plain.is_empty() && given.named.is_empty() => value.clone(),
                _ => Value::unknown(format!("the output of `{name}`"), at),
            },
        }
    }

    /// The id of an instance, with holes for what is not known.
    fn instance_id(&self, group: &Value, name: &Value, at: usize) -> Value {
        let subscription = self.signed.subscription.as_ref().and_then(Value::known).filter(|own| is_guid(own));
        let subscription = subscription.unwrap_or_else(|| HOLE.to_string().into());
        let start = Value {
            why: Some("the subscription that the script is signed in to".into()),
            ..Value::text(format!("/subscriptions/{subscription}/resourceGroups/"), at)
        };
        let between = Value::text("/providers/Microsoft.ApiManagement/service/", at);
        joined(&[start, group.clone(), between, name.clone()], at)
    }

    fn connect(&mut self, given: &Arguments) {
        if let Some(subscription) = given.any(&["subscriptionid", "subscription", "subscriptionname"]) {
            self.signed.subscription = Some(subscription);
        }
        let text = |names: &[&str]| given.any(names).and_then(|value| value.known()).filter(|id| is_guid(id));
        self.signed.signer = if given.has("identity") {
            Some(match text(&["accountid"]) {
                Some(id) => Signer::UserAssigned(id.to_string()),
                None if given.has("accountid") => Signer::Unknown,
                None => Signer::SystemAssigned,
            })
        } else {
            match text(&["applicationid"]) {
                Some(id) => Some(Signer::Application(id.to_string())),
                None => Some(Signer::Unknown),
            }
        };
    }

    /// `Backup-AzApiManagement` or `Restore-AzApiManagement`.
    fn backup(&mut self, name: &str, given: Arguments, input: Option<Value>, restores: bool, at: usize) -> Value {
        let (container, blob) = match restores {
            false => ("targetcontainername", "targetblobname"),
            true => ("sourcecontainername", "sourceblobname"),
        };
        let of_input = |key: &str| {
            let input = input.as_ref()?;
            Some(input.member(key, at)).filter(|value| !matches!(&value.kind, Kind::Text(text) if text.is_empty()))
        };
        let stored = given.slot(&["storagecontext"], at);
        let (account, key) = match stored.as_ref().map(|value| &value.kind) {
            Some(Kind::Context(context)) => (Some(context.account.clone()), context.key),
            _ => {
                let why = stored.as_ref().and_then(|value| value.why.clone());
                let why = why.unwrap_or_else(|| "the storage context is not known".into());
                (Some(Value::unknown(why, stored.as_ref().map_or(at, |value| value.at))), Key::Unknown)
            }
        };
        if name.contains("azurerm") {
            self.signed.module = Some("0".to_owned());
        }
        self.send(Found {
            at,
            means: Means::Cmdlet,
            restores,
            subscription: self.signed.subscription.clone(),
            group: given.slot(&["resourcegroupname"], at).or_else(|| of_input("resourcegroupname")),
            instance: given.slot(&["name"], at).or_else(|| of_input("name")),
            account,
            container: given.slot(&[container], at),
            blob: given.slot(&[blob], at),
            access: given.slot(&["accesstype"], at),
            client_id: given.slot(&["identityclientid"], at),
            context: stored,
            key,
            version: None,
        });
        Value::unknown("the output of a cmdlet", at)
    }

    /// A request to Resource Manager.
    fn rest(
        &mut self,
        method: Option<Value>,
        target: Option<Value>,
        body: Option<Value>,
        is_open: bool,
        at: usize,
    ) -> Value {
        let answer = Value::unknown("the answer to a request", at);
        let is_post = method.as_ref().and_then(Value::known).map(|method| method.eq_ignore_ascii_case("post"));
        // Without a method the request reads.
        let may_post = match (&method, is_post) {
            (None, _) => is_open,
            (Some(_), is_post) => is_post.unwrap_or(true),
        };
        let (Some(target), true) = (target, may_post) else { return answer };
        let body = match &body {
            Some(Value { kind: Kind::Table(..), .. }) => body
                .as_ref()
                .and_then(json_of)
                .map(|(json, why, at)| Value { why, ..Value::text(json.to_string(), at) }),
            _ => body,
        };
        if let Some(Sent {
            restores,
            subscription,
            group,
            instance,
            account,
            container,
            blob,
            access,
            client_id,
            key,
            version,
        }) = sent(&target, body.as_ref(), at)
        {
            self.send(Found {
                at,
                means: Means::Rest,
                restores,
                subscription: subscription.or_else(|| self.signed.subscription.clone()),
                group,
                instance,
                account,
                container,
                blob,
                access,
                client_id,
                context: None,
                key,
                version,
            });
        }
        answer
    }

    /// A command of azure-cli.
    fn az(&mut self, words: &[Value], at: usize) -> Value {
        let mut group: Vec<Rc<str>> = Vec::new();
        let mut options: BTreeMap<String, Value> = BTreeMap::new();
        let mut open: Option<(String, usize)> = None;
        for word in words {
            let piece = word.piece();
            match (piece.strip_prefix('-').filter(|rest| !rest.is_empty()), &mut open) {
                (Some(_), _) => {
                    if let Some((before, at)) = open.take() {
                        options.insert(before, Value::text("", at));
                    }
                    match piece.split_once('=').filter(|_| piece.starts_with("--")) {
                        Some((name, value)) => {
                            let value = Value { kind: Kind::Text(value.into()), ..word.clone() };
                            options.insert(name.to_owned(), value);
                        }
                        None => open = Some((piece.to_string(), word.at)),
                    }
                }
                (None, Some(_)) => {
                    let name = open.take().map(|(name, _)| name).unwrap_or_default();
                    options.entry(name).or_insert_with(|| word.clone());
                }
                (None, None) if options.is_empty() => group.push(piece),
                (None, None) => {}
            }
        }
        if let Some((name, at)) = open {
            options.insert(name, Value::text("", at));
        }
        let get = |names: &[&str]| names.iter().find_map(|name| options.get(*name)).cloned();
        let words: Vec<&str> = group.iter().map(|word| &**word).collect();
        let subscription = get(&["--subscription"]).or_else(|| self.signed.subscription.clone());
        match words.as_slice() {
            ["apim", operation @ ("backup" | "restore"), ..] => {
                let account = get(&["--storage-account-name"]);
                let key = get(&["--storage-account-key"]);
                self.send(Found {
                    at,
                    means: Means::AzApim,
                    restores: *operation == "restore",
                    subscription,
                    group: get(&["--resource-group", "-g"]),
                    instance: get(&["--name", "-n"]),
                    account,
                    container: get(&["--storage-account-container"]),
                    blob: get(&["--backup-name"]),
                    access: None,
                    client_id: None,
                    key: match key.as_ref().map(|key| &key.kind) {
                        Some(Kind::Key(key)) => *key,
                        Some(_) => Key::Given,
                        None => Key::Absent,
                    },
                    context: None,
                    version: None,
                });
                Value::unknown("the output of `az`", at)
            }
            ["rest", ..] => {
                self.rest(get(&["--method", "-m"]), get(&["--uri", "--url", "-u"]), get(&["--body", "-b"]), false, at)
            }
            ["resource", "invoke-action", ..] => {
                let action = get(&["--action"]);
                let id = get(&["--ids"]).or_else(|| {
                    let kind = get(&["--resource-type"])?.known()?.to_ascii_lowercase();
                    let is_service = kind == "microsoft.apimanagement/service"
                        || kind == "service" && get(&["--namespace"]).is_some();
                    let (group, name) = (get(&["--resource-group", "-g"])?, get(&["--name", "-n"])?);
                    is_service.then(|| self.instance_id(&group, &name, at))
                });
                let (Some(action), Some(id)) = (action, id) else { return Value::unknown("the output of `az`", at) };
                let target = target(&id, &action, get(&["--api-version"]), at);
                self.rest(Some(Value::text("post", at)), Some(target), get(&["--request-body"]), false, at)
            }
            ["storage", "account", "keys", "list", ..] | ["storage", "account", "show-connection-string", ..] => {
                Value::new(Kind::Key(Key::Fetched), at)
            }
            ["keyvault", "secret", "show", ..] => Value::new(Kind::Key(Key::Given), at),
            ["account", "set", ..] => {
                self.signed.subscription = get(&["--subscription", "--name", "-s", "-n"]);
                Value::text("", at)
            }
            ["login", ..] => {
                let id = get(&["--client-id", "--username", "-u"]);
                let guid = id.as_ref().and_then(Value::known).filter(|id| is_guid(id)).map(|id| id.to_string());
                let is_identity = get(&["--identity", "-i"]).is_some();
                self.signed.signer = Some(match (is_identity, guid, id) {
                    (true, Some(id), _) => Signer::UserAssigned(id),
                    (true, None, None) => Signer::SystemAssigned,
                    (false, Some(id), _) => Signer::Application(id),
                    _ => Signer::Unknown,
                });
                Value::text("", at)
            }
            ["apim", "show", ..] => {
                let names = (get(&["--resource-group", "-g"]), get(&["--name", "-n"]));
                match (get(&["--query"]).and_then(|query| query.known()).as_deref(), names) {
                    (Some("id"), (Some(group), Some(name))) => self.instance_id(&group, &name, at),
                    (Some("name"), (_, Some(name))) => name,
                    _ => Value::unknown("the output of `az apim show`", at),
                }
            }
            _ => {
                let shown: Vec<&str> = words.iter().filter(|word| !word.contains(HOLE)).take(3).copied().collect();
                Value::unknown(format!("the output of `az {}`", shown.join(" ")), at)
            }
        }
    }
}

/// The URL of an operation of a resource.
fn target(id: &Value, action: &Value, version: Option<Value>, at: usize) -> Value {
    let mut parts = vec![id.clone(), Value::text("/", at), action.clone()];
    if let Some(version) = version {
        parts.extend([Value::text("?api-version=", at), version]);
    }
    joined(&parts, at)
}

fn is_log_agent(value: &Value) -> bool {
    let names = ["MicrosoftMonitoringAgent", "OmsAgentForLinux"];
    value.known().is_some_and(|text| names.iter().any(|name| name.eq_ignore_ascii_case(&text)))
}

/// An object with these members, and others that are not known.
fn object<'k>(members: impl Iterator<Item = (&'k str, Option<Value>)>, at: usize) -> Value {
    let known = members.filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::new(Kind::Table(Rc::new(known.collect()), true), at)
}

/// `New-AzStorageContext`.
fn context(given: &Arguments, at: usize) -> Value {
    let named = given.any(&["storageaccountname"]).or_else(|| given.plain.first().cloned());
    let connection = given.any(&["connectionstring"]);
    let of_connection = || {
        let text = connection.as_ref()?.known()?;
        let part = text.split(';').find_map(|part| part.trim().strip_prefix("AccountName="))?.to_owned();
        Some(Value::text(part, connection.as_ref()?.at))
    };
    let key = if given.has("storageaccountkey") {
        match given.any(&["storageaccountkey"]).map(|key| key.kind) {
            Some(Kind::Key(key)) => key,
            _ => Key::Given,
        }
    } else if connection.is_some() {
        match connection.as_ref().map(|text| &text.kind) {
            Some(Kind::Key(key)) => *key,
            _ => Key::Given,
        }
    } else if given.has("useconnectedaccount") {
        Key::Connected
    } else if given.has("sastoken") {
        Key::Sas
    } else if given.has("anonymous") {
        Key::Anonymous
    } else if given.is_open || given.has("blobendpoint") || given.has("local") {
        Key::Unknown
    } else {
        Key::Absent
    };
    let account = named.or_else(of_connection);
    let account = account.unwrap_or_else(|| Value::unknown("the storage account of a context that is not known", at));
    Value::new(Kind::Context(Rc::new(Context { account, key })), at)
}

/// A value as JSON, why a piece of it is not known, and where it starts.
fn json_of(value: &Value) -> Option<(Json, Option<Rc<str>>, usize)> {
    fn walk(value: &Value, why: &mut Option<Rc<str>>, depth: u8) -> Option<Json> {
        if depth > 8 {
            return None;
        }
        if why.is_none() {
            why.clone_from(&value.why);
        }
        Some(match &value.kind {
            Kind::Text(text) => Json::from(&**text),
            Kind::List(items) => match items.as_slice() {
                [one] => walk(one, why, depth + 1)?,
                all => Json::Array(all.iter().map(|one| walk(one, why, depth + 1)).collect::<Option<_>>()?),
            },
            Kind::Table(table, _) => {
                let names = table.get(KEYS).and_then(Value::items).unwrap_or_default();
                let written: Vec<Rc<str>> = names.iter().filter_map(Value::known).collect();
                let mut map = serde_json::Map::new();
                for (key, value) in table.iter().filter(|(key, _)| key.as_str() != KEYS) {
                    let name = written.iter().find(|name| name.eq_ignore_ascii_case(key));
                    let name = name.map_or_else(|| key.clone(), |name| name.to_string());
                    map.insert(name, walk(value, why, depth + 1)?);
                }
                Json::Object(map)
            }
            Kind::Key(_) | Kind::Unknown | Kind::Context(_) => Json::from(HOLE.to_string()),
        })
    }
    let mut why = None;
    let json = walk(value, &mut why, 0)?;
    Some((json, why, value.at))
}

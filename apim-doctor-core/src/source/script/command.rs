//! What the commands of PowerShell and of shells mean that matter for a backup.
//!
//! Sources: <https://learn.microsoft.com/powershell/module/az.apimanagement/backup-azapimanagement> (read 2026-11-21) and
//! <https://learn.microsoft.com/powershell/module/az.accounts/invoke-azrestmethod> (read 2026-11-30).

use std::rc::Rc;

use crate::base::is_guid;
use crate::model::script::{Means, Signer};
use crate::source::script::arguments::Arguments;
use crate::source::script::azure_cli;
use crate::source::script::curl::{self, Curl};
use crate::source::script::found::Found;
use crate::source::script::json::json_of;
use crate::source::script::kind::Language;
use crate::source::script::run::Run;
use crate::source::script::sent::{Sent, sent};
use crate::source::script::tree::{Argument, Command, Form};
use crate::source::script::value::{Context, HOLE, Key, Kind, Value, joined};

/// How many requests of one script are reported.
const MOST: usize = 100;

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
            "curl" => {
                let Curl { method, url, body } = curl::of(&words, here.or(input), at);
                self.rest(Some(method), url, body, false, at)
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

    pub(super) fn send(&mut self, found: Found) {
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
            "invoke-restmethod" | "invoke-webrequest" | "irm" | "iwr" => {
                let target = given.any(&["uri"]).or_else(|| given.plain.first().cloned());
                self.rest(given.any(&["method"]), target, given.any(&["body"]), given.is_open, at)
            }
            "invoke-azresourceaction" => {
                let parts = [given.any(&["resourceid"]), given.any(&["action"]), given.any(&["apiversion"])];
                if let [Some(id), Some(action), version] = parts {
                    let target = azure_cli::target(&id, &action, version, at);
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
    pub(super) fn instance_id(&self, group: &Value, name: &Value, at: usize) -> Value {
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
    fn backup(&mut self, name: &str, mut given: Arguments, input: Option<Value>, restores: bool, at: usize) -> Value {
        // Defaults that a script sets for cmdlets may name any parameter.
        given.is_open |= self.scope.contains_key("psdefaultparametervalues");
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
    pub(super) fn rest(
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

//! Whatever the situation, a command is about its caller, its target, or neither.

use super::{advise, all};
use crate::explain::detail::Extracted;
use crate::explain::situation::{Caller, Model, Object, Operation, Situation, Target};
use crate::finding::Code;
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::roles;
use crate::knowledge::subservice::Subservice;

const MODELS: [Model; 3] = [Model::Roles, Model::Policies, Model::Unknown];

fn callers() -> impl Iterator<Item = Caller> {
    let others = [
        Caller::ContainerApp,
        Caller::Kubernetes,
        Caller::Operator,
        Caller::Encryption,
        Caller::OtherService,
        Caller::Unknown,
    ];
    CallerKind::ALL.into_iter().map(Caller::Kind).chain(others)
}

fn targets() -> impl Iterator<Item = Target> {
    let objects = [None, Some(Object::Secret), Some(Object::Certificate), Some(Object::Key)].map(Target::Vault);
    let services = Subservice::STORAGE.map(|service| Target::Storage(Some(service)));
    let others = [
        Target::Storage(None),
        Target::RecoveryVault,
        Target::ResourceManager,
        Target::Entra,
        Target::Nothing,
        Target::Unknown,
    ];
    objects.into_iter().chain(services).chain(others)
}

fn situations() -> Vec<Situation> {
    let mut all = Vec::new();
    for (caller, target) in callers().flat_map(|caller| targets().map(move |target| (caller, target))) {
        let operation = match target {
            Target::Vault(Some(Object::Key)) => Operation::UseKey,
            Target::Vault(_) => Operation::Read,
            Target::Storage(_) => Operation::Data,
            _ => Operation::Unknown,
        };
        all.extend(MODELS.map(|model| Situation::new(caller, target, operation.clone(), model)));
    }
    all
}

/// Every line that is printed for a code in a situation: what confirms it, and the repair.
fn lines(code: Code, situation: &Situation) -> (Vec<String>, Vec<String>) {
    let advised = advise(code, situation, &Extracted::new());
    let confirm = advised.confirm.into_iter().map(|confirm| confirm.command).collect();
    (confirm, advised.fixes.into_iter().flat_map(|fix| fix.az).collect())
}

/// The words of a service in commands, and whether a situation is about that service.
fn services(situation: &Situation) -> [(&'static [&'static str], bool); 8] {
    let called_by = |kinds: &[CallerKind]| matches!(situation.caller, Caller::Kind(kind) if kinds.contains(&kind));
    [
        (
            &[
                "az keyvault",
                "vault.azure.net",
                "vaultcore",
                "Microsoft.KeyVault",
                "AzureKeyVault",
                "\"Key Vault ",
                " VAULT_ID",
            ],
            matches!(situation.target, Target::Vault(_)),
        ),
        (
            &["az storage", "core.windows.net", "Microsoft.Storage", "\"Storage ", " STORAGE_ID"],
            matches!(situation.target, Target::Storage(_)),
        ),
        (
            &["az apim", "Microsoft.ApiManagement", "\"API Management"],
            called_by(&[CallerKind::ApiManagement, CallerKind::Backup]),
        ),
        (
            &["az webapp", "az functionapp", "Microsoft.Web", "abfa0a7c"],
            called_by(&[CallerKind::App, CallerKind::AppCertificate]),
        ),
        (&["applicationGateways"], called_by(&[CallerKind::ApplicationGateway])),
        (
            &["az backup", "az vm", "Microsoft.RecoveryServices", "262044b1"],
            called_by(&[CallerKind::RecoveryVault]) || situation.target == Target::RecoveryVault,
        ),
        (&["Microsoft.App/"], situation.caller == Caller::ContainerApp),
        (&["kubectl"], situation.caller == Caller::Kubernetes),
    ]
}

#[test]
fn no_situation_gets_a_command_of_another_service() {
    let mut printed = 0;
    for situation in situations() {
        for code in all().map(|advice| advice.code) {
            let (confirm, fix) = lines(code, &situation);
            for line in confirm.iter().chain(&fix) {
                printed += 1;
                for (words, _) in services(&situation).into_iter().filter(|(_, is_its)| !is_its) {
                    let foreign = words.iter().find(|word| line.contains(**word));
                    assert_eq!(foreign, None, "{code} in {situation:?}: {line}");
                }
            }
        }
    }
    assert!(printed > 20_000, "only {printed} lines");
}

#[test]
fn a_repair_that_depends_on_the_model_starts_with_finding_it_out() {
    for situation in situations() {
        for code in all().map(|advice| advice.code) {
            let (confirm, fix) = lines(code, &situation);
            let has = |mark: &str| fix.iter().any(|line| line.contains(mark));
            let depends = code != Code::AuthorizationPolicyModeIgnoresRoles && has("set-policy");
            match situation.model {
                Model::Roles => assert!(!depends, "{code} in {situation:?}: {fix:?}"),
                Model::Policies => {
                    let at_once =
                        fix.iter().any(|line| line.contains("role assignment create") && !line.starts_with('#'));
                    assert!(!depends || !at_once, "{code} in {situation:?}: {fix:?}");
                }
                Model::Unknown if depends => {
                    assert!(confirm[0].contains("enableRbacAuthorization"), "{code} in {situation:?}: {confirm:?}");
                    assert!(has("# if the vault uses role assignments"), "{code} in {situation:?}: {fix:?}");
                    assert!(has("# if the vault uses access policies"), "{code} in {situation:?}: {fix:?}");
                }
                Model::Unknown => {}
            }
        }
    }
}

#[test]
fn advice_is_short_and_whole() {
    for situation in situations() {
        for code in all().map(|advice| advice.code) {
            let advised = advise(code, &situation, &Extracted::new());
            assert!(advised.confirm.len() <= 2 && advised.fixes.len() == 1, "{code}");
            assert!(advised.fixes[0].az.len() <= 4 && !advised.fixes[0].title.is_empty(), "{code}");
            let confirm =
                advised.confirm.iter().flat_map(|c| [c.run_from.to_string(), c.command.clone(), c.expect.clone()]);
            let fix = advised.fixes.into_iter().flat_map(|fix| fix.az.into_iter().chain([fix.title]));
            for text in confirm.chain(fix) {
                let name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphabetic());
                let is_open =
                    text.split('{').skip(1).any(|part| part.split_once('}').is_some_and(|(part, _)| name(part)));
                assert!(!is_open, "{code}: a name in braces is left in `{text}`");
            }
        }
    }
}

#[test]
fn every_code_stands_once_and_every_named_role_exists() {
    let codes: Vec<Code> = all().map(|advice| advice.code).collect();
    for (at, code) in codes.iter().enumerate() {
        assert!(!codes[..at].contains(code), "{code} stands twice");
    }
    for situation in situations() {
        for code in &codes {
            let (confirm, fix) = lines(*code, &situation);
            for line in confirm.iter().chain(&fix) {
                let role = line.split_once("--role \"").and_then(|(_, rest)| rest.split('"').next());
                let is_known = |role: &&str| *role == "ROLE" || roles::by_name(role).is_some();
                assert!(role.is_none() || role.as_ref().is_some_and(is_known), "{line}");
            }
        }
    }
}

//! What a report says of backups beside their access: how they are guarded, and what a restore brings. It changes no
//! verdict, and what was not collected is never taken to be missing.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Report, VaultSetting, VaultStanding};
use common::{fixture, report};
use serde_json::{Value, json};

const MACHINES: &str = "/subscriptions/5d0c7b5e-2f0b-4a43-9a57-6c1f0a6d2b11";
const BACKUPS: &str = "/subscriptions/72c1672e-f1fa-495a-95a1-3b1a7ab0cc11";

/// A recording of the fixtures that a test changes.
struct World(Value);

impl World {
    fn of(file: &str) -> Self {
        Self(fixture::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(file)))
    }

    /// Answers a request (its path with the query) with a status and a body; an earlier answer is replaced.
    fn answers(&mut self, path: &str, status: u16, body: Value) -> &mut Self {
        let exchanges = self.0["exchanges"].as_array_mut().unwrap();
        let request = format!("GET {path}");
        let short = request.split('?').next().unwrap().to_owned();
        exchanges.retain(|one| one["request"].as_str().unwrap().split('?').next() != Some(&short));
        exchanges.push(json!({ "request": request, "status": status, "body": body }));
        self
    }

    /// The body of the answer whose request ends so.
    fn body(&mut self, end: &str) -> &mut Value {
        let exchanges = self.0["exchanges"].as_array_mut().unwrap();
        let is = |one: &&mut Value| one["request"].as_str().unwrap().split('?').next().unwrap().ends_with(end);
        &mut exchanges.iter_mut().find(is).unwrap_or_else(|| panic!("no answer ends with {end}"))["body"]
    }

    fn report(&self) -> Report {
        report("recording.json", self.0.to_string().into_bytes())
    }

    /// The row of a vault.
    fn of_vault(&self, name: &str) -> Option<VaultSetting> {
        let report = self.report();
        report.backup_vaults[0].posture.iter().find(|row| row.name == name).cloned()
    }

    /// The rows of the only path of a kind of request.
    fn of_path(&self, label: &str, name: &str) -> Vec<VaultSetting> {
        let report = self.report();
        let paths = report.paths.iter().filter(|path| path.label.starts_with(label));
        paths.flat_map(|path| path.posture.clone()).filter(|row| row.name == name).collect()
    }

    fn row(&self, name: &str) -> VaultSetting {
        self.of_path("stfabrikambackup/apim-backups", name).into_iter().next().unwrap_or_else(|| panic!("{name}"))
    }
}

fn is(row: &VaultSetting, standing: VaultStanding, words: &str) {
    assert_eq!(row.standing, standing, "{row:?}");
    assert!(row.value.contains(words), "{row:?} lacks {words}");
}

const VAULT: &str = "/resourceGroups/rg-fabrikam-vaults/providers/Microsoft.RecoveryServices/vaults/rsv-fabrikam";

fn vault_path() -> String {
    format!("{MACHINES}{VAULT}")
}

#[test]
fn the_logs_of_a_vault_are_sent_or_not_or_not_known() {
    let mut world = World::of("worlds/recovery-vault.json");
    let path = format!("{}/providers/Microsoft.Insights/diagnosticSettings", vault_path());
    let request = format!("{path}?api-version=2021-05-01-preview");
    is(&world.of_vault("logs of jobs").unwrap(), VaultStanding::Unknown, "not collected");
    world.answers(&request, 200, json!({ "value": [] }));
    is(&world.of_vault("logs of jobs").unwrap(), VaultStanding::Weak, "not sent anywhere");
    let setting = |logs: Value| {
        let workspace = format!("{MACHINES}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log1");
        let properties = json!({ "workspaceId": workspace, "logs": logs });
        let kind = "Microsoft.Insights/diagnosticSettings";
        json!({ "value": [{ "id": format!("{path}/all"), "name": "all", "type": kind, "properties": properties }] })
    };
    world.answers(&request, 200, setting(json!([{ "category": "CoreAzureBackup", "enabled": true }])));
    is(&world.of_vault("logs of jobs").unwrap(), VaultStanding::Weak, "AddonAzureBackupJobs");
    world.answers(&request, 200, setting(json!([{ "category": "AddonAzureBackupJobs", "enabled": true }])));
    is(&world.of_vault("logs of jobs").unwrap(), VaultStanding::Guards, "workspace `log1`");
    world.answers(&request, 403, json!({}));
    is(&world.of_vault("logs of jobs").unwrap(), VaultStanding::Unknown, "not collected");
    assert_eq!(world.report().verdict, Verdict::Pass);
}

#[test]
fn locks_on_the_groups_of_machines_and_of_restore_points_are_told_apart() {
    let mut world = World::of("worlds/recovery-vault.json");
    let locks = |group: &str| {
        format!("{MACHINES}/resourceGroups/{group}/providers/Microsoft.Authorization/locks?api-version=2020-05-01")
    };
    let lock = |group: &str, level: &str| {
        let id = format!("{MACHINES}/resourceGroups/{group}/providers/Microsoft.Authorization/locks/keep");
        let kind = "Microsoft.Authorization/locks";
        json!({ "value": [{ "id": id, "name": "keep", "type": kind, "properties": { "level": level } }] })
    };
    is(&world.of_vault("locks").unwrap(), VaultStanding::Unknown, "not collected");
    world.answers(&locks("rg-fabrikam-vaults"), 200, json!({ "value": [] }));
    is(&world.of_vault("locks").unwrap(), VaultStanding::Guards, "none");
    for level in ["ReadOnly", "CanNotDelete"] {
        world.answers(&locks("rg-fabrikam-vaults"), 200, lock("rg-fabrikam-vaults", level));
        let row = world.of_vault("locks").unwrap();
        is(&row, VaultStanding::Unknown, &format!("`keep` ({level}) on group `rg-fabrikam-vaults`"));
        // No page says that backups fail under it.
        assert_eq!(world.report().verdict, Verdict::Pass);
    }
    world.answers(&locks("rg-fabrikam-vaults"), 200, json!({ "value": [] }));
    world.answers(&locks("AzureBackupRG_northeurope_1"), 200, lock("AzureBackupRG_northeurope_1", "CanNotDelete"));
    is(&world.of_vault("locks").unwrap(), VaultStanding::Weak, "of restore points");
    assert_eq!(world.report().verdict, Verdict::Fail);
}

#[test]
fn a_policy_names_the_group_of_the_restore_points() {
    let mut world = World::of("worlds/recovery-vault.json");
    let details = json!({ "azureBackupRGNamePrefix": "rp-", "azureBackupRGNameSuffix": "-we" });
    for policy in world.body("/backupPolicies")["value"].as_array_mut().unwrap() {
        policy["properties"]["instantRPDetails"] = details.clone();
    }
    // What is not known of the group that the policy names leaves the vault open.
    let before = world.report();
    assert_eq!(before.verdict, Verdict::Unknown);
    assert!(before.gaps.iter().any(|gap| gap.what.contains("rp-1-we")), "{:?}", before.gaps);
    let request =
        format!("{MACHINES}/resourceGroups/rp-1-we/providers/Microsoft.Authorization/locks?api-version=2020-05-01");
    world.answers(&request, 404, json!({ "error": { "code": "ResourceGroupNotFound" } }));
    assert_eq!(world.report().verdict, Verdict::Pass);
    let id = format!("{MACHINES}/resourceGroups/rp-1-we/providers/Microsoft.Authorization/locks/keep");
    let lock = json!({ "id": id, "name": "keep", "type": "Microsoft.Authorization/locks",
        "properties": { "level": "CanNotDelete" } });
    world.answers(&request, 200, json!({ "value": [lock] }));
    let report = world.report();
    assert!(report.findings.iter().any(|found| found.code == "authorization.resource-locked"), "{report:?}");
    // The list of the whole subscription holds the locks of every group.
    let mut whole = World::of("worlds/recovery-vault.json");
    for policy in whole.body("/backupPolicies")["value"].as_array_mut().unwrap() {
        policy["properties"]["instantRPDetails"] = details.clone();
    }
    let all = format!("{MACHINES}/providers/Microsoft.Authorization/locks?api-version=2020-05-01");
    whole.answers(&all, 200, json!({ "value": [] }));
    assert_eq!(whole.report().verdict, Verdict::Pass);
}

#[test]
fn machines_that_no_vault_protects_are_named() {
    const ROW: &str = "machines without backup";
    let mut world = World::of("worlds/recovery-vault.json");
    is(&world.of_vault(ROW).unwrap(), VaultStanding::Unknown, "not collected");
    let machine = |name: &str, location: &str| {
        let id =
            format!("{MACHINES}/resourceGroups/rg-fabrikam-vaults/providers/Microsoft.Compute/virtualMachines/{name}");
        json!({ "id": id, "name": name, "type": "Microsoft.Compute/virtualMachines", "location": location,
            "properties": {} })
    };
    let list = format!("{MACHINES}/providers/Microsoft.Compute/virtualMachines?api-version=2024-07-01");
    let region = world.body("/vaults/rsv-fabrikam")["location"].as_str().unwrap().to_owned();
    let own = machine("vm-fabrikam-sql01", &region);
    world.answers(&list, 200, json!({ "value": [own, machine("vm-elsewhere", "brazilsouth")] }));
    is(&world.of_vault(ROW).unwrap(), VaultStanding::Guards, "none of 1");
    world.answers(&list, 200, json!({ "value": [own, machine("vm-new", &region)] }));
    // Another vault of the subscription may protect it.
    is(&world.of_vault(ROW).unwrap(), VaultStanding::Unknown, "1 of 2");
    let vault = world.body("/vaults/rsv-fabrikam").clone();
    let vaults = format!("{MACHINES}/providers/Microsoft.RecoveryServices/vaults?api-version=2025-02-01");
    world.answers(&vaults, 200, json!({ "value": [vault] }));
    is(&world.of_vault(ROW).unwrap(), VaultStanding::Weak, "`vm-new`");
    assert_eq!(world.report().verdict, Verdict::Pass);
    // The list of items is not complete: it may be protected here.
    world.body("/backupProtectedItems")["nextLink"] = "https://management.azure.com/more".into();
    is(&world.of_vault(ROW).unwrap(), VaultStanding::Unknown, "not collected");
}

#[test]
fn the_deletion_of_old_backups_is_told_from_what_was_not_collected() {
    const ROW: &str = "deletion of old backups";
    let world = World::of("worlds/apim-backup.json");
    is(&world.row(ROW), VaultStanding::Guards, "rule `prune` after 35 days");
    let path = format!(
        "{BACKUPS}/resourceGroups/rg-fabrikam-backup/providers/Microsoft.Storage/storageAccounts/stfabrikambackup\
         /managementPolicies/default?api-version=2023-05-01"
    );
    let missing = |world: &mut World| {
        world.answers(&path, 404, json!({ "error": { "code": "ManagementPolicyNotFound" } }));
    };
    let mut without = World::of("worlds/apim-backup.json");
    missing(&mut without);
    is(&without.row(ROW), VaultStanding::Weak, "nothing deletes them");
    assert_eq!(without.report().verdict, Verdict::Pass);
    assert!(without.report().findings.is_empty());
    let mut refused = World::of("worlds/apim-backup.json");
    refused.answers(&path, 403, json!({}));
    is(&refused.row(ROW), VaultStanding::Unknown, "not collected");
    let rule =
        |world: &mut World| world.body("/managementPolicies/default")["properties"]["policy"]["rules"][0].clone();
    for (change, standing, words) in [
        (json!({ "prefixMatch": ["other/"], "blobTypes": ["blockBlob"] }), VaultStanding::Weak, "nothing deletes them"),
        (json!({ "prefixMatch": ["apim-backups/dev-"], "blobTypes": ["blockBlob"] }), VaultStanding::Unknown, "may"),
        (json!({ "prefixMatch": ["apim-backups/"], "blobTypes": ["appendBlob"] }), VaultStanding::Weak, "nothing"),
    ] {
        let mut world = World::of("worlds/apim-backup.json");
        let mut own = rule(&mut world);
        own["definition"]["filters"] = change;
        world.body("/managementPolicies/default")["properties"]["policy"]["rules"][0] = own;
        is(&world.row(ROW), standing, words);
    }
    let mut off = World::of("worlds/apim-backup.json");
    off.body("/managementPolicies/default")["properties"]["policy"]["rules"][0]["enabled"] = false.into();
    is(&off.row(ROW), VaultStanding::Weak, "nothing deletes them");
}

#[test]
fn a_job_that_did_not_come_to_its_end_is_not_trusted() {
    for status in ["Suspended", "Stopped", "Blocked", "Disconnected"] {
        let mut world = World::of("worlds/apim-backup.json");
        world.body("/aa-fabrikam-backup/jobs")["value"][0]["properties"]["status"] = status.into();
        is(&world.row("newest job"), VaultStanding::Weak, status);
        let report = world.report();
        let found: Vec<_> = report.findings.iter().filter(|found| found.code == "platform.job-incomplete").collect();
        assert_eq!(found.len(), 1, "{status}: {:?}", report.findings);
        assert!(found[0].message.contains(status), "{}", found[0].message);
        assert!(report.paths.iter().all(|path| path.verdict == Verdict::Pass));
    }
    for status in ["Running", "New", "Resuming"] {
        let mut world = World::of("worlds/apim-backup.json");
        world.body("/aa-fabrikam-backup/jobs")["value"][0]["properties"]["status"] = status.into();
        is(&world.row("newest job"), VaultStanding::Plain, status);
        assert!(world.report().findings.is_empty(), "{status}");
    }
}

#[test]
fn a_runbook_without_a_schedule_is_suspected() {
    let mut world = World::of("worlds/apim-backup.json");
    is(&world.row("schedule"), VaultStanding::Guards, "every 168 h");
    world.body("/aa-fabrikam-backup/jobSchedules")["value"] = json!([]);
    is(&world.row("schedule"), VaultStanding::Weak, "no schedule");
    let report = world.report();
    let found = report.findings.iter().find(|found| found.code == "latent.backup-not-scheduled").unwrap();
    assert_eq!(found.verdict, Verdict::Unknown);
    assert!(report.paths.iter().all(|path| path.verdict == Verdict::Pass));
}

#[test]
fn an_alert_counts_if_it_counts_failed_jobs_of_the_runbook() {
    const ROW: &str = "alerts for failed jobs";
    let account = format!(
        "{BACKUPS}/resourceGroups/rg-fabrikam-backup/providers/Microsoft.Automation/automationAccounts/aa-fabrikam-backup"
    );
    let list = format!("{BACKUPS}/providers/Microsoft.Insights/metricAlerts?api-version=2018-03-01");
    let settings = format!("{account}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview");
    let alert = |properties: Value| {
        let id =
            format!("{BACKUPS}/resourceGroups/rg-fabrikam-backup/providers/Microsoft.Insights/metricAlerts/failed");
        let kind = "Microsoft.Insights/metricAlerts";
        json!({ "value": [{ "id": id, "name": "failed", "type": kind, "location": "global", "properties": properties }] })
    };
    let own = |dimensions: Value, enabled: bool| {
        let criterion = json!({ "metricName": "TotalJob", "metricNamespace": "Microsoft.Automation/automationAccounts",
            "dimensions": dimensions, "operator": "GreaterThan", "threshold": 0 });
        json!({ "enabled": enabled, "scopes": [account], "criteria": { "allOf": [criterion] } })
    };
    let failed = json!([{ "name": "Status", "operator": "Include", "values": ["Failed"] }]);
    let mut world = World::of("worlds/apim-backup.json");
    is(&world.row(ROW), VaultStanding::Unknown, "not collected");
    world.answers(&list, 200, alert(own(failed.clone(), true)));
    is(&world.row(ROW), VaultStanding::Guards, "metric alert `failed`");
    let other = json!([{ "name": "Status", "operator": "Include", "values": ["Failed"] },
        { "name": "Runbook", "operator": "Include", "values": ["Another"] }]);
    for properties in [own(failed.clone(), false), own(other, true), own(json!([]), true)] {
        world.answers(&list, 200, alert(properties));
        // An alert on logs may hear of it.
        is(&world.row(ROW), VaultStanding::Unknown, "alerts on logs are not evaluated");
    }
    world.answers(&settings, 200, json!({ "value": [] }));
    is(&world.row(ROW), VaultStanding::Weak, "none");
    world.answers(&list, 403, json!({}));
    is(&world.row(ROW), VaultStanding::Unknown, "not collected");
    assert_eq!(world.report().verdict, Verdict::Pass);
}

/// Answers the lists of assignments at a vault and at the secret in it.
fn assigned(world: &mut World, vault: &str, kind: &str, status: u16, value: Value) {
    for scope in [vault.to_owned(), format!("{vault}/secrets/backend-key")] {
        let list = format!("{scope}/providers/Microsoft.Authorization/{kind}?api-version=2022-04-01&$filter=atScope()");
        let body = if status == 200 { json!({ "value": value }) } else { json!({}) };
        world.answers(&list, status, body);
    }
}

/// A restore to another instance, whose source has a named value from a vault.
fn restore() -> (World, String) {
    let mut world = World::of("checks/platform.restore-tier-mismatch/fixed.json");
    let group = format!("{BACKUPS}/resourceGroups/rg-fabrikam-backup");
    let vault = format!("{group}/providers/Microsoft.KeyVault/vaults/kv-restored");
    let tenant = world.0["tenantId"].clone();
    let properties = json!({ "tenantId": tenant, "sku": { "family": "A", "name": "standard" },
        "enableRbacAuthorization": true, "vaultUri": "https://kv-restored.vault.azure.net/", "accessPolicies": [],
        "publicNetworkAccess": "Enabled", "enableSoftDelete": true,
        "networkAcls": { "bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": [] } });
    let body = json!({ "id": vault, "name": "kv-restored", "type": "Microsoft.KeyVault/vaults",
        "location": "northeurope", "properties": properties });
    let listed = world.body("/providers/Microsoft.KeyVault/vaults")["value"].as_array_mut().unwrap();
    listed.push(body.clone());
    world.answers(&format!("{vault}?api-version=2026-02-01"), 200, body);
    let source = format!("{group}/providers/Microsoft.ApiManagement/service/apim-fabrikam-backup");
    let value = json!({ "id": format!("{source}/namedValues/backend-key"), "name": "backend-key",
        "type": "Microsoft.ApiManagement/service/namedValues",
        "properties": { "displayName": "backend-key", "secret": true,
            "keyVault": { "secretIdentifier": "https://kv-restored.vault.azure.net/secrets/backend-key" } } });
    world.body("/apim-fabrikam-backup/namedValues")["value"] = json!([value]);
    assigned(&mut world, &vault, "denyAssignments", 200, json!([]));
    assigned(&mut world, &vault, "roleAssignments", 200, json!([]));
    (world, vault)
}

const GRANTS: &str = "Key Vault grants";
const OF_RESTORE: &str = "stfabrikambackup/apim-backups/";

#[test]
fn a_restore_names_the_grants_that_its_target_needs() {
    let (mut world, vault) = restore();
    let rows = world.of_path(OF_RESTORE, GRANTS);
    assert_eq!(rows.len(), 1, "{rows:?}");
    is(&rows[0], VaultStanding::Weak, "kv-restored.vault.azure.net: 1 reference of `apim-fabrikam-backup`");
    is(&rows[0], VaultStanding::Weak, "`apim-fabrikam-dr` may not read yet");
    // It changes nothing of the restore's own access.
    let report = world.report();
    let own = report.paths.iter().find(|path| path.label.starts_with(OF_RESTORE)).unwrap();
    assert_eq!(own.verdict, Verdict::Pass, "{own:?}");
    let role =
        format!("{BACKUPS}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6");
    let grant = |principal: &str| {
        let id =
            format!("{vault}/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111");
        let properties = json!({ "roleDefinitionId": role, "principalId": principal, "scope": vault,
            "principalType": "ServicePrincipal", "condition": null, "createdOn": "2026-03-02T11:20:43Z",
            "updatedOn": "2026-03-02T11:20:43Z" });
        json!([{ "id": id, "type": "Microsoft.Authorization/roleAssignments", "properties": properties }])
    };
    // The grant of the source does not help the target.
    assigned(&mut world, &vault, "roleAssignments", 200, grant("fe6701c3-ee44-4a13-9279-df773acdc4a1"));
    is(&world.of_path(OF_RESTORE, GRANTS)[0], VaultStanding::Weak, "may not read yet");
    assigned(&mut world, &vault, "roleAssignments", 200, grant("8a2f6f0e-6a2c-4b57-8f0b-7f3f1f0f6a21"));
    is(&world.of_path(OF_RESTORE, GRANTS)[0], VaultStanding::Guards, "may read");
    assigned(&mut world, &vault, "roleAssignments", 403, json!([]));
    is(&world.of_path(OF_RESTORE, GRANTS)[0], VaultStanding::Unknown, "not known whether");
}

#[test]
fn a_restore_whose_source_is_not_known_leaves_the_grants_open() {
    let (world, _) = restore();
    let mut unknown = World(world.0.clone());
    let exchanges = unknown.0["exchanges"].as_array_mut().unwrap();
    exchanges.retain(|one| !one["request"].as_str().unwrap().contains("/apim-fabrikam-backup/backup"));
    is(&unknown.of_path(OF_RESTORE, GRANTS)[0], VaultStanding::Unknown, "no single collected request");
    // A list that was refused may hold more references.
    let mut refused = World(world.0.clone());
    let source = format!(
        "{BACKUPS}/resourceGroups/rg-fabrikam-backup/providers/Microsoft.ApiManagement/service/apim-fabrikam-backup"
    );
    refused.answers(&format!("{source}/certificates?api-version=2024-05-01"), 403, json!({}));
    let rows = refused.of_path(OF_RESTORE, GRANTS);
    assert!(rows.iter().any(|row| row.standing == VaultStanding::Unknown), "{rows:?}");
    let mut none = World(world.0);
    none.body("/apim-fabrikam-backup/namedValues")["value"] = json!([]);
    is(&none.of_path(OF_RESTORE, GRANTS)[0], VaultStanding::Plain, "refers to no vault");
}

#[test]
fn the_newest_restore_that_the_log_shows_is_the_test() {
    let mut world = World::of("worlds/apim-backup.json");
    is(&world.row("restore test"), VaultStanding::Unknown, "show none");
    let target = format!(
        "{BACKUPS}/resourceGroups/rg-fabrikam-backup/providers/Microsoft.ApiManagement/service/apim-fabrikam-dr"
    );
    let action = "Microsoft.ApiManagement/service/restore/action";
    let event = |at: &str, status: &str| {
        json!({ "id": format!("{target}/events/{at}"), "resourceId": target, "eventTimestamp": at,
            "authorization": { "action": action, "scope": target }, "operationName": { "value": action },
            "status": { "value": status } })
    };
    let path = format!("{BACKUPS}/providers/Microsoft.Insights/eventtypes/management/values");
    let request = format!("{path}?api-version=2015-04-01&$filter=eventTimestamp ge '2026-08-23T09:00:00Z'");
    world.answers(&request, 200, json!({ "value": [event("2026-11-02T10:00:00Z", "Failed")] }));
    is(&world.row("restore test"), VaultStanding::Unknown, "show none");
    let all = [event("2026-11-02T10:00:00Z", "Failed"), event("2026-10-02T10:00:00Z", "Succeeded")];
    world.answers(&request, 200, json!({ "value": all }));
    is(&world.row("restore test"), VaultStanding::Guards, "2026-10-02 to `apim-fabrikam-dr`");
}

/// Every row of a report, by its subject and its name; of several, the most certain one counts.
fn rows(report: &Report) -> BTreeMap<String, VaultStanding> {
    let of_vaults = report.backup_vaults.iter().map(|vault| (vault.resource.to_string(), &vault.posture));
    let of_paths = report.paths.iter().map(|path| (path.id.clone(), &path.posture));
    let all = of_vaults.chain(of_paths).flat_map(|(about, rows)| rows.iter().map(move |row| (about.clone(), row)));
    let certain = all.filter(|(_, row)| matches!(row.standing, VaultStanding::Guards | VaultStanding::Weak));
    certain.map(|(about, row)| (format!("{about} {}", row.name), row.standing)).collect()
}

#[test]
fn a_missing_answer_never_makes_a_row_certain() {
    let mut vault = World::of("worlds/recovery-vault.json");
    for policy in vault.body("/backupPolicies")["value"].as_array_mut().unwrap() {
        policy["properties"]["instantRPDetails"] = json!({ "azureBackupRGNamePrefix": "rp-" });
    }
    for group in ["rg-fabrikam-vaults", "rp-1"] {
        let path = format!("{MACHINES}/resourceGroups/{group}/providers/Microsoft.Authorization/locks");
        vault.answers(&format!("{path}?api-version=2020-05-01"), 200, json!({ "value": [] }));
    }
    let machine = vault.body("/virtualMachines/vm-fabrikam-sql01").clone();
    let own = vault.body("/vaults/rsv-fabrikam").clone();
    let compute = format!("{MACHINES}/providers/Microsoft.Compute/virtualMachines?api-version=2024-07-01");
    let vaults = format!("{MACHINES}/providers/Microsoft.RecoveryServices/vaults?api-version=2025-02-01");
    vault.answers(&compute, 200, json!({ "value": [machine] })).answers(&vaults, 200, json!({ "value": [own] }));
    let logs = format!("{}/providers/Microsoft.Insights/diagnosticSettings", vault_path());
    vault.answers(&format!("{logs}?api-version=2021-05-01-preview"), 200, json!({ "value": [] }));
    let mut backup = World::of("worlds/apim-backup.json");
    let alerts = format!("{BACKUPS}/providers/Microsoft.Insights/metricAlerts?api-version=2018-03-01");
    let account = "resourceGroups/rg-fabrikam-backup/providers/Microsoft.Automation/automationAccounts";
    let settings = format!("{BACKUPS}/{account}/aa-fabrikam-backup/providers/Microsoft.Insights/diagnosticSettings");
    backup.answers(&alerts, 200, json!({ "value": [] }));
    backup.answers(&format!("{settings}?api-version=2021-05-01-preview"), 200, json!({ "value": [] }));
    for (world, least) in [(vault, 6), (backup, 5), (restore().0, 4)] {
        let before = rows(&world.report());
        assert!(before.len() >= least, "{before:?}");
        for at in 0..world.0["exchanges"].as_array().unwrap().len() {
            for refused in [false, true] {
                let mut less = World(world.0.clone());
                let exchanges = less.0["exchanges"].as_array_mut().unwrap();
                let request = exchanges[at]["request"].to_string();
                match refused {
                    true => {
                        exchanges[at]["status"] = 403.into();
                        exchanges[at]["body"] = json!({});
                    }
                    false => drop(exchanges.remove(at)),
                }
                for (row, standing) in rows(&less.report()) {
                    assert_eq!(before.get(&row), Some(&standing), "{row} without {request} ({refused})");
                }
            }
        }
    }
}

//! Recovery Services vaults: what guards their backups, their policies as a table, and the newest backups.

use apim_doctor_core::v1::{BackupVault, Permitted, VaultSetting, VaultStanding};
use maud::{Markup, html};

use super::Sheet;
use super::answer::time;
use super::text::{prose, sign, text};

/// What the identity that collected the data may do, in words.
const ANSWERS: [(&str, Permitted); 3] =
    [("may", Permitted::Allowed), ("may not", Permitted::Denied), ("unknown", Permitted::Unknown)];

impl Sheet<'_> {
    /// What guards backups; it changes no verdict.
    pub(super) fn vaults(&self) -> Markup {
        let paths = self.report.paths.iter().filter(|path| !path.posture.is_empty());
        html! {
            @for path in paths {
                section class="backups" {
                    h2 { "Backups of " bdi { (text(path.resource.name())) } " in " bdi { (text(&path.label)) } }
                    (settings(&path.posture))
                }
            }
            @for vault in &self.report.backup_vaults { (self::vault(vault)) }
        }
    }
}

fn vault(vault: &BackupVault) -> Markup {
    let hours = |hours: Option<i64>| hours.map_or_else(|| "unknown".to_owned(), |hours| format!("{hours} h"));
    html! {
        section class="backups" {
            h2 { "Backups in " bdi { (text(vault.resource.name())) } }
            (settings(&vault.posture))
            @if !vault.policies.is_empty() {
                div class="table" tabindex="0" role="region" aria-label="Backup policies" {
                    table {
                        (heads(&["Policy", "Every", "Day", "Week", "Month", "Year", "Items"]))
                        tbody {
                            @for policy in &vault.policies {
                                tr {
                                    th scope="row" {
                                        bdi { (text(policy.resource.name())) }
                                        span class="meta" {
                                            " " (text(&policy.backs_up))
                                            @if let Some(schedule) = &policy.schedule { ", " (text(schedule)) }
                                            @if !policy.misses.is_empty() {
                                                "; does not keep one of " (text(&policy.misses.join(", one of ")))
                                            }
                                        }
                                    }
                                    td { (hours(policy.gap_hours)) }
                                    @for time in [&policy.daily, &policy.weekly, &policy.monthly, &policy.yearly] {
                                        td { (time.as_deref().map_or_else(|| text("–"), text)) }
                                    }
                                    td { @match policy.items { Some(items) => (items), None => "unknown" } }
                                }
                            }
                        }
                    }
                }
            }
            @if !vault.items.is_empty() {
                div class="table" tabindex="0" role="region" aria-label="Protected items" {
                    table {
                        (heads(&["Protected item", "Age", "Due every", "Newest backup"]))
                        tbody {
                            @for item in &vault.items {
                                tr {
                                    th scope="row" { bdi { (text(&item.label)) } }
                                    td { (hours(item.age_hours)) }
                                    td { (hours(item.gap_hours)) }
                                    td {
                                        @match item.newest {
                                            Some(at) => (time(at)),
                                            None => "none known",
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if let Some(operator) = &vault.operator {
                p { "The identity that collected this (" code { (text(&operator.principal)) } "):" }
                ul {
                    @for (words, answer) in ANSWERS {
                        @let rights = operator.rights.iter().filter(|right| right.answer == answer);
                        @let tasks: Vec<&str> = rights.map(|right| right.task.as_ref()).collect();
                        @if !tasks.is_empty() { li { b { (words) } " " (text(&tasks.join(", "))) } }
                    }
                }
            }
        }
    }
}

fn heads(heads: &[&str]) -> Markup {
    html! { thead { tr { @for head in heads { th scope="col" { (head) } } } } }
}

fn settings(posture: &[VaultSetting]) -> Markup {
    html! {
        dl class="settings" {
            @for setting in posture {
                @let kind = match setting.standing {
                    VaultStanding::Guards => "pass",
                    VaultStanding::Weak | VaultStanding::Unknown => "unknown",
                    _ => "none",
                };
                div { dt { (sign(kind)) (text(&setting.name)) } dd { (prose(&setting.value)) } }
            }
        }
    }
}

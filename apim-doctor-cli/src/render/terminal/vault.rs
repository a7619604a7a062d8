//! Recovery Services vaults: what guards their backups, their policies as a table, and the newest backups.

use std::io::Result;

use apim_doctor_core::v1::{BackupVault, Path, Permitted, VaultItem, VaultPolicy, VaultSetting, VaultStanding};

use crate::output::{Page, Paint};

/// How many protected items are printed; `-v` prints them all.
const ITEMS: usize = 10;

/// The most letters of a name that stand in a column. A longer name has a line of its own.
const NAME: usize = 26;

impl Page<'_> {
    /// What is worth knowing of a vault, whatever its access paths are.
    pub(super) fn backup_vault(&mut self, vault: &BackupVault, verbose: bool) -> Result<()> {
        self.blank()?;
        self.line(&format!("Backups in {}", vault.resource.name()).bold())?;
        vault.posture.iter().try_for_each(|setting| self.setting(setting))?;
        if !vault.policies.is_empty() {
            self.blank()?;
            let head = row("policy", ["every", "day", "week", "month", "year", "items"]);
            self.line(&head.dimmed())?;
            vault.policies.iter().try_for_each(|policy| self.policy(policy))?;
        }
        if !vault.items.is_empty() {
            self.blank()?;
            self.line(&row("protected item", ["age", "due", "newest backup", "", "", ""]).dimmed())?;
            let most = if verbose { vault.items.len() } else { ITEMS };
            vault.items.iter().take(most).try_for_each(|item| self.item(item))?;
            if vault.items.len() > most {
                self.line(&format!("  and {} more: -v lists them", vault.items.len() - most))?;
            }
        }
        self.operator(vault)
    }

    /// What is worth knowing of a backup of an instance, whatever its access is.
    pub(super) fn backup_of_instance(&mut self, path: &Path) -> Result<()> {
        if path.posture.is_empty() {
            return Ok(());
        }
        self.blank()?;
        self.wrapped("", &format!("Backups of {} in {}", path.resource.name(), path.label).bold())?;
        path.posture.iter().try_for_each(|setting| self.setting(setting))
    }

    /// What the identity that collected the data may do.
    fn operator(&mut self, vault: &BackupVault) -> Result<()> {
        let Some(operator) = &vault.operator else { return Ok(()) };
        let of = |wanted: Permitted| {
            let tasks = operator.rights.iter().filter(|right| right.answer == wanted).map(|right| right.task.as_ref());
            tasks.collect::<Vec<&str>>().join(", ")
        };
        self.blank()?;
        self.wrapped("  ", &format!("The identity that collected this ({}):", operator.principal))?;
        for (words, answer) in
            [("may", Permitted::Allowed), ("may not", Permitted::Denied), ("unknown", Permitted::Unknown)]
        {
            let tasks = of(answer);
            if !tasks.is_empty() {
                self.hanging(&format!("    {words:8}"), "            ", &tasks)?;
            }
        }
        Ok(())
    }

    fn setting(&mut self, setting: &VaultSetting) -> Result<()> {
        let value = match setting.standing {
            VaultStanding::Guards => setting.value.green(),
            VaultStanding::Weak | VaultStanding::Unknown => setting.value.yellow(),
            _ => setting.value.clone(),
        };
        let first = format!("  {:26}", setting.name);
        self.hanging(&first, &" ".repeat(first.len()), &value)
    }

    /// One policy: the longest time between two backups, and how long those of each tier are kept.
    fn policy(&mut self, policy: &VaultPolicy) -> Result<()> {
        let hours = policy.gap_hours.map_or_else(|| "?".to_owned(), |hours| format!("{hours} h"));
        let [day, week, month, year] =
            [&policy.daily, &policy.weekly, &policy.monthly, &policy.yearly].map(|own| short(own.as_deref()));
        let items = policy.items.map_or_else(|| "?".to_owned(), |items| items.to_string());
        self.named(policy.resource.name(), [&hours, &day, &week, &month, &year, &items])?;
        let mut says = vec![policy.backs_up.to_string()];
        says.extend(policy.schedule.clone());
        if !policy.misses.is_empty() {
            says.push(format!("does not keep one of {}", policy.misses.join(", one of ")));
        }
        self.wrapped("    ", &says.join("; ").dimmed())
    }

    fn item(&mut self, item: &VaultItem) -> Result<()> {
        let hours = |hours: Option<i64>| hours.map_or_else(|| "?".to_owned(), |hours| format!("{hours} h"));
        let newest =
            item.newest.map_or_else(|| "none known".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string());
        self.named(&item.label, [&hours(item.age_hours), &hours(item.gap_hours), &newest, "", "", ""])
    }

    /// A row whose name may be too long for its column.
    fn named(&mut self, name: &str, cells: [&str; 6]) -> Result<()> {
        if name.chars().count() <= NAME {
            return self.line(&row(name, cells));
        }
        self.wrapped("  ", name)?;
        self.line(&row("", cells))
    }
}

/// A name and its cells, each in its column; 80 columns in all.
fn row(name: &str, [one, two, three, four, five, six]: [&str; 6]) -> String {
    let row = format!("  {name:NAME$}  {one:6}  {two:6}  {three:7}  {four:7}  {five:7}  {six}");
    row.trim_end().to_owned()
}

/// A time in a column: `30 d`, `12 w`, `12 m`, `5 y`.
fn short(time: Option<&str>) -> String {
    let Some((count, unit)) = time.and_then(|time| time.split_once(' ')) else { return "-".to_owned() };
    format!("{count} {}", unit.get(..1).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_fits_on_a_line() {
        let widest = row(&"x".repeat(NAME), ["9999 h", "9999 d", "9999 w", "9999 m", "9999 y", "9999"]);
        assert!(widest.len() <= 80, "{}", widest.len());
        assert_eq!(short(Some("1 year")), "1 y");
        assert_eq!(short(None), "-");
    }
}

//! Every path: one line, the strip of its gates, and the facts of those that do not pass.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Result;
use std::sync::Arc;

use apim_doctor_core::v1::{GateReport, Path, Report};
use apim_doctor_core::{Gate, ResourceId, Verdict};

use crate::output::{Page, Paint};
use crate::render::terminal::{GROUPS, Shown};
use crate::render::words::target;

/// How many paths of a group are shown.
const MEMBERS: usize = 12;

impl Page<'_> {
    /// Paths with the same result are shown together; of many, the causes are counted.
    pub(super) fn paths(&mut self, report: &Report, verbose: bool, shown: &mut Shown) -> Result<()> {
        let by_id: HashMap<&str, &Path> = report.paths.iter().map(|path| (path.id.as_str(), path)).collect();
        let callers: BTreeSet<&str> = report.paths.iter().map(|path| path.resource.as_str()).collect();
        let several = callers.len() > 1;
        if verbose {
            for path in report.groups.iter().flat_map(|group| &group.paths) {
                let Some(path) = by_id.get(path.as_str()) else { continue };
                self.path_line(path, 0, several)?;
                self.whole_path(path)?;
            }
            return Ok(());
        }
        if report.groups.len() > GROUPS {
            return self.causes(report);
        }
        for group in &report.groups {
            let paths: Vec<&Path> = group.paths.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
            let column = paths.iter().map(|path| path.label.chars().count()).max().unwrap_or(0).min(28);
            for path in paths.iter().take(MEMBERS) {
                self.path_line(path, column, several)?;
            }
            if paths.len() > MEMBERS {
                self.line(&format!("  and {} more like these", paths.len() - MEMBERS))?;
            }
            if let Some(first) = paths.first().filter(|_| group.verdict != Verdict::Pass) {
                self.strip(&first.gates)?;
                self.open_gates(first, report, shown)?;
                self.blank()?;
            }
        }
        Ok(())
    }

    /// `✗ api.contoso.com   custom domain → kv-contoso/secrets/gateway-tls`.
    pub(super) fn path_line(&mut self, path: &Path, column: usize, several: bool) -> Result<()> {
        let of = if several { format!(" of {}", path.resource.name()) } else { String::new() };
        let place = path.location.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
        let arrow = if self.unicode { "→" } else { "->" };
        let what = format!("{}{of}{place} {arrow} {}", path.consumer_noun, target(path));
        let label = &path.label;
        let sign = self.coloured_sign(path.verdict);
        let line = format!("{sign} {}  {}", format!("{label:column$}").bold(), what.dimmed());
        match self.fits(&line) {
            true => self.line(&line),
            false => {
                self.hanging(&format!("{sign} "), "    ", label)?;
                self.wrapped("    ", &what)
            }
        }
    }

    /// `reference ✓ identity ✓ target ✓ dns ✓ network ✓ FIREWALL ✗ grant(✓) object(✓)`: in brackets, what is judged as if
    /// the failures before it were repaired.
    pub(super) fn strip(&mut self, gates: &[Arc<GateReport>]) -> Result<()> {
        let mut line = String::from(" ");
        for gate in gates {
            let name = if gate.gate == Gate::Authorization { "grant" } else { gate.gate.name() };
            let sign = self.coloured_sign(gate.verdict);
            let open = matches!(gate.verdict, Verdict::Fail | Verdict::Unknown);
            let name = if open { name.to_uppercase() } else { name.to_owned() };
            let word = match gate.assumed {
                true => format!(" {name}({sign})"),
                false => format!(" {name} {sign}"),
            };
            if !self.fits(&format!("{line}{word}")) {
                self.line(&std::mem::replace(&mut line, String::from(" ")))?;
            }
            line.push_str(&word);
        }
        self.line(&line)
    }

    /// The causes and the missing facts of gates that do not pass.
    pub(super) fn open_gates(&mut self, path: &Path, report: &Report, shown: &mut Shown) -> Result<()> {
        for gate in &path.gates {
            let found = report
                .findings
                .iter()
                .filter(|finding| gate.findings.contains(&finding.code) && finding.affects.contains(&path.id));
            for finding in found {
                self.line(&format!("  {}", finding.code.bold()))?;
                if shown.findings.contains(&format!("facts of {}", finding.fingerprint)) {
                    continue;
                }
                shown.findings.insert(format!("facts of {}", finding.fingerprint));
                finding.evidence.iter().try_for_each(|fact| self.fact(fact, "    "))?;
            }
            for gap in gate.gaps.iter().filter(|_| gate.verdict == Verdict::Unknown) {
                if report.gaps.iter().any(|entry| entry.what == *gap && entry.run.is_some()) {
                    continue;
                }
                if shown.gaps.insert(gap.clone()) {
                    self.hanging("  ? ", "    ", gap)?;
                }
            }
        }
        Ok(())
    }

    /// How many paths fail for which cause.
    fn causes(&mut self, report: &Report) -> Result<()> {
        let mut by_cause: BTreeMap<(u8, &str), (usize, BTreeSet<&ResourceId>)> = BTreeMap::new();
        for path in &report.paths {
            let key = match (path.verdict, &path.root_cause) {
                (Verdict::Fail, Some(code)) => (0, code.as_str()),
                (Verdict::Unknown, _) => (1, "undecided"),
                _ => (2, "pass"),
            };
            let (count, callers) = by_cause.entry(key).or_default();
            *count += 1;
            callers.insert(&path.resource);
        }
        let mut causes: Vec<_> = by_cause.into_iter().collect();
        causes.sort_by_key(|((rank, _), (count, _))| (*rank, usize::MAX - count));
        for ((rank, code), (count, callers)) in causes {
            let paths = if count == 1 { "path " } else { "paths" };
            let verdict = [Verdict::Fail, Verdict::Unknown, Verdict::Pass].get(usize::from(rank)).copied();
            let sign = self.coloured_sign(verdict.unwrap_or(Verdict::Pass));
            let names: Vec<&str> = callers.iter().map(|id| id.name()).collect();
            let who = match names.as_slice() {
                [one] => (*one).to_owned(),
                [one, other] => format!("{one}, {other}"),
                many => format!("{} resources", many.len()),
            };
            self.apart(&format!("{sign} {count:6} {paths}  {}", code.bold()), &who.dimmed())?;
        }
        self.blank()
    }
}

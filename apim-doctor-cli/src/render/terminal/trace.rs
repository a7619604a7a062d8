//! How a verdict came about, question by question: what `-v` shows.

use std::io::Result;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Evidence, GateReport, Path, Step};

use crate::output::{Page, Paint};

impl Page<'_> {
    /// Every gate of a path with its questions.
    pub(super) fn whole_path(&mut self, path: &Path) -> Result<()> {
        if let Some(symptom) = &path.first_symptom {
            self.hanging("  you see: ", "           ", symptom)?;
        }
        if path.gates.iter().any(|gate| gate.assumed && gate.verdict == Verdict::Pass) {
            self.line(&format!("  {}", "\"then\": the result once the failures above are fixed".dimmed()))?;
        }
        path.gates.iter().try_for_each(|gate| self.gate(gate))?;
        self.blank()
    }

    fn gate(&mut self, gate: &GateReport) -> Result<()> {
        let is_result = matches!(gate.verdict, Verdict::Pass | Verdict::Fail);
        let then = if gate.assumed && is_result { "then: " } else { "" };
        let first = format!("  {} {:14} ", self.mark(gate.verdict), gate.gate.name());
        self.hanging(&first, &" ".repeat(27), &format!("{then}{}", gate.says))?;
        gate.steps.iter().try_for_each(|step| self.step(step, 2))
    }

    /// One question, its answer, and the evidence.
    pub(super) fn step(&mut self, step: &Step, depth: usize) -> Result<()> {
        let indent = "  ".repeat(depth);
        let first = format!("{indent}{} ", self.mark(step.verdict));
        let rest = format!("{indent}          ");
        self.hanging(&first, &rest, &step.question)?;
        step.evidence.iter().try_for_each(|evidence| self.evidence(evidence, &format!("{rest}  ")))
    }

    /// A fact, with the property and the line where it stands.
    pub(super) fn evidence(&mut self, evidence: &Evidence, indent: &str) -> Result<()> {
        let resource = evidence.resource.as_ref().map(|id| id.name().to_owned()).unwrap_or_default();
        let place = match (&evidence.file, evidence.line) {
            (Some(file), Some(line)) => format!(", {file}:{line}"),
            _ => String::new(),
        };
        let at = match resource.is_empty() {
            true => String::new(),
            false => format!(" [{resource}{}{place}]", evidence.pointer),
        };
        self.hanging(&format!("{indent}- "), &format!("{indent}  "), &format!("{}{at}", evidence.says))
    }
}

//! Prints a probe's result: the conclusion first, then one line per step, then other advice.

use std::io::Result;

use apim_doctor_core::live::probe::Seen;
use apim_doctor_core::live::probe::judge::{Level, Trouble};
use apim_doctor_core::live::probe::summary::{Conclusion, Reach, Step};

use crate::args::Probe;
use crate::output::{Page, Paint};

/// Prints what was seen.
pub(crate) fn print(seen: &Seen, troubles: &[Trouble], args: &Probe, page: &mut Page<'_>) -> Result<()> {
    let conclusion = seen.conclusion(troubles);
    page.conclusion(&conclusion)?;
    if args.quiet {
        return Ok(());
    }
    page.line("")?;
    let steps = seen.steps();
    steps.iter().filter(|step| args.verbose || !step.is_usual).try_for_each(|step| page.probed(step, args.verbose))?;
    // The conclusion said one of them already.
    let others = troubles.iter().filter(|trouble| Some(*trouble) != conclusion.trouble.as_ref());
    for (at, trouble) in others.enumerate() {
        if at == 0 {
            page.line("")?;
        }
        page.trouble(trouble)?;
    }
    Ok(())
}

impl Page<'_> {
    fn conclusion(&mut self, conclusion: &Conclusion) -> Result<()> {
        let word = match conclusion.reach {
            Reach::Reachable => "REACHABLE".as_success(),
            Reach::ReachableWithoutServer => "REACHABLE".as_doubt(),
            Reach::Blocked => "BLOCKED".as_failure(),
            Reach::Unknown => "UNKNOWN".as_doubt(),
        };
        self.hanging(&format!("{word}  "), "  ", &conclusion.says)?;
        match &conclusion.trouble {
            Some(trouble) => self.hanging("  what to do: ", "  ", &trouble.hint),
            None => Ok(()),
        }
    }

    fn probed(&mut self, step: &Step, verbose: bool) -> Result<()> {
        let first = format!("  {} {:9}  ", self.mark(step.verdict), step.name);
        self.hanging(&first, "                       ", &step.says)?;
        for detail in step.details.iter().filter(|_| verbose) {
            self.hanging("                       - ", "                         ", detail)?;
        }
        Ok(())
    }

    fn trouble(&mut self, trouble: &Trouble) -> Result<()> {
        let word = match trouble.level {
            Level::Error => "error".as_failure(),
            Level::Warning => "warning".as_doubt(),
            Level::Note => "note".dimmed(),
        };
        self.hanging(&format!("{word}  "), "  ", &trouble.says)?;
        self.hanging("  ", "  ", &trouble.hint)
    }
}

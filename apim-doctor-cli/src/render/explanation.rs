//! Prints the explanation of an error text: the message, its likely causes, and how to check each cause.

use std::io::Result;

use apim_doctor_core::explanation::{Cause, Explanation, Meaning};

use crate::output::{Page, Paint};

/// How many causes are shown by default.
const CAUSES: usize = 3;

/// Prints an explanation.
pub(crate) fn print(explanation: &Explanation, verbose: bool, page: &mut Page<'_>) -> Result<()> {
    if let Some(advice) = &explanation.advice {
        page.wrapped("", &"This text does not match any known message.".as_doubt())?;
        return page.wrapped("  ", advice);
    }
    page.meaning(&explanation.first, verbose)?;
    match (verbose, explanation.others.len()) {
        (_, 0) => Ok(()),
        (true, _) => explanation.others.iter().try_for_each(|other| {
            page.line("")?;
            page.meaning(other, true)
        }),
        (false, n) => {
            page.line("")?;
            let more = if n == 1 { "message was" } else { "messages were" };
            page.wrapped("", &format!("{n} more {more} found in the text; -v explains them").dimmed())
        }
    }
}

impl Page<'_> {
    fn meaning(&mut self, meaning: &Meaning, verbose: bool) -> Result<()> {
        let best = meaning.causes.first();
        let first = best.map_or("no cause is known", |cause| cause.title.as_ref());
        self.line(&format!("{}  {}", best.map_or("?", |cause| cause.code.as_str()).as_failure(), first))?;
        self.line(&format!(
            "  message {}; gates {}",
            meaning.message.as_deref().unwrap_or_default(),
            meaning.gates.join(", ")
        ))?;
        if let Some(misleads) = &meaning.misleads {
            self.hanging(&format!("  {} ", "beware:".as_doubt()), "  ", misleads)?;
        }
        let names: Vec<String> = meaning.extracted.iter().map(|(name, value)| format!("{name} {value}")).collect();
        if !names.is_empty() {
            self.hanging("  names ", "    ", &names.join(", "))?;
        }
        if !meaning.rules_out.is_empty() {
            let gates: Vec<&str> = meaning.rules_out.iter().map(|gate| gate.name()).collect();
            self.hanging(
                "  ",
                "  ",
                &format!("ruled out: {} (the request had already passed them)", gates.join(", ")),
            )?;
        }
        let shown = if verbose { usize::MAX } else { CAUSES };
        for (at, cause) in meaning.causes.iter().take(shown).enumerate() {
            self.line("")?;
            self.cause(at + 1, cause)?;
        }
        if verbose {
            self.line("")?;
            meaning
                .sources
                .iter()
                .try_for_each(|source| self.line(&format!("{} (read {})", source.url, source.read_on)))?;
        } else if let Some(more @ 1..) = meaning.causes.len().checked_sub(CAUSES) {
            self.line("")?;
            let causes = if more == 1 { "cause" } else { "causes" };
            self.line(&format!("{more} more {causes}; -v shows them").dimmed())?;
        }
        Ok(())
    }

    fn cause(&mut self, number: usize, cause: &Cause) -> Result<()> {
        let likelihood = format!("{:?}", cause.likelihood).to_lowercase();
        self.line(&format!("{number}. {} ({likelihood})", cause.code.bold()))?;
        self.wrapped("   ", &cause.why)?;
        for sign in &cause.signs {
            self.hanging(&format!("   {}: ", sign.effect), "     ", &sign.says)?;
        }
        for probe in &cause.confirm {
            self.hanging("   check ", "     ", &format!("({}):", probe.run_from))?;
            self.line(&format!("     {}", probe.command))?;
            self.hanging("     confirmed if: ", "       ", &probe.expect)?;
        }
        for fix in &cause.fixes {
            self.hanging("   fix: ", "     ", &fix.title)?;
            fix.az.iter().try_for_each(|line| self.line(&format!("     {line}")))?;
        }
        Ok(())
    }
}

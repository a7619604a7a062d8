//! Prints the explanation of an error text: what it says, its likeliest causes, and how to check each of them.

use std::io::Result;

use apim_doctor_core::explanation::{Cause, Confirmation, Explanation, Likelihood, Meaning, NearMiss};

use crate::output::{Page, Paint};

/// How many causes are shown by default.
const CAUSES: usize = 3;

/// Prints an explanation.
pub(crate) fn print(explanation: &Explanation, verbose: bool, page: &mut Page<'_>) -> Result<()> {
    if !explanation.recognized {
        return page.unrecognized(explanation);
    }
    page.meaning(&explanation.first, verbose)?;
    let others = explanation.others.len();
    if verbose {
        for other in &explanation.others {
            page.line("")?;
            page.meaning(other, true)?;
        }
        return Ok(());
    }
    let more = |n: usize, what: &str| format!("{n} more {what}{}: -v", if n == 1 { "" } else { "s" });
    let hidden = explanation.first.causes.len().saturating_sub(CAUSES);
    let mut notes: Vec<String> = Vec::new();
    notes.extend((hidden > 0).then(|| more(hidden, "cause")));
    notes.extend((others > 0).then(|| more(others, "error")));
    notes.push("commands that repair it: -v".into());
    notes.push("find out: apim-doctor diagnose RESOURCE_ID --error -".into());
    page.line("")?;
    page.wrapped("", &notes.join(" · ").dimmed())
}

impl Page<'_> {
    fn unrecognized(&mut self, explanation: &Explanation) -> Result<()> {
        let Some(near) = &explanation.near_miss else {
            let advice = explanation.advice.as_deref().unwrap_or_default();
            let mut letters = advice.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
            return self.wrapped("", &format!("{first}{}.", letters.as_str()));
        };
        self.wrapped("", &"This text does not say what failed.".as_doubt())?;
        self.near_miss(near)?;
        self.hanging("  ", "  ", explanation.advice.as_deref().unwrap_or_default())
    }

    fn near_miss(&mut self, near: &NearMiss) -> Result<()> {
        for signal in &near.signals {
            self.hanging("  it says ", "    ", &format!("\"{}\": {}", signal.quote.text, signal.says))?;
        }
        for missing in &near.missing {
            self.hanging("  missing: ", "    ", missing)?;
        }
        for nearest in &near.nearest {
            self.hanging("  like it: ", "    ", &format!("{} ({})", nearest.text, nearest.message))?;
        }
        Ok(())
    }

    fn meaning(&mut self, meaning: &Meaning, verbose: bool) -> Result<()> {
        let best = meaning.causes.first();
        let title = best.map_or("no cause is known", |cause| cause.title.as_ref());
        self.line(&format!("{}  {title}", best.map_or("?", |cause| cause.code.as_str()).as_failure()))?;
        let message = meaning.message.as_deref().unwrap_or_default();
        self.hanging("  ", "    ", &format!("message {message}; gates {}", meaning.gates.join(", ")))?;
        if let Some(misleads) = &meaning.misleads {
            self.hanging(&format!("  {} ", "beware:".as_doubt()), "  ", misleads)?;
        }
        let names: Vec<String> = meaning.extracted.iter().map(|(name, value)| format!("{name} {value}")).collect();
        if !names.is_empty() {
            self.hanging("  names ", "    ", &names.join(", "))?;
        }
        if !meaning.rules_out.is_empty() {
            let gates: Vec<&str> = meaning.rules_out.iter().map(|gate| gate.name()).collect();
            self.hanging("  passed: ", "    ", &gates.join(", "))?;
        }
        let shown = if verbose { usize::MAX } else { CAUSES };
        for (at, cause) in meaning.causes.iter().take(shown).enumerate() {
            self.line("")?;
            let before = meaning.causes.get(..at).unwrap_or_default();
            self.cause(at + 1, cause, before, verbose)?;
        }
        if verbose {
            self.line("")?;
            let sources = meaning.sources.iter();
            sources.map(|source| format!("{} (read {})", source.url, source.read_on)).try_for_each(|s| self.line(&s))?;
        }
        Ok(())
    }

    /// A cause; what was printed for the causes before it is not printed again.
    fn cause(&mut self, number: usize, cause: &Cause, before: &[Cause], verbose: bool) -> Result<()> {
        let likelihood = match cause.likelihood {
            Likelihood::High => "likely",
            Likelihood::Medium => "possible",
            _ => "rare",
        };
        let mut letters = cause.title.chars();
        let title = letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default();
        self.apart(&format!("{number}  {}", title.bold()), likelihood)?;
        if !before.iter().any(|other| other.why == cause.why) {
            self.wrapped("   ", &cause.why)?;
        }
        let quoted: Vec<String> = cause.because.iter().map(|quote| format!("\"{}\"", quote.text)).collect();
        let is_new = |quotes: &Cause| quotes.because.iter().map(|quote| quote.start).ne(cause.because.iter().map(|q| q.start));
        if !quoted.is_empty() && before.iter().all(is_new) {
            self.hanging("   because of ", "     ", &quoted.join(", "))?;
        }
        for sign in &cause.signs {
            self.hanging(&format!("   {}: ", sign.effect), "     ", &sign.says)?;
        }
        let asked = |probe: &Confirmation| before.iter().flat_map(|cause| &cause.confirm).any(|old| old.command == probe.command);
        let probes = if verbose { usize::MAX } else { 1 };
        for probe in cause.confirm.iter().take(probes) {
            match asked(probe) {
                true => self.hanging("   check ", "     ", &format!("as above; confirmed if {}", probe.expect))?,
                false => {
                    if verbose {
                        self.hanging("   check ", "     ", &format!("({}):", probe.run_from))?;
                        self.line(&format!("     {}", probe.command))?;
                    } else {
                        self.line(&format!("   check {}", probe.command))?;
                    }
                    self.hanging("     confirmed if ", "       ", &probe.expect)?;
                }
            }
        }
        for fix in cause.fixes.iter().filter(|fix| !before.iter().flat_map(|c| &c.fixes).any(|old| old.title == fix.title)) {
            self.hanging("   fix   ", "     ", &format!("{} (explain {})", fix.title, cause.code))?;
            if verbose {
                fix.az.iter().try_for_each(|line| self.line(&format!("     {line}")))?;
            }
        }
        Ok(())
    }
}

//! Prints the explanation of an error text: what it says, its likeliest causes, and how to check each of them.

use std::io::Result;

use apim_doctor_core::explanation::{Cause, Confirmation, Explanation, Likelihood, Meaning, NearMiss};

use crate::output::{Page, Paint};
use crate::render::words::{capital, sentence};

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
    let more = |n: usize, what: &str| format!("{n} more {what}{}", if n == 1 { "" } else { "s" });
    let hidden = explanation.first.causes.len().saturating_sub(CAUSES);
    let mut notes: Vec<String> = Vec::new();
    notes.extend((hidden > 0).then(|| more(hidden, "cause")));
    notes.extend((others > 0).then(|| more(others, "error")));
    notes.push("repair commands".into());
    let notes = format!("{}: -v · find out: apim-doctor diagnose ID --error -", notes.join(", "));
    page.line("")?;
    page.wrapped("", &notes.dimmed())
}

impl Page<'_> {
    fn unrecognized(&mut self, explanation: &Explanation) -> Result<()> {
        let Some(near) = &explanation.near_miss else {
            let advice = explanation.advice.as_deref().unwrap_or_default();
            return self.wrapped("", &sentence(advice));
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
        if let Some(summary) = &meaning.summary {
            self.wrapped("", &summary.bold())?;
        }
        let message = meaning.message.as_deref().unwrap_or_default();
        let passed: Vec<&str> = meaning.rules_out.iter().map(|gate| gate.name()).collect();
        let passed = if passed.is_empty() { String::new() } else { format!("; passed: {}", passed.join(", ")) };
        self.hanging("", "  ", &format!("{}: {}{passed}", message.as_failure(), meaning.gates.join(", ")))?;
        if let Some(misleads) = &meaning.misleads {
            self.hanging(&format!("{} ", "beware:".as_doubt()), "  ", misleads)?;
        }
        let names: Vec<String> = meaning.extracted.iter().map(|(name, value)| format!("{name} {value}")).collect();
        if verbose && !names.is_empty() {
            self.hanging("names ", "  ", &names.join(", "))?;
        }
        // The causes of a signal say what the text says.
        let by_signals = meaning.signals.iter().any(|signal| signal.id == message);
        let shown = if verbose { usize::MAX } else { CAUSES };
        for (at, cause) in meaning.causes.iter().take(shown).enumerate() {
            if verbose || at < 2 {
                self.line("")?;
            }
            let before = meaning.causes.get(..at).unwrap_or_default();
            self.cause(cause, before, by_signals, verbose)?;
        }
        if verbose {
            self.line("")?;
            let sources = meaning.sources.iter();
            sources
                .map(|source| format!("{} (read {})", source.url, source.read_on))
                .try_for_each(|s| self.line(&s))?;
        }
        Ok(())
    }

    /// A cause. All but the first one are short, and what was printed for the causes before it is not printed again.
    fn cause(&mut self, cause: &Cause, before: &[Cause], by_signals: bool, verbose: bool) -> Result<()> {
        let likelihood = match cause.likelihood {
            Likelihood::High => "likely",
            Likelihood::Medium => "possible",
            _ => "rare",
        };
        let number = before.len() + 1;
        self.apart(&format!("{number}  {}", capital(&cause.title).bold()), likelihood)?;
        let whole = verbose || before.is_empty();
        let quoted: Vec<String> = cause.because.iter().map(|quote| format!("\"{}\"", quote.text)).collect();
        let quoted = quoted.join(", ");
        let is_new = !before.iter().any(|other| other.why == cause.why);
        if is_new && by_signals {
            self.wrapped("   ", &format!("{} ({quoted}).", cause.why.trim_end_matches('.')))?;
        } else if is_new && (whole || cause.confirm.is_empty()) {
            self.wrapped("   ", &cause.why)?;
            self.hanging("   because the text says ", "     ", &quoted)?;
        }
        for sign in cause.signs.iter().filter(|_| whole) {
            self.hanging(&format!("   {}: ", sign.effect), "     ", &sign.says)?;
        }
        let asked: Vec<&Confirmation> = before.iter().flat_map(|cause| &cause.confirm).collect();
        let is_new =
            |probe: &&Confirmation| !asked.iter().any(|old| old.command == probe.command && old.expect == probe.expect);
        let shown = match (verbose, before.is_empty()) {
            (true, _) => usize::MAX,
            (false, true) => 2,
            (false, false) => 1,
        };
        for probe in cause.confirm.iter().filter(is_new).take(shown) {
            if asked.iter().any(|old| old.command == probe.command) {
                self.hanging("   check ", "     ", &format!("as above; confirmed if {}", probe.expect))?;
                continue;
            }
            if verbose {
                self.hanging("   check ", "     ", &format!("({}):", probe.run_from))?;
                self.line(&format!("     {}", probe.command))?;
            } else {
                self.line(&format!("   check {}", probe.command))?;
            }
            self.hanging("     confirmed if ", "       ", &probe.expect)?;
        }
        let known: Vec<&str> = before.iter().flat_map(|cause| &cause.fixes).map(|fix| fix.title.as_str()).collect();
        for fix in cause.fixes.iter().filter(|fix| whole && !known.contains(&fix.title.as_str())) {
            self.hanging("   fix   ", "     ", &format!("{} (explain {})", fix.title, cause.code))?;
            if verbose {
                fix.az.iter().try_for_each(|line| self.line(&format!("     {line}")))?;
            }
        }
        Ok(())
    }
}

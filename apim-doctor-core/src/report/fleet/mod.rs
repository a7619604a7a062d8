//! Many callers: their records, a summary of them by cause, and how the records of several runs are joined.

mod join;
mod line;
mod tally;

pub use join::{Joined, join};
pub use line::LineError;
pub use tally::Tally;

use std::collections::HashSet;

use crate::base::{ResourceId, Verdict};
use crate::finding::Severity;
use crate::report::v1::{CallerRecord, Finding, GapEntry, GapRecord, Record, Report};

impl Report {
    /// The records of these callers: paths, findings, suppressions that are wrong, what may hide whole paths, and last
    /// each caller with the verdict of its paths; it is unknown if a part of the caller was not read. `is_read` says whether a caller itself was read.
    ///
    /// ```
    /// use apim_doctor_core::{Estate, Input, Options, ResourceId, diagnose};
    /// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
    /// let report = diagnose(&estate, &Options::default());
    /// let app = ResourceId::new("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/orders");
    /// assert_eq!(report.records_of(&[app], |_| false).count(), 1);
    /// ```
    pub fn records_of<'r>(
        &'r self,
        callers: &'r [ResourceId],
        is_read: impl Fn(&ResourceId) -> bool,
    ) -> impl Iterator<Item = Record<'r>> {
        let hidden = self.gaps.iter().filter(|gap| gap.affects.is_empty());
        let gaps = hidden.map(|gap| {
            Record::Gap(GapRecord {
                as_of: self.as_of,
                tool_version: &self.tool.version,
                what: &gap.what,
                ask: &gap.ask,
                kind: &gap.kind,
                suppressed: gap.suppressed,
            })
        });
        let callers = callers.iter().map(move |caller| Record::Caller(self.caller_record(caller, is_read(caller))));
        // A suppression that applies to none of these callers may apply to others.
        let is_theirs = |record: &Record<'r>| !matches!(record, Record::Suppression(one) if one.is_unmatched);
        self.records().filter(is_theirs).chain(gaps).chain(callers)
    }

    fn caller_record<'r>(&'r self, caller: &'r ResourceId, is_read: bool) -> CallerRecord<'r> {
        let own = self.paths.iter().filter(|path| path.resource.is_within(caller));
        let count = |verdict: Verdict| own.clone().filter(|path| path.verdict == verdict).count();
        let (pass, fail, unknown) = (count(Verdict::Pass), count(Verdict::Fail), count(Verdict::Unknown));
        // A gap that names no caller may hide paths of this one.
        let hides_paths = |gap: &GapEntry| {
            let is_theirs = gap.about.as_ref().is_none_or(|about| about.is_within(caller));
            gap.affects.is_empty() && is_theirs && !gap.is_left_out && !gap.suppressed
        };
        let ids: HashSet<&str> = own.clone().map(|path| path.id.as_str()).collect();
        let concerns = |finding: &&Finding| {
            finding.subject.is_within(caller) || finding.affects.iter().any(|id| ids.contains(id.as_str()))
        };
        let mut findings = self.findings.iter().filter(|finding| finding.suppressed.is_none()).filter(concerns);
        let is_broken = findings.clone().any(|finding| finding.severity == Severity::Error);
        let is_undecided = findings.any(|finding| finding.verdict == Verdict::Unknown && finding.affects.is_empty());
        let verdict = match pass {
            _ if fail > 0 || is_broken => Verdict::Fail,
            _ if unknown > 0 || is_undecided => Verdict::Unknown,
            _ if !is_read || self.gaps.iter().any(hides_paths) => Verdict::Unknown,
            1.. => Verdict::Pass,
            _ => Verdict::NotApplicable,
        };
        let (as_of, tool_version) = (self.as_of, &*self.tool.version);
        CallerRecord { as_of, tool_version, resource: caller, verdict, pass, fail, unknown }
    }
}

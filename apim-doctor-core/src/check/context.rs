//! The data that a check can use to explain a gate's result.

use crate::base::{ResourceId, Verdict};
use crate::eval::store::Store;
use crate::finding::{Code, Evidence, Finding};
use crate::knowledge::subservice::Subservice;
use crate::model::Resource;
use crate::model::api_management::Service;
use crate::model::key_vault::Vault;
use crate::path::reason::Cause;
use crate::path::{Case, Diagnosis, Form, GateOutcome};

/// Everything a check may look at when it explains what a gate found.
#[derive(Clone, Copy)]
pub(super) struct Context<'c, 'e> {
    /// The path and the estate.
    pub case: &'c Case<'e>,
    /// The walked path.
    pub diagnosis: &'c Diagnosis<'e>,
    /// The gate that found it; `None` for a quirk.
    pub gate: Option<&'c GateOutcome>,
    /// What it found.
    pub cause: &'c Cause,
    /// The code of that.
    pub code: Code,
}

impl<'c, 'e> Context<'c, 'e> {
    /// A finding with the gate's evidence, still without fixes.
    pub(super) fn finding(&self, subject: &ResourceId, message: String) -> Finding {
        Finding {
            code: self.code,
            subject: subject.clone(),
            verdict: self.cause.verdict,
            message,
            evidence: self.evidence(),
            fixes: Vec::new(),
            confirm: None,
            leads: false,
            stands_alone: false,
        }
    }

    /// A finding about a resource beside the access, which leaves the path's verdict alone.
    pub(super) fn beside(&self, subject: &ResourceId, message: String, evidence: Evidence) -> Finding {
        Finding { evidence: vec![evidence], stands_alone: true, ..self.finding(subject, message) }
    }

    /// What decided the gate: the evidence of the steps that did not pass; for a quirk, its declaration.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let Some(gate) = self.gate else {
            let says = format!("`{}` is declared here", self.case.path.label);
            return vec![Evidence::at(says, self.case.path.declared_at.clone())];
        };
        self.evidence_of(gate.verdict)
    }

    /// The evidence of the gate's steps with a verdict.
    pub(super) fn evidence_of(&self, verdict: Verdict) -> Vec<Evidence> {
        let steps = self.gate.into_iter().flat_map(|gate| &gate.steps);
        steps.filter(|step| step.verdict == verdict).flat_map(|step| step.evidence.clone()).collect()
    }

    /// The vault, where it was found.
    pub(super) fn vault(&self) -> Option<&'c Resource<Vault>> {
        self.diagnosis.target.as_ref().and_then(|target| target.vault())
    }

    /// The vault or storage account, where it was found.
    pub(super) fn store(&self) -> Option<Store<'e>> {
        self.diagnosis.target.as_ref().map(|target| target.store)
    }

    /// Which service of it is meant.
    pub(super) fn subservice(&self) -> Subservice {
        let found = self.diagnosis.target.as_ref().map(|target| target.subservice);
        found.or(self.diagnosis.reference.as_ref().map(|r| r.subservice)).unwrap_or(Subservice::Vault)
    }

    /// Who fetches what the path wants, in words.
    pub(super) fn service(&self) -> &'static str {
        self.case.path.service()
    }

    /// What the path reaches for, in words.
    pub(super) fn noun(&self) -> &'static str {
        if self.case.path.form == Form::Storage { "storage account" } else { "vault" }
    }

    /// The vault's name, as far as it is known.
    pub(super) fn vault_name(&self) -> String {
        match (self.store(), &self.diagnosis.reference) {
            (Some(store), _) => store.name().to_owned(),
            (None, Some(reference)) => reference.host.split('.').next().unwrap_or_default().to_owned(),
            (None, None) => String::new(),
        }
    }

    /// The vault as the thing to repair; the instance where the vault is not known.
    pub(super) fn vault_or_instance(&self) -> ResourceId {
        self.store().map_or_else(|| self.case.path.resource.clone(), |store| store.id().clone())
    }

    /// The instance.
    pub(super) fn instance(&self) -> Option<&'c Resource<Service>> {
        self.case.estate.get::<Service>(&self.case.path.resource).known()
    }

    /// The resource that declares the reference: the instance, a named value, a certificate, a policy.
    pub(super) fn declared_in(&self) -> ResourceId {
        self.case.path.declared_at.resource.clone().unwrap_or_else(|| self.case.path.resource.clone())
    }
}

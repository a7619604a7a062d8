//! What can stand at the top of an input file: a recording, or the bare forms of Resource Manager, Resource Graph and
//! exports.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::ObjectId;
use crate::base::form::time::option as time;
use crate::knowledge::cloud::CloudName;
use crate::model::{DnsAnswer, Input, Observation, Probe, SignedIn, Vantage};
use crate::source::cloud::clouds_of;
use crate::source::exchange::{Exchange, InPlace};
use crate::source::format::Snapshot;
use crate::source::outputs::Prepare;
use crate::source::reader::{Reader, without_values};

/// What can stand at the top of an input file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(default, borrow)]
    apim_doctor: Option<Cow<'a, str>>,
    #[serde(default)]
    kept: Option<u32>,
    #[serde(default, deserialize_with = "time::deserialize")]
    taken_at: Option<Timestamp>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    cloud: Option<CloudName>,
    #[serde(default)]
    signed_in: Option<SignedIn>,
    #[serde(default)]
    vantage: Option<Vantage>,
    #[serde(default, borrow)]
    exchanges: Option<Vec<Exchange<'a>>>,
    #[serde(default)]
    dns: Vec<DnsAnswer>,
    #[serde(default)]
    probes: Vec<Probe>,
    #[serde(default)]
    observations: Vec<Observation>,
    #[serde(default)]
    repaired: Vec<String>,
    #[serde(default, borrow)]
    value: Option<&'a RawValue>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default, borrow, alias = "Id", alias = "ResourceId")]
    id: Option<Cow<'a, str>>,
}

impl<'a> Document<'a> {
    /// The document as a recording.
    fn into_snapshot(self) -> Snapshot<InPlace<'a>, &'a RawValue> {
        Snapshot {
            apim_doctor: self.apim_doctor.map(Cow::into_owned).unwrap_or_default(),
            kept: self.kept,
            taken_at: self.taken_at,
            cloud: self.cloud,
            tenant_id: self.tenant_id,
            signed_in: self.signed_in,
            vantage: self.vantage,
            exchanges: self.exchanges.unwrap_or_default(),
            dns: self.dns,
            probes: self.probes,
            observations: self.observations,
            repaired: self.repaired,
        }
    }
}

/// The inputs with what was recorded last in front, so that the order in which they are given means nothing.
pub(super) fn in_order(inputs: Vec<Prepare>) -> Vec<Prepare> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stamp {
        #[serde(default, deserialize_with = "time::deserialize")]
        taken_at: Option<Timestamp>,
    }
    let stamp = |input: &Input| serde_json::from_slice::<Stamp>(&input.bytes).ok().and_then(|stamp| stamp.taken_at);
    let mut all: Vec<_> = match inputs.len() {
        0 | 1 => inputs.into_iter().map(|prepared| (None, prepared)).collect(),
        _ => inputs.into_iter().map(|prepared| (stamp(&prepared.input), prepared)).collect(),
    };
    all.sort_by(|(one, a), (other, b)| {
        (other, &a.input.name, &a.input.bytes).cmp(&(one, &b.input.name, &b.input.bytes))
    });
    all.into_iter().map(|(_, prepared)| prepared).collect()
}

/// Ends the message about a file that is neither.
const EXPECTED: &str = "expected a recording or Azure resources";

const FORMATS: &str = "give a `snapshot/v1` recording, a JSON array of Azure resources, `{\"value\": […]}`, \
                       `{\"data\": […]}` or one resource";

impl<'a> Reader<'a> {
    pub(super) fn input(&mut self) {
        // What is not text, is empty or is nested too deeply was reported before.
        let Ok(text) = std::str::from_utf8(self.bytes) else { return };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('[') {
            match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(bodies) => bodies.into_iter().for_each(|body| self.bare(body)),
                Err(error) => self.syntax(&error),
            }
            return;
        }
        match serde_json::from_str::<Document>(text) {
            Ok(document) => self.document(document, text),
            Err(error) => self.syntax(&error),
        }
    }

    fn syntax(&mut self, error: &serde_json::Error) {
        let text = error.to_string();
        let message = without_values(text.split(" at line ").next().unwrap_or(&text));
        let (message, help) = match error.classify() {
            serde_json::error::Category::Eof => {
                (format!("the JSON ends too early: {message}"), "the file seems truncated; copy or record it again")
            }
            serde_json::error::Category::Data => (message, FORMATS),
            _ => (format!("this is not JSON ({message}): {EXPECTED}"), FORMATS),
        };
        self.problem_at(Some((error.line(), error.column().max(1))), &message, help, true);
    }

    fn document(&mut self, document: Document<'a>, text: &'a str) {
        self.kept = document.kept;
        match (document.apim_doctor.as_deref(), &document.exchanges) {
            (Some("snapshot/v1"), Some(_)) => self.recording(document.into_snapshot()),
            (Some("snapshot/v1"), None) => {
                let help = "record again; a recording contains its requests and answers under `exchanges`";
                self.problem(None, "the recording has no `exchanges`: expected a list".to_owned(), help, true);
            }
            (Some(other), _) => {
                let message = format!("the format is `{other}`: expected `snapshot/v1`");
                self.problem(None, message, "record again with this version of apim-doctor", true);
            }
            (None, Some(_)) => {
                let message =
                    "`exchanges` stands without a format: expected `\"apimDoctor\": \"snapshot/v1\"`".to_owned();
                self.problem(None, message, "add it if this is a recording", true);
            }
            (None, None) => match (document.value, document.data, document.id) {
                (Some(list), ..) | (None, Some(list), _) if list.get().starts_with('[') => {
                    let bodies = serde_json::from_str::<Vec<&RawValue>>(list.get()).unwrap_or_default();
                    bodies.into_iter().for_each(|body| self.bare(body));
                }
                (_, _, Some(_)) => match serde_json::from_str::<&RawValue>(text) {
                    Ok(body) => self.bare(body),
                    Err(error) => self.syntax(&error),
                },
                _ => self.problem(None, format!("the JSON has no known format: {EXPECTED}"), FORMATS, true),
            },
        }
    }

    /// Finds out the cloud of resources that came without a recording.
    pub(super) fn tell_cloud(&mut self) {
        self.estate.is_cloud_known = !self.clouds.is_empty();
        if self.estate.is_cloud_known {
            return;
        }
        let mut clouds = clouds_of(&self.estate);
        match (clouds.pop(), clouds.is_empty()) {
            (Some(cloud), true) => {
                self.estate.cloud = cloud;
                self.estate.is_cloud_known = true;
            }
            (Some(_), false) => {
                let names: Vec<&str> = self.inputs.iter().take(3).map(|input| input.name.as_str()).collect();
                self.name = names.join(", ");
                let help = "diagnose the files of each cloud in a separate run";
                self.problem_at(None, "the files are from different clouds", help, false);
            }
            (None, _) => {}
        }
    }

    fn recording(&mut self, recording: Snapshot<InPlace<'a>, &'a RawValue>) {
        let cloud = match recording.cloud.map(CloudName::resolve).transpose() {
            Ok(cloud) => cloud.unwrap_or_default(),
            Err(name) => {
                let message = format!(
                    "`{name}` is not a known cloud: expected `AzurePublic`, `AzureUSGovernment` or `AzureChina`"
                );
                let help = "give the endpoints of a custom cloud as an object";
                return self.problem(None, message, help, true);
            }
        };
        if self.clouds.first().is_some_and(|first| *first != cloud) {
            let help = "diagnose the recordings of each cloud in a separate run";
            return self.problem(
                None,
                "the recordings are from different clouds: expected one cloud".to_owned(),
                help,
                true,
            );
        }
        self.clouds.push(cloud.clone());
        self.times.record(recording.taken_at);
        let estate = &mut self.estate;
        estate.is_recording = true;
        estate.cloud = cloud;
        estate.taken_at = estate.taken_at.max(recording.taken_at);
        estate.tenant_id = estate.tenant_id.take().or(recording.tenant_id.as_deref().map(ObjectId::new));
        estate.signed_in = estate.signed_in.take().or(recording.signed_in);
        // An answer counts where the machine was that recorded it.
        let vantage = recording.vantage.map(|vantage| vantage.subnet);
        let probes = recording.probes.into_iter();
        estate.probes.extend(probes.map(|probe| Probe { vantage: vantage.clone(), ..probe }));
        estate.observations.extend(recording.observations);
        estate.repaired.extend(recording.repaired);
        let (file, dns) = (self.file, recording.dns.into_iter());
        self.dns.extend(dns.map(|answer| (file, DnsAnswer { vantage: vantage.clone(), ..answer })));
        self.exchanges(&recording.exchanges);
    }
}

//! `--cloud`: one of the known clouds, or a file that describes another.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use apim_doctor_core::live::Connection;
use apim_doctor_core::{Cloud, CloudName, CustomCloud, InputError};
use serde::Deserialize;

use crate::failure::Failure;

/// A cloud, what a recording calls it, and how to reach it.
pub(crate) struct Chosen {
    /// As a recording names it.
    pub name: CloudName,
    /// Its hosts.
    pub cloud: Cloud,
    /// How to reach them.
    pub connection: Connection,
}

/// A cloud file: the names of the cloud, and how this machine reaches it.
#[derive(Deserialize)]
struct CloudFile {
    #[serde(flatten)]
    cloud: CustomCloud,
    dns_server: Option<SocketAddr>,
    ca_file: Option<PathBuf>,
    #[serde(default)]
    connect_to: BTreeMap<String, SocketAddr>,
}

/// The cloud of this name, or of this file; the public cloud where nothing is said.
pub(crate) fn choose(given: Option<&str>) -> Result<Chosen, Failure> {
    let Some(given) = given else { return Ok(known(Cloud::public())) };
    if let Some(cloud) = Cloud::named(given) {
        return Ok(known(cloud));
    }
    let path = Path::new(given);
    if path.extension().is_none() {
        return Err(Failure::Usage {
            message: format!("`{given}` is not a known cloud"),
            help: "expected AzurePublic, AzureUSGovernment, AzureChina or a file `NAME.toml`".to_owned(),
        });
    }
    Ok(file(path)?)
}

fn known(cloud: Cloud) -> Chosen {
    Chosen { name: CloudName::Known(cloud.name.clone()), cloud, connection: Connection::default() }
}

fn file(path: &Path) -> Result<Chosen, InputError> {
    let problem = |place: Option<(usize, usize)>, message: String, help: &str| {
        let error = InputError::fatal(path.display().to_string(), message, help);
        match place {
            Some((line, column)) => error.at(line, column),
            None => error,
        }
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| problem(None, format!("the cloud file cannot be read: {error}"), "check the path"))?;
    let parsed: CloudFile = toml::from_str(&text).map_err(|error| {
        let place = error.span().map(|span| position(&text, span.start));
        problem(place, error.message().to_owned(), "docs/live.md shows a cloud file")
    })?;
    for (key, url) in [("resource_manager", &parsed.cloud.resource_manager), ("authority", &parsed.cloud.authority)] {
        if !url.starts_with("https://") {
            let message = format!("`{key}` is `{url}`, but tokens are sent only over https");
            return Err(problem(None, message, "use a URL that starts with https://"));
        }
    }
    let ca = parsed.ca_file.map(|ca| {
        let ca = path.parent().unwrap_or(Path::new("")).join(ca);
        std::fs::read(&ca).map_err(|error| {
            let message = format!("`ca_file` `{}` cannot be read: {error}", ca.display());
            problem(None, message, "the path is relative to the cloud file")
        })
    });
    let mut connection = Connection::default();
    connection.connect_to = parsed.connect_to.into_iter().map(|(host, at)| (host.to_ascii_lowercase(), at)).collect();
    connection.ca = ca.transpose()?;
    connection.dns_server = parsed.dns_server;
    Ok(Chosen { cloud: parsed.cloud.clone().into(), name: CloudName::Custom(parsed.cloud), connection })
}

/// Line and column, counted from 1, of a byte.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
    (line, column)
}

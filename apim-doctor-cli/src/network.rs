//! Shared parts of a live run and a probe: the async runtime and the cloud's outlet.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use apim_doctor_core::live::{ConnectionError, Outlet};

use crate::cloud::Chosen;
use crate::credential;
use crate::failure::Failure;

/// Runs something that waits for the network.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Usage {
        message: format!("the network cannot be used: {error}"),
        help: "check the limits of this machine (open files, threads)".to_owned(),
    })?;
    let done = runtime.block_on(work);
    // The system's resolver may still wait for a name server that gives no answer; that must not hold the program.
    runtime.shutdown_background();
    Ok(done)
}

/// The further requests that an outlet allows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Further {
    /// The list of an app's settings.
    pub settings: bool,
    /// A token to storage accounts, with the one question that they are asked.
    pub storage_tokens: bool,
    /// Lists of the blobs of containers.
    pub blob_lists: bool,
}

/// The outlet to a cloud, and to this machine's identity endpoint. `patience` bounds each request.
pub(crate) fn outlet(chosen: &Chosen, patience: Duration, further: Further) -> Result<Arc<Outlet>, Failure> {
    let outlet = Outlet::new(chosen.cloud.clone(), &chosen.connection, patience).map_err(|error| Failure::Usage {
        message: error.to_string(),
        help: match error {
            // A container may have none.
            ConnectionError::Tls(_) => {
                "install the certificates of public authorities (package `ca-certificates`), or set SSL_CERT_FILE to a \
                 file with them"
            }
            _ => "check the cloud file",
        }
        .to_owned(),
    })?;
    let outlet = outlet.with_identity_endpoint(credential::identity_endpoint());
    let outlet = outlet.with_settings(further.settings).with_storage_tokens(further.storage_tokens);
    Ok(Arc::new(outlet.with_blob_lists(further.blob_lists)))
}

//! Reads Azure, DNS and vaults, and changes nothing.
//!
//! A live run first makes a recording, and a diagnosis reads the recording: no access path is judged here. What is
//! [`Wanted`] goes to a [`Collector`], which asks with a credential of yours, through an [`Outlet`] that lets nothing
//! but reads out. It returns a [`Snapshot`](crate::recording::Snapshot), which is read like any file.
//!
//! ```no_run
//! use std::{sync::Arc, time::Duration};
//! use apim_doctor_core::live::{Collector, Connection, Outlet, Wanted};
//! use apim_doctor_core::{Cloud, CloudName, Estate, Input, Options, ResourceId, Timestamp, diagnose};
//! # use azure_core::credentials::TokenCredential;
//! # type Any = Box<dyn std::error::Error>;
//! # async fn run(credential: Arc<dyn TokenCredential>, instance: ResourceId) -> Result<(), Any> {
//!
//! let cloud = Cloud::public();
//! let outlet = Arc::new(Outlet::new(cloud.clone(), &Connection::default(), Duration::from_secs(30))?);
//! let collector = Collector::new(CloudName::Known(cloud.name.clone()), cloud, outlet, credential);
//! let wanted = Wanted::default().with_resources([instance]);
//! let never = std::future::pending();
//! let collected = collector.collect(wanted, Timestamp::now(), never, |_| ()).await?;
//!
//! let bytes = serde_json::to_vec(&collected.snapshot)?;
//! let (estate, _) = Estate::read(vec![Input::new("Azure", bytes)]);
//! let report = diagnose(&estate, &Options::default());
//! # let _ = report; Ok(())
//! # }
//! ```
//!
//! [`probe`] looks at the way from this machine to a vault or a storage account, and says what is in it;
//! [`dns`] holds what single name servers answered.

mod ask;
mod blobs;
mod collect;
mod connection;
pub mod dns;
mod error_text;
mod fleet;
mod limits;
mod outlet;
mod pace;
mod plan;
pub mod probe;
mod response;
mod service_tags;
mod shared;
mod token;
mod vault;

pub use ask::{Ask, RequestKind};
pub use collect::{Collected, Collector, Cut, NoToken, Progress};
pub use connection::{Connection, ConnectionError};
pub use error_text::error_text;
pub use fleet::{DiscoverError, Discovered, Within, batches};
pub use limits::Limits;
pub use outlet::{Outlet, Refused};
pub use plan::Wanted;

//! Lists the blobs of a container that holds backups: their names and times, never their content.
//!
//! Source: <https://learn.microsoft.com/rest/api/storageservices/list-blobs> (read 2026-11-29).

use azure_core::http::{HttpClient, Method, Request, Url};
use serde_json::Value;

use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::live::response::Response;
use crate::live::token::Tokens;
use crate::live::{Outlet, error_text};
use crate::source::format::Exchange;
use crate::source::keep;

/// The version that the list names.
const API_VERSION: &str = "2023-11-03";

/// What a token for a storage account is asked for, in every cloud.
/// Source: <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory> (read
/// 2026-11-22).
const AUDIENCE: &str = "https://storage.azure.com/";

/// One list of blobs.
#[derive(Clone, Debug)]
pub(super) struct BlobList {
    url: String,
}

impl BlobList {
    /// The list of a container.
    pub(super) fn of(cloud: &Cloud, account: &str, container: &str) -> Self {
        let host = cloud.host_of(Subservice::Blob, account);
        Self { url: format!("https://{host}/{container}?restype=container&comp=list") }
    }

    /// The request as a recording writes it.
    fn request(&self) -> String {
        format!("GET {}", self.url)
    }

    /// The first page: a list that goes on says so, and what is not on the page is then not known.
    pub(super) async fn ask(&self, outlet: &Outlet, tokens: &Tokens, cloud: &Cloud) -> Exchange {
        match self.answer(outlet, tokens).await {
            Ok((status, xml)) if xml.contains('<') => {
                let body = Some(Value::String(xml));
                keep::recorded(Exchange { request: self.request(), status, send: None, body }, cloud)
            }
            Ok(_) => self.unanswered("the answer is not from a storage account: it is not XML (a proxy?)"),
            Err(why) => self.unanswered(&why),
        }
    }

    async fn answer(&self, outlet: &Outlet, tokens: &Tokens) -> Result<(u16, String), String> {
        let url = Url::parse(&self.url).map_err(|_| "the address is not a URL".to_owned())?;
        let token = tokens.get(AUDIENCE).await?;
        let mut request = Request::new(url, Method::Get);
        request.insert_header("x-ms-version", API_VERSION);
        request.insert_header("authorization", format!("Bearer {}", token.secret()));
        let answer = outlet.execute_request(&request).await.map_err(|error| error_text(&error))?;
        let (status, _, body) = answer.deconstruct();
        let body = body.collect().await.map_err(|error| error_text(&error))?;
        // The service starts its XML with a byte order mark.
        let text = String::from_utf8_lossy(&body).trim_start_matches('\u{feff}').to_owned();
        Ok((u16::from(status), text))
    }

    /// Records that an answer is missing, and why.
    pub(super) fn unanswered(&self, why: &str) -> Exchange {
        let Response { status, body } = Response::none(why);
        Exchange { request: self.request(), status, send: None, body: Some(body) }
    }
}

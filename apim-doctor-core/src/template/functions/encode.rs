//! Encodings: Base64, data URIs and URIs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::template::functions::call::{Call, Fault, Outcome};
use crate::template::json;
use crate::template::text::{self, Builder};
use crate::template::value::{Kind, Value};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes in Base64.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| (bits << 8) | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4u32 {
            let number = (bits >> (18 - 6 * at)) & 63;
            let letter = LETTERS.get(number as usize).copied().unwrap_or(b'=');
            text.push(if (at as usize) <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// The bytes that a Base64 text stands for.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for letter in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let letter = match letter {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let number = LETTERS.iter().position(|known| *known == letter)?;
        bits = ((bits << 6) | u32::try_from(number).ok()?) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 255).ok()?);
        }
    }
    Some(bytes)
}

fn decoded(text: &str) -> Result<String, Fault> {
    let bytes = decode(text).ok_or_else(|| Fault::Wrong("the text is not Base64".to_owned()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn base64(call: &Call<'_>) -> Outcome {
    Ok(Value::string(encode(call.text(0)?.as_bytes()), call.span))
}

pub(super) fn base64_to_string(call: &Call<'_>) -> Outcome {
    Ok(Value::string(decoded(call.text(0)?)?, call.span))
}

pub(super) fn base64_to_json(call: &Call<'_>) -> Outcome {
    let text = decoded(call.text(0)?)?;
    json::read(&text, call.span).ok_or_else(|| Fault::Wrong("the text is not JSON in Base64".to_owned()))
}

pub(super) fn data_uri(call: &Call<'_>) -> Outcome {
    let text = format!("data:text/plain;charset=utf8;base64,{}", encode(call.text(0)?.as_bytes()));
    Ok(Value::string(text, call.span))
}

pub(super) fn data_uri_to_string(call: &Call<'_>) -> Outcome {
    let wrong = || Fault::Wrong("the text is not a data URI".to_owned());
    let (head, body) = call.text(0)?.strip_prefix("data:").and_then(|rest| rest.split_once(',')).ok_or_else(wrong)?;
    let text = match head.ends_with(";base64") {
        true => decoded(body)?,
        false => percent_decode_str(body).decode_utf8_lossy().into_owned(),
    };
    Ok(Value::string(text, call.span))
}

/// What `uriComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) fn uri_component(call: &Call<'_>) -> Outcome {
    Ok(Value::string(utf8_percent_encode(call.text(0)?, COMPONENT).to_string(), call.span))
}

pub(super) fn uri_component_to_string(call: &Call<'_>) -> Outcome {
    Ok(Value::string(percent_decode_str(call.text(0)?).decode_utf8_lossy().into_owned(), call.span))
}

pub(super) fn uri(call: &Call<'_>) -> Outcome {
    let (base, other) = (call.at(0)?, call.at(1)?);
    if let (Kind::String(base), Kind::String(other)) = (&base.kind, &other.kind) {
        return Ok(Value::string(combine(base, other), call.span));
    }
    // With a symbol in it, only what ends with a slash can be put together.
    match text::starts_with(base, "/", true) {
        Some(true) => {
            let mut builder = Builder::default();
            builder.value(base)?;
            builder.value(other)?;
            Ok(builder.finish(call.span))
        }
        _ => Err(Fault::Symbolic),
    }
}

/// A reference as seen from a base address.
pub(crate) fn combine(base: &str, other: &str) -> String {
    if other.contains("://") {
        return other.to_owned();
    }
    let Some((scheme, rest)) = base.split_once("://") else { return format!("{base}{other}") };
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let folder = match other.strip_prefix('/') {
        Some(_) => "",
        None => path.rsplit_once('/').map_or("", |(folder, _)| folder),
    };
    let (other, query) = match other.find(['?', '#']) {
        Some(at) => other.split_at(at),
        None => (other, ""),
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').skip(1).chain(other.trim_start_matches('/').split('/')) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    format!("{scheme}://{host}/{}{query}", segments.join("/"))
}

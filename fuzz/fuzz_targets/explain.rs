//! Explaining arbitrary bytes never panics and always gives the same result.
#![no_main]

use apim_doctor_core::explain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (first, again) = (explain(&text), explain(&text));
    assert_eq!(first.first.message, again.first.message);
    assert_eq!(first.recognized, first.first.message.is_some());
});

//! Names that are made from texts: `guid` and `uniqueString`, the same as the engine makes.

use sha1::{Digest, Sha1};

use crate::template::functions::call::{Call, Fault, Outcome};
use crate::template::text::Builder;
use crate::template::value::{Kind, Value};

/// The arguments as one text.
fn joined(call: &Call<'_>) -> Result<String, Fault> {
    let mut builder = Builder::default();
    for (number, value) in call.arguments.iter().enumerate() {
        if number > 0 {
            builder.text("-");
        }
        builder.value(value)?;
    }
    match builder.finish(call.span).kind {
        Kind::String(text) => Ok(text.as_ref().to_owned()),
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown)),
        _ => Err(Fault::Symbolic),
    }
}

/// A version 5 UUID in the engine's namespace.
pub(super) fn guid(call: &Call<'_>) -> Outcome {
    const NAMESPACE: u128 = 0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830;
    let text = joined(call)?;
    let mut hasher = Sha1::new();
    hasher.update(NAMESPACE.to_be_bytes());
    hasher.update(text.as_bytes());
    let digest = hasher.finalize();
    let bits = digest.iter().take(16).fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let version = (bits & !(0xf << 76)) | (5 << 76);
    let variant = (version & !(0x3 << 62)) | (0x2 << 62);
    let hex = format!("{variant:032x}");
    let mut guid = String::with_capacity(36);
    for (at, letter) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            guid.push('-');
        }
        guid.push(letter);
    }
    Ok(Value::string(guid, call.span))
}

pub(super) fn unique_string(call: &Call<'_>) -> Outcome {
    const LETTERS: [char; 32] = [
        'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v',
        'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
    ];
    let mut hash = hash64(joined(call)?.as_bytes());
    let mut text = String::with_capacity(13);
    for _ in 0..13 {
        let number = usize::try_from(hash >> 59).unwrap_or(0);
        text.extend(LETTERS.get(number));
        hash <<= 5;
    }
    Ok(Value::string(text, call.span))
}

/// A hash of 64 bits in two lanes of 32.
fn hash64(bytes: &[u8]) -> u64 {
    const FIRST: u32 = 0x239b_961b;
    const SECOND: u32 = 0xab0e_9789;
    let (mut one, mut two) = (0u32, 0u32);
    let mix_one = |word: u32| word.wrapping_mul(FIRST).rotate_left(15).wrapping_mul(SECOND);
    let mix_two = |word: u32| word.wrapping_mul(SECOND).rotate_left(17).wrapping_mul(FIRST);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let (low, high) = words(chunk);
        one ^= mix_one(low);
        one = one.rotate_left(19).wrapping_add(two).wrapping_mul(5).wrapping_add(0x561c_cd1b);
        two ^= mix_two(high);
        two = two.rotate_left(13).wrapping_add(one).wrapping_mul(5).wrapping_add(0x0bca_a747);
    }
    let rest = chunks.remainder();
    let (low, high) = words(rest);
    if rest.len() > 4 {
        two ^= mix_two(high);
    }
    if !rest.is_empty() {
        one ^= mix_one(low);
    }
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    one ^= length;
    two ^= length;
    one = one.wrapping_add(two);
    two = two.wrapping_add(one);
    one = finish(one);
    two = finish(two);
    one = one.wrapping_add(two);
    two = two.wrapping_add(one);
    (u64::from(two) << 32) | u64::from(one)
}

/// Up to eight bytes as two words, the first byte the lowest.
fn words(bytes: &[u8]) -> (u32, u32) {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0u32, |word, byte| (word << 8) | u32::from(*byte));
    let (low, high) = bytes.split_at(bytes.len().min(4));
    (word(low), word(high))
}

fn finish(mut word: u32) -> u32 {
    word ^= word >> 16;
    word = word.wrapping_mul(0x85eb_ca6b);
    word ^= word >> 13;
    word = word.wrapping_mul(0xc2b2_ae35);
    word ^ (word >> 16)
}

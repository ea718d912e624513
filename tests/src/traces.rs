//! Looking for a secret in bytes, in every way in which bytes commonly hold a text.

use std::collections::{BTreeMap, BTreeSet};

/// Texts that must be found nowhere, each in several encodings, ready to be looked for all at once.
pub struct Traces {
    /// Pattern, and what it stands for; by its first bytes.
    patterns: BTreeMap<[u8; BEGINNING], Vec<(Vec<u8>, String)>>,
    /// Which pairs of bytes begin a pattern at all: most of a file is passed over by this.
    begins: Vec<bool>,
}

/// Shorter than any pattern: three characters of Chinese in UTF-16 are six bytes.
const BEGINNING: usize = 6;

impl Traces {
    pub fn of<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Traces {
        let mut traces = Traces { patterns: BTreeMap::new(), begins: vec![false; 1 << 16] };
        for secret in secrets {
            let secret = secret.as_ref();
            for (pattern, encoding) in encodings(secret) {
                let Some(first) = pattern.first_chunk::<BEGINNING>() else { continue };
                traces.begins[usize::from(first[0]) << 8 | usize::from(first[1])] = true;
                traces
                    .patterns
                    .entry(*first)
                    .or_default()
                    .push((pattern, format!("`{secret}` as {encoding}")));
            }
        }
        traces
    }

    /// Everything that is found, told once each.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(BEGINNING - 1) {
            if !self.begins[usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])] {
                continue;
            }
            let rest = &bytes[at..];
            let first = rest.first_chunk::<BEGINNING>().expect("enough bytes");
            for (pattern, told) in self.patterns.get(first).into_iter().flatten() {
                if rest.starts_with(pattern) {
                    found.insert(told.as_str());
                }
            }
        }
        found
    }
}

fn encodings(secret: &str) -> Vec<(Vec<u8>, &'static str)> {
    let bytes = secret.as_bytes();
    let utf16 = |order: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let hex = |upper: bool| {
        let digits =
            bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        digits.collect::<String>().into_bytes()
    };
    let url = |space: &str| {
        let escaped = bytes.iter().map(|&byte| match byte {
            b' ' => space.to_owned(),
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        escaped.collect::<String>().into_bytes()
    };
    let json: String = secret
        .encode_utf16()
        .map(|unit| if unit < 128 { char::from(unit as u8).to_string() } else { format!("\\u{unit:04x}") })
        .collect();
    let mut ways = vec![
        (bytes.to_vec(), "UTF-8"),
        (utf16(u16::to_le_bytes), "UTF-16"),
        (utf16(u16::to_be_bytes), "UTF-16 big-endian"),
        (hex(false), "hex"),
        (hex(true), "hex in capitals"),
        (url("%20"), "a URL"),
        (url("+"), "a form"),
        (json.into_bytes(), "JSON with escapes"),
    ];
    for letters in [STANDARD, URL_SAFE] {
        for shift in 0..3 {
            ways.push((base64_within(bytes, shift, letters), "base64"));
        }
    }
    ways
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The letters that the bytes alone decide, when they stand `shift` bytes into what was encoded.
fn base64_within(bytes: &[u8], shift: usize, letters: &[u8; 64]) -> Vec<u8> {
    let bit = |at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    let first = (6 - shift * 8 % 6) % 6;
    let whole = (bytes.len() * 8 - first) / 6;
    (0..whole)
        .map(|letter| {
            let value = (0..6).fold(0, |value, part| value << 1 | bit(first + letter * 6 + part));
            letters[usize::from(value)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_written() {
        let traces = Traces::of(["Hypatia Quillfeather", "奚望舒"]);
        for text in [
            &b"..Hypatia Quillfeather.."[..],
            b"H\0y\0p\0a\0t\0i\0a\0 \0Q\0u\0i\0l\0l\0f\0e\0a\0t\0h\0e\0r\0",
            b"4879706174696120 48797061746961205175696c6c66656174686572",
            b"?name=Hypatia%20Quillfeather",
            b"name=Hypatia+Quillfeather",
            b"\"\\u595a\\u671b\\u8212\"",
            // "xHypatia Quillfeatherx" and "xyHypatia Quillfeather" in base64, beside other text.
            b"eEh5cGF0aWEgUXVpbGxmZWF0aGVyeA==",
            b"eHlIeXBhdGlhIFF1aWxsZmVhdGhlcg==",
            b"SHlwYXRpYSBRdWlsbGZlYXRoZXI=",
        ] {
            assert!(!traces.found_in(text).is_empty(), "{}", String::from_utf8_lossy(text));
        }
        assert!(traces.found_in(b"Hypatia of Alexandria").is_empty());
    }
}

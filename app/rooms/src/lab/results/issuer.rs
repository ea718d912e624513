//! Who signs: a key a year, derived from the folder's keys like the others, and told to everybody as a key set (RFC 7517).

use base::Moment;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Es256, Vault};

/// Keys of this house, made when they are first asked for.
#[derive(Default)]
pub struct Issuer {
    keys: Mutex<BTreeMap<i16, Arc<Key>>>,
}

pub(super) struct Key {
    signs: Es256,
    /// RFC 7638: what the key is known by.
    pub kid: String,
    x: String,
    y: String,
}

impl Issuer {
    pub(super) fn key_of(&self, vault: &Vault, at: Moment) -> Arc<Key> {
        self.of_year(vault, year(at))
    }

    fn of_year(&self, vault: &Vault, year: i16) -> Arc<Key> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.entry(year)
            .or_insert_with(|| Arc::new(Key::of(vault.es256(&format!("result code {year}")))))
            .clone()
    }

    /// Last year's, because its codes still hold in January; next year's, for a checkpoint that was offline at midnight.
    /// `issuer` is no part of the standard's key set: it tells a checkpoint whose codes these keys sign.
    pub(super) fn key_set(&self, vault: &Vault, issuer: Option<String>, now: Moment) -> Json {
        let this = year(now);
        let keys: Vec<Json> = [this - 1, this, this + 1].map(|year| self.of_year(vault, year).told()).into();
        json!({ "issuer": issuer, "keys": keys })
    }
}

/// In UTC: which key signs must not hang on where the house stands.
fn year(at: Moment) -> i16 {
    at.day_at_offset(0).year()
}

impl Key {
    fn of(signs: Es256) -> Key {
        let [x, y] = signs.public_point().map(|half| BASE64URL.encode(half));
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
        Key { kid: BASE64URL.encode(thumbprint), signs, x, y }
    }

    fn told(&self) -> Json {
        json!({ "kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": self.kid, "x": self.x, "y": self.y })
    }

    /// `payload` is packed already: a compact JWS (RFC 7515).
    pub fn signed(&self, payload: &[u8]) -> String {
        let head = format!(r#"{{"zip":"DEF","alg":"ES256","kid":"{}"}}"#, self.kid);
        let said = format!("{}.{}", BASE64URL.encode(head), BASE64URL.encode(payload));
        let signature = BASE64URL.encode(self.signs.sign(said.as_bytes()));
        format!("{said}.{signature}")
    }
}

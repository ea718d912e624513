//! Names and identifiers as ciphertext: one key per subject, wrapped by a master key that lives outside the database.
//! Destroying a subject's key makes every copy of its ciphertext, in tables, journal and backups, unreadable.

use crate::{Error, Query, Result, Tx, Value, params};
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use std::{fs, io::Write, path::Path};

/// The suite stands in every envelope, so that another (SM4-GCM) can be added without guessing.
const SUITE: &str = "sealed:a1";

pub struct Vault {
    master: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// 128 bits from the operating system, for handles and tokens.
pub fn random_bits() -> u128 {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    u128::from_le_bytes(bytes)
}

impl Vault {
    /// Reads the master key file, or makes it (mode 0600) when the place is new.
    pub fn at(file: &Path, may_create: bool) -> Result<Vault> {
        match fs::read_to_string(file) {
            Ok(text) => {
                let bytes = BASE64.decode(text.trim()).map_err(|_| Error::Setup(damaged(file)))?;
                let master = bytes.try_into().map_err(|_| Error::Setup(damaged(file)))?;
                Ok(Vault { master })
            }
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound && may_create => Vault::create(file),
            Err(fault) => Err(Error::Setup(format!(
                "the master key {} cannot be read ({fault}); without it names stay sealed: put the file back",
                file.display()
            ))),
        }
    }

    fn create(file: &Path) -> Result<Vault> {
        let refuse =
            |fault: std::io::Error| Error::Setup(format!("cannot write {}: {fault}", file.display()));
        let master: [u8; 32] = {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|_| Error::Setup("no random bytes".to_owned()))?;
            bytes
        };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(refuse)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(file).map_err(refuse)?;
        out.write_all(BASE64.encode(master).as_bytes()).and_then(|()| out.sync_all()).map_err(refuse)?;
        Ok(Vault { master })
    }

    /// A key for blind indexes and marks of one kind: equal values give equal marks, and nobody without the key can try values.
    pub fn mark(&self, domain: &str, value: &str) -> String {
        let mut key = mac(&self.master, &["blind", domain]);
        let mark = mac(&key, &[value]);
        key.fill(0);
        BASE64.encode(&mark[..18])
    }

    /// Seals bytes that belong to no subject (an uploaded file waiting to be applied).
    pub fn seal_bytes(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        seal(&self.master, context, plain)
    }

    pub fn open_bytes(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        open(&self.master, context, sealed)
    }

    /// A new key for `owner`, and the same key wrapped for the key table.
    pub fn new_key(&self, owner: &str) -> (SubjectKey, Vec<u8>) {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the operating system gives random bytes");
        let wrapped = seal(&self.master, &format!("key|{owner}"), &key);
        (SubjectKey(key), wrapped)
    }

    pub fn unwrap(&self, owner: &str, wrapped: &[u8]) -> Result<SubjectKey> {
        let key = open(&self.master, &format!("key|{owner}"), wrapped)?;
        Ok(SubjectKey(key.try_into().map_err(|_| Error::Seal("the key has the wrong length"))?))
    }

    /// The key of `owner`, from the key table. `None`: destroyed, or there never was one.
    pub fn key_of(query: &mut dyn Query, owner: &str) -> Result<Option<SubjectKey>> {
        let Some(row) = query.first("SELECT wrapped FROM people_key WHERE owner = $1", params![owner])?
        else {
            return Ok(None);
        };
        query.vault().unwrap(owner, &row.bytes(0)?).map(Some)
    }

    /// The key of `owner`, made and kept when there is none yet.
    pub fn key_for(tx: &mut Tx<'_>, owner: &str) -> Result<SubjectKey> {
        if let Some(key) = Vault::key_of(tx, owner)? {
            return Ok(key);
        }
        let (key, wrapped) = tx.vault().new_key(owner);
        tx.run(
            "INSERT INTO people_key (owner, wrapped) VALUES ($1, $2)",
            &[Value::from(owner), Value::Bytes(wrapped)],
        )?;
        Ok(key)
    }
}

fn damaged(file: &Path) -> String {
    format!("{} is not a master key; put the right file back", file.display())
}

pub struct SubjectKey([u8; 32]);

impl SubjectKey {
    /// `context` (`cases_case.said|subject_…`) binds the ciphertext to its place: moved elsewhere it does not open.
    pub fn seal<T: Serialize>(&self, context: &str, value: &T) -> Result<String> {
        let plain = serde_json::to_vec(value).map_err(|_| Error::Seal("the value has no text form"))?;
        Ok(format!("{SUITE}:{}", BASE64.encode(seal(&self.0, context, &plain))))
    }

    pub fn open<T: DeserializeOwned>(&self, context: &str, sealed: &str) -> Result<T> {
        let text = sealed.strip_prefix(SUITE).and_then(|rest| rest.strip_prefix(':'));
        let bytes = text.and_then(|text| BASE64.decode(text).ok()).ok_or(Error::Seal("unknown suite"))?;
        let plain = open(&self.0, context, &bytes)?;
        serde_json::from_slice(&plain).map_err(|_| Error::Seal("the content has another shape"))
    }
}

impl Drop for SubjectKey {
    fn drop(&mut self) {
        self.0.fill(0);
    }
}

/// # Source
/// AES-256-GCM-SIV, RFC 8452: a repeated nonce reveals only that two plaintexts are equal.
fn seal(key: &[u8; 32], context: &str, plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0_u8; 12];
    getrandom::fill(&mut nonce).expect("the operating system gives random bytes");
    let cipher = Aes256GcmSiv::new(&(*key).into());
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
        .expect("a message shorter than 64 GiB");
    [nonce.as_slice(), &sealed].concat()
}

fn open(key: &[u8; 32], context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(12).ok_or(Error::Seal("it is too short"))?;
    let nonce: [u8; 12] = nonce.try_into().expect("twelve bytes");
    Aes256GcmSiv::new(&(*key).into())
        .decrypt(&Nonce::from(nonce), Payload { msg: body, aad: context.as_bytes() })
        .map_err(|_| Error::Seal("wrong key, or changed since it was sealed"))
}

fn mac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(key).expect("any key length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// A value that arrives open and is written shut. Writing it while open is a bug, and refused.
#[derive(Clone, PartialEq)]
pub enum Sealed<T> {
    Open(T),
    Shut(String),
}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl<T: Serialize> Sealed<T> {
    pub fn shut(&mut self, key: &SubjectKey, context: &str) -> Result<()> {
        if let Sealed::Open(value) = self {
            *self = Sealed::Shut(key.seal(context, value)?);
        }
        Ok(())
    }

    pub fn cipher(&self) -> Result<&str> {
        match self {
            Sealed::Shut(text) => Ok(text),
            Sealed::Open(_) => Err(Error::Seal("it is still open")),
        }
    }
}

impl<T> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Sealed::Shut(text) => serializer.serialize_str(text),
            Sealed::Open(_) => Err(serde::ser::Error::custom("an open identity must not be written")),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Sealed<T>, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) if text.starts_with(SUITE) => Ok(Sealed::Shut(text)),
            open => T::deserialize(open).map(Sealed::Open).map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault { master: [7; 32] }
    }

    #[test]
    fn a_name_sealed_for_one_place_does_not_open_in_another() {
        let (key, wrapped) = vault().new_key("subject_1");
        let sealed = key.seal("identity|subject_1", &"invented name").unwrap();
        assert!(!sealed.contains("invented"));
        let again = vault().unwrap("subject_1", &wrapped).unwrap();
        assert_eq!(again.open::<String>("identity|subject_1", &sealed).unwrap(), "invented name");
        assert!(again.open::<String>("identity|subject_2", &sealed).is_err());
        assert!(vault().unwrap("subject_2", &wrapped).is_err(), "a key belongs to its owner");
    }

    #[test]
    fn an_open_identity_is_never_written() {
        let open = Sealed::Open("invented name".to_owned());
        assert!(serde_json::to_string(&open).is_err());
        assert!(!format!("{open:?}").contains("invented"));
    }

    #[test]
    fn equal_values_have_equal_marks_within_one_domain_only() {
        assert_eq!(vault().mark("id_number", "x"), vault().mark("id_number", "x"));
        assert_ne!(vault().mark("id_number", "x"), vault().mark("phone", "x"));
    }
}

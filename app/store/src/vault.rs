//! Names and identifiers as ciphertext: one key per subject, wrapped by a key of the ring that lives outside the database.
//! Destroying a subject's key makes every copy of its ciphertext, in tables and journal, unreadable; copies of the key in
//! backups end with the key that wrapped them (see `rotation`).

use crate::keyring::{self, KeyId, Ring, Secret, Stamp};
use crate::{Error, Es256, Query, Result, Signer, Tx, Value, params};
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base::Moment;
use base64::Engine as _;
pub(crate) use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use zeroize::Zeroizing;

/// The suite stands in every envelope, so that another (SM4-GCM) can be added without guessing.
const SUITE: &str = "sealed:a1";

/// Opens what older keys of the ring wrapped, wraps with the current one, and follows the file when another process turns
/// the key.
pub struct Vault {
    file: PathBuf,
    held: RwLock<(Arc<Ring>, Option<Stamp>)>,
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
        if may_create && !file.exists() {
            keyring::change_file(file, |known| Ok((known.unwrap_or_else(|| Ring::new(now())), ())))?;
        }
        let stamp = Stamp::of(file);
        let ring = keyring::read_file(file)?;
        Ok(Vault { file: file.to_owned(), held: RwLock::new((Arc::new(ring), stamp)) })
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    fn held(&self) -> Arc<Ring> {
        self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).0.clone()
    }

    /// The ring as the file has it now: asked before anything is wrapped, so that a key turned elsewhere is used here at once.
    pub(crate) fn ring(&self) -> Arc<Ring> {
        let stamp = Stamp::of(&self.file);
        {
            let held = self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            if stamp.is_none() || held.1 == stamp {
                return held.0.clone();
            }
        }
        // Somebody is at it just now: what is held goes on opening and wrapping.
        if let Ok(ring) = keyring::read_file(&self.file) {
            *self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner) = (Arc::new(ring), stamp);
        }
        self.held()
    }

    /// A key for blind indexes and marks of one kind: equal values give equal marks, and nobody without the key can try values.
    pub fn mark(&self, domain: &str, value: &str) -> String {
        let key = self.held().mark_key(domain);
        BASE64.encode(&mac(&key.0, &[value])[..18])
    }

    /// The key this installation signs with, for one use. It hangs on the ring's root: turning the wrapping key keeps it.
    pub fn signer(&self, usage: &str) -> Signer {
        Signer::of(self.held().derived(&["signing", usage]).0)
    }

    /// The same key for what is signed as bytes: checkpoints of the journal.
    pub fn signing_key(&self, usage: &str) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.held().derived(&["signing", usage]).0)
    }

    /// The same for what others verify by ES256.
    pub fn es256(&self, usage: &str) -> Es256 {
        let ring = self.held();
        (0_u32..)
            .find_map(|number| Es256::of(&ring.derived(&["signing es256", usage, &number.to_string()]).0))
            .expect("one of four thousand million seeds is a key")
    }

    /// Wrapping keys that were there at a moment and still are.
    pub fn keys_made_before(&self, at: Moment) -> Vec<KeyId> {
        self.ring().keys.iter().filter(|key| key.made < at).map(|key| key.id).collect()
    }

    /// Seals bytes that belong to no subject (an uploaded file waiting to be applied).
    pub fn seal_bytes(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        keyring::wrap(self.ring().current(), context, plain)
    }

    pub fn open_bytes(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let Some((id, body)) = keyring::wrapped_by(sealed) else {
            return open(&self.key(KeyId::FIRST)?.0, context, sealed);
        };
        open(&self.key(id)?.0, &keyring::bound(id, context), body)
    }

    fn key(&self, id: KeyId) -> Result<Secret> {
        let found = |ring: Arc<Ring>| ring.key(id).map(|key| key.key.clone());
        found(self.held()).or_else(|| found(self.ring())).ok_or_else(|| {
            Error::Setup(format!(
                "this was wrapped by the key {id}, which {} does not hold; copy the newest key file here",
                self.file.display()
            ))
        })
    }

    /// A new key for `owner`, and the same key wrapped for the key table.
    pub fn new_key(&self, owner: &str) -> (SubjectKey, Vec<u8>) {
        let key = Secret::random();
        let wrapped = self.seal_bytes(&format!("key|{owner}"), &key.0);
        (SubjectKey(key), wrapped)
    }

    /// The same key, wrapped by the current key of the ring.
    pub(crate) fn wrap_again(&self, owner: &str, wrapped: &[u8]) -> Result<Vec<u8>> {
        let key = self.unwrap(owner, wrapped)?;
        Ok(self.seal_bytes(&format!("key|{owner}"), &key.0.0))
    }

    pub fn unwrap(&self, owner: &str, wrapped: &[u8]) -> Result<SubjectKey> {
        let key = Zeroizing::new(self.open_bytes(&format!("key|{owner}"), wrapped)?);
        let key = key.as_slice().try_into().map_err(|_| Error::Seal("the key has the wrong length"))?;
        Ok(SubjectKey(Secret(key)))
    }

    /// The key of `owner`, from the key table. `None`: destroyed, or there never was one.
    pub fn key_of(query: &mut dyn Query, owner: &str) -> Result<Option<SubjectKey>> {
        let Some(row) = query.first("SELECT wrapped FROM people_key WHERE owner = $1", params![owner])?
        else {
            return Ok(None);
        };
        query.vault().unwrap(owner, &row.bytes(0)?).map(Some)
    }

    /// Keeps a key that was made with `new_key` before the change came in: sealing many people in one thread would keep
    /// everybody else waiting.
    pub fn keep_key(tx: &mut Tx<'_>, owner: &str, wrapped: &[u8]) -> Result<()> {
        tx.put(
            "INSERT INTO people_key (owner, wrapped) VALUES ($1, $2)",
            &[Value::from(owner), Value::Bytes(wrapped.to_vec())],
        )
    }

    /// The key of `owner`, made and kept when there is none yet. Of somebody who was erased, a key that nobody keeps:
    /// whatever is still said about them stays shut.
    pub fn key_for(tx: &mut Tx<'_>, owner: &str) -> Result<SubjectKey> {
        let sql = "SELECT wrapped FROM people_key WHERE owner = $1 UNION ALL SELECT NULL FROM people_erased WHERE owner = $1";
        let erased = match tx.first(sql, params![owner])? {
            Some(row) => match row.opt_bytes(0)? {
                Some(wrapped) => return tx.vault().unwrap(owner, &wrapped),
                None => true,
            },
            None => false,
        };
        let (key, wrapped) = tx.vault().new_key(owner);
        if !erased {
            tx.run(
                "INSERT INTO people_key (owner, wrapped) VALUES ($1, $2)",
                &[Value::from(owner), Value::Bytes(wrapped)],
            )?;
        }
        Ok(key)
    }
}

/// When a key was made is told to people; nothing hangs on it.
fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

pub struct SubjectKey(Secret);

impl SubjectKey {
    /// `context` (`cases_case.said|subject_…`) binds the ciphertext to its place: moved elsewhere it does not open.
    pub fn seal<T: Serialize>(&self, context: &str, value: &T) -> Result<String> {
        let plain = serde_json::to_vec(value).map(Zeroizing::new);
        let plain = plain.map_err(|_| Error::Seal("the value has no text form"))?;
        Ok(format!("{SUITE}:{}", BASE64.encode(seal(&self.0.0, context, &plain))))
    }

    pub fn open<T: DeserializeOwned>(&self, context: &str, sealed: &str) -> Result<T> {
        let text = sealed.strip_prefix(SUITE).and_then(|rest| rest.strip_prefix(':'));
        let bytes = text.and_then(|text| BASE64.decode(text).ok()).ok_or(Error::Seal("unknown suite"))?;
        let plain = Zeroizing::new(open(&self.0.0, context, &bytes)?);
        serde_json::from_slice(&plain).map_err(|_| Error::Seal("the content has another shape"))
    }
}

impl SubjectKey {
    /// The same for bytes, such as a file.
    pub fn seal_bytes(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        seal(&self.0.0, context, plain)
    }

    pub fn open_bytes(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        open(&self.0.0, context, sealed)
    }
}

/// # Source
/// AES-256-GCM-SIV, RFC 8452: a repeated nonce reveals only that two plaintexts are equal.
pub(crate) fn seal(key: &[u8; 32], context: &str, plain: &[u8]) -> Vec<u8> {
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

pub(crate) fn mac(key: &[u8], parts: &[&str]) -> [u8; 32] {
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

/// Whoever sends one sends it open.
impl<T: schemars::JsonSchema> schemars::JsonSchema for Sealed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Sealed<T>, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) if is_shut(&text) => Ok(Sealed::Shut(text)),
            open => T::deserialize(open).map(Sealed::Open).map_err(serde::de::Error::custom),
        }
    }
}

/// A sentence that only begins like a sealed value is a sentence, and will be sealed like any other.
fn is_shut(text: &str) -> bool {
    let body = text.strip_prefix(SUITE).and_then(|rest| rest.strip_prefix(':'));
    body.and_then(|body| BASE64.decode(body).ok()).is_some_and(|bytes| bytes.len() >= 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let ring = Arc::new(Ring::of_first(Secret([7; 32])));
        Vault { file: PathBuf::from("nowhere"), held: RwLock::new((ring, None)) }
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

    /// 10^5 ciphertexts put in another's place: of another subject, another table, another owner's key, another suite.
    #[test]
    fn a_ciphertext_moved_elsewhere_never_opens() {
        let vault = vault();
        let made: Vec<_> = (0..64_u32)
            .map(|number| {
                let owner = format!("subject_{}", number / 2);
                let (key, wrapped) = vault.new_key(&owner);
                let table = if number % 2 == 0 { "people_subject.identity" } else { "cases.said" };
                let context = format!("{table}|{owner}");
                let sealed = key.seal(&context, &format!("name {number}")).unwrap();
                (owner, key, wrapped, context, sealed)
            })
            .collect();
        let (mut seed, mut swaps) = (20_261_126_u64, 0);
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        while swaps < 100_000 {
            let (a, b) = (next(made.len()), next(made.len()));
            if a == b {
                continue;
            }
            let ((_, key, wrapped, context, _), (owner, _, _, there, sealed)) = (&made[a], &made[b]);
            // Its text in another's row, under either's key; the wrapped key in another's row.
            let moved = match swaps % 3 {
                0 => key.open::<String>(context, sealed).is_ok(),
                1 => key.open::<String>(there, sealed).is_ok(),
                _ if made[a].0 == *owner => false,
                _ => vault.unwrap(owner, wrapped).is_ok(),
            };
            assert!(!moved, "{a} opened in the place of {b}");
            swaps += 1;
        }
        for (owner, key, wrapped, context, sealed) in &made {
            assert!(key.open::<String>(context, sealed).is_ok() && vault.unwrap(owner, wrapped).is_ok());
        }
    }

    #[test]
    fn a_sentence_that_begins_like_a_sealed_value_is_sealed_like_any_other() {
        let said: Sealed<String> = serde_json::from_str("\"sealed:a1:told by a neighbour\"").unwrap();
        assert!(matches!(said, Sealed::Open(_)));
    }
}

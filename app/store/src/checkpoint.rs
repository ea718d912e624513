//! How far the journal had come and what it said, signed, so that it can be kept outside the database: in a file, by
//! another Quell, on paper. Whoever holds one finds a tail cut off, a rewritten journal or an old copy put back.
//!
//! # Source
//! The signed text is a checkpoint in the sense of C2SP tlog-checkpoint, the counter-signature of C2SP tlog-cosignature.

use crate::tree::Node;
use crate::{Error, Result, Vault};
use base::Moment;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Which journal: `quell/` and the first half of the hash of the public key.
    pub origin: String,
    /// Its rows.
    pub seq: i64,
    /// The root of the tree over them.
    pub root: String,
    /// The hash of the last of them.
    pub head: String,
    pub at: Moment,
    pub signature: String,
    /// Who else has seen it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnessed: Vec<Witnessed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    pub key: String,
    pub at: Moment,
    pub signature: String,
}

/// The public half, as it is printed and told to witnesses.
pub fn public_key(key: &SigningKey) -> String {
    BASE64.encode(key.verifying_key().to_bytes())
}

pub fn origin_of(public_key: &str) -> Option<String> {
    let bytes = BASE64.decode(public_key).ok().filter(|bytes| bytes.len() == 32)?;
    let hash = Sha256::digest(bytes);
    Some(format!("quell/{}", hash[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn signed_by(public_key: &str, text: &str, signature: &str) -> bool {
    let bytes = |text: &str| BASE64.decode(text).ok();
    let key = bytes(public_key).and_then(|key| VerifyingKey::from_bytes(&key.try_into().ok()?).ok());
    let signature = bytes(signature).and_then(|signature| Signature::from_slice(&signature).ok());
    key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(text.as_bytes(), &signature).is_ok())
}

impl Checkpoint {
    pub fn signed(key: &SigningKey, seq: i64, root: &Node, head: &str, at: Moment) -> Checkpoint {
        let origin = origin_of(&public_key(key)).expect("a key of our own");
        let (root, head) = (BASE64.encode(root), head.to_owned());
        let mut checkpoint =
            Checkpoint { origin, seq, root, head, at, signature: String::new(), witnessed: Vec::new() };
        checkpoint.signature = BASE64.encode(key.sign(checkpoint.note().as_bytes()).to_bytes());
        checkpoint
    }

    /// What is signed.
    pub fn note(&self) -> String {
        format!("{}\n{}\n{}\nhead {}\nat {}\n", self.origin, self.seq, self.root, self.head, self.at.0)
    }

    pub fn is_by(&self, public_key: &str) -> bool {
        origin_of(public_key).as_ref() == Some(&self.origin)
            && signed_by(public_key, &self.note(), &self.signature)
    }

    pub fn root(&self) -> Option<Node> {
        BASE64.decode(&self.root).ok()?.try_into().ok()
    }

    fn note_seen(&self, at: Moment) -> String {
        format!("cosignature/v1\ntime {}\n{}", at.0.div_euclid(1000), self.note())
    }

    /// Counter-signs: this was shown to me, and follows from what I was shown before.
    pub fn witness(&self, key: &SigningKey, at: Moment) -> Witnessed {
        let signature = BASE64.encode(key.sign(self.note_seen(at).as_bytes()).to_bytes());
        Witnessed { key: public_key(key), at, signature }
    }

    pub fn was_seen_by(&self, witness: &Witnessed) -> bool {
        signed_by(&witness.key, &self.note_seen(witness.at), &witness.signature)
    }

    /// For paper: the number of rows, 80 bits of the root, and two signs that find a slip of the pen.
    pub fn code(&self) -> String {
        let root = self.root().unwrap_or_default();
        let root = in_letters(&root[..KEPT]);
        let groups: Vec<&str> = (0..4).map(|at| &root[at * 4..at * 4 + 4]).collect();
        format!("Q-{}-{}-{}", self.seq, groups.join("-"), check_of(self.seq, &root))
    }

    pub fn known(&self) -> Known {
        let root = self.root().map(Vec::from).unwrap_or_default();
        Known { seq: self.seq, root, from: format!("the checkpoint of {}", self.at) }
    }
}

/// Finding another journal of the same length with the same 80 bits takes 2^80 tries.
const KEPT: usize = 10;

/// Crockford's letters: none that reads like another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn in_letters(bytes: &[u8]) -> String {
    let bit = |at: usize| (bytes[at / 8] >> (7 - at % 8)) & 1;
    let letter = |from: usize| (from..from + 5).fold(0_usize, |value, at| value * 2 + usize::from(bit(at)));
    (0..bytes.len() * 8 / 5).map(|at| char::from(LETTERS[letter(at * 5)])).collect()
}

fn of_letters(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits.extend((0..5).rev().map(|at| (value >> at) & 1 == 1));
    }
    Some(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum * 2 + u8::from(*bit))).collect())
}

fn check_of(seq: i64, root: &str) -> String {
    in_letters(&Sha256::digest(format!("{seq} {root}"))[..5])[..2].to_owned()
}

/// What somebody outside knows of a journal: its length once, and the root then, or the beginning of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub seq: i64,
    pub root: Vec<u8>,
    pub from: String,
}

impl Known {
    /// A printed code, however it was typed.
    pub fn of_code(code: &str) -> Result<Known> {
        let wrong = |why: &str| {
            Error::Setup(format!(
                "`{code}` is no checkpoint code ({why}); copy it again, `Q-` to the last two signs"
            ))
        };
        let text: String = code.trim().to_uppercase().replace(['–', '—', ' '], "-");
        let text = text.replace('O', "0").replace(['I', 'L'], "1");
        let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
        let [start, seq, root @ .., check] = parts.as_slice() else { return Err(wrong("it is too short")) };
        let seq: i64 = seq.parse().map_err(|_| wrong("the number of rows does not read"))?;
        let root = root.concat();
        if *start != "Q" || root.len() != 16 || check_of(seq, &root) != *check {
            return Err(wrong("its check signs do not fit"));
        }
        let root = of_letters(&root).ok_or_else(|| wrong("a sign is none of its letters"))?;
        Ok(Known { seq, root, from: format!("the printed code {}", code.trim()) })
    }
}

/// Writes a checkpoint at the end of a file, and returns when it is on the disk.
pub fn append(file: &Path, checkpoint: &Checkpoint) -> Result<()> {
    let refuse = |fault: std::io::Error| {
        Error::Setup(format!("the checkpoint cannot be written to {}: {fault}", file.display()))
    };
    let is_new = !file.exists();
    let mut out = OpenOptions::new().create(true).append(true).open(file).map_err(refuse)?;
    let line = serde_json::to_string(checkpoint).map_err(|fault| Error::Shape(fault.to_string()))?;
    out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.sync_all()).map_err(refuse)?;
    if is_new && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(refuse)?;
    }
    Ok(())
}

/// The checkpoints of a file that this key signed, oldest first, and how many lines are none of those. A last line that was
/// being written when the power went is no fault.
pub fn read_log(text: &str, public_key: &str) -> (Vec<Checkpoint>, usize) {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines: Vec<&str> = whole.lines().filter(|line| !line.trim().is_empty()).collect();
    let read = |line: &&str| serde_json::from_str::<Checkpoint>(line).ok();
    let good: Vec<Checkpoint> =
        lines.iter().filter_map(read).filter(|checkpoint| checkpoint.is_by(public_key)).collect();
    let strange = lines.len() - good.len();
    (good, strange)
}

impl Vault {
    /// The key checkpoints of this house are signed with.
    pub fn checkpoint_key(&self) -> SigningKey {
        self.signing_key("checkpoint")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> (SigningKey, Checkpoint) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let checkpoint = Checkpoint::signed(&key, 1_234, &[9; 32], "head", Moment(1_700_000_000_000));
        (key, checkpoint)
    }

    #[test]
    fn a_checkpoint_is_its_signers_and_says_what_was_signed() {
        let (key, signed) = checkpoint();
        assert!(signed.is_by(&public_key(&key)));
        assert!(!signed.is_by(&public_key(&SigningKey::from_bytes(&[8; 32]))));
        for forged in [
            Checkpoint { seq: 1_233, ..signed.clone() },
            Checkpoint { root: BASE64.encode([8; 32]), ..signed.clone() },
            Checkpoint { head: "other".to_owned(), ..signed.clone() },
            Checkpoint { at: Moment(0), ..signed.clone() },
            Checkpoint { origin: "quell/other".to_owned(), ..signed.clone() },
        ] {
            assert!(!forged.is_by(&public_key(&key)), "{forged:?}");
        }
        let witness = SigningKey::from_bytes(&[3; 32]);
        let seen = signed.witness(&witness, Moment(1_700_000_060_000));
        assert!(signed.was_seen_by(&seen));
        assert!(!signed.was_seen_by(&Witnessed { at: Moment(1_800_000_000_000), ..seen }));
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed_and_a_slip_is_found() {
        let (_, signed) = checkpoint();
        let code = signed.code();
        let known = Known::of_code(&code).unwrap();
        assert_eq!((known.seq, known.root.as_slice()), (1_234, [9; 10].as_slice()));
        let typed = code.to_lowercase().replace('-', " ").replace('1', "l").replace('0', "o");
        assert_eq!(Known::of_code(&typed).unwrap().root, known.root);
        let mut found = 0;
        let mut tried = 0;
        for at in 2..code.len() {
            for other in ["2", "7", "K", "Z"] {
                if &code[at..=at] == other || &code[at..=at] == "-" {
                    continue;
                }
                let slip = format!("{}{other}{}", &code[..at], &code[at + 1..]);
                tried += 1;
                found += usize::from(Known::of_code(&slip).is_err());
            }
        }
        assert!(tried > 60 && found >= tried - 1, "{found} of {tried} slips found");
    }

    #[test]
    fn a_line_cut_by_a_power_failure_is_no_forgery_and_a_forged_line_is_counted() {
        let (key, signed) = checkpoint();
        let line = serde_json::to_string(&signed).unwrap();
        let forged = line.replace("1234", "1230");
        let (good, strange) =
            read_log(&format!("{line}\n{forged}\n{line}\n{{\"origin\":"), &public_key(&key));
        assert_eq!((good.len(), strange), (2, 1));
    }
}

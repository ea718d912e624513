//! The ring of wrapping keys in `master.key`: one current key, older ones for what they wrapped, and a root of its own for
//! marks and signatures, so that turning the wrapping key breaks neither. It lives outside the database.

use crate::vault::{BASE64, mac, seal};
use crate::{Error, Result};
use base::Moment;
use base64::Engine as _;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// 32 bytes that are overwritten when they are let go.
#[derive(Clone)]
pub(crate) struct Secret(pub [u8; 32]);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Secret {
    pub fn random() -> Secret {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Secret(bytes)
    }

    fn read(text: &str) -> Option<Secret> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim()).ok()?);
        Some(Secret(bytes.as_slice().try_into().ok()?))
    }
}

/// Which key wrapped something; stands in front of what it wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// The one key of a folder made before there were rings: what it wrapped names no key.
    pub const FIRST: KeyId = KeyId([0; 4]);

    pub fn of(text: &str) -> Option<KeyId> {
        let number = u32::from_str_radix(text, 16).ok().filter(|_| text.len() == 8)?;
        Some(KeyId(number.to_be_bytes()))
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Made, and not used yet: to be copied to every machine first.
    Waiting,
    Current,
    /// Opens what it wrapped, wraps nothing more.
    Old,
}

impl KeyState {
    pub fn word(self) -> &'static str {
        match self {
            KeyState::Waiting => "waiting",
            KeyState::Current => "current",
            KeyState::Old => "old",
        }
    }

    fn of(word: &str) -> Option<KeyState> {
        [KeyState::Waiting, KeyState::Current, KeyState::Old].into_iter().find(|state| state.word() == word)
    }
}

pub(crate) struct WrappingKey {
    pub id: KeyId,
    pub made: Moment,
    pub state: KeyState,
    pub key: Secret,
}

/// Marks made in a folder of one key hang on that key; they are kept by what was derived from it for these kinds.
const FIRST_MARKS: [&str; 3] = ["csrf", "row", "unnumbered row"];

const HEAD: &str = "quell keyring 1";

pub(crate) struct Ring {
    root: Secret,
    marks: BTreeMap<String, Secret>,
    pub keys: Vec<WrappingKey>,
}

impl Ring {
    pub fn new(now: Moment) -> Ring {
        let mut ring = Ring { root: Secret::random(), marks: BTreeMap::new(), keys: Vec::new() };
        ring.add(now, KeyState::Current);
        ring
    }

    /// A folder from before: everything follows from its one key in one direction, so that the key itself can be retired.
    pub fn of_first(key: Secret) -> Ring {
        let derived = |parts: &[&str]| Secret(mac(&key.0, parts));
        Ring {
            root: derived(&["root"]),
            marks: FIRST_MARKS.iter().map(|kind| ((*kind).to_owned(), derived(&["blind", kind]))).collect(),
            keys: vec![WrappingKey { id: KeyId::FIRST, made: Moment(0), state: KeyState::Current, key }],
        }
    }

    /// `None`: the text is no ring, or damaged.
    pub fn read(text: &str) -> Option<Ring> {
        let Some(rest) = text.strip_prefix(HEAD) else { return Secret::read(text).map(Ring::of_first) };
        let (lines, check) = rest.trim_end().rsplit_once("\ncheck ")?;
        if check != check_of(lines) {
            return None;
        }
        let (mut root, mut marks, mut keys) = (None, BTreeMap::new(), Vec::new());
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split('\t').collect();
            match words.as_slice() {
                ["root", secret] => root = Some(Secret::read(secret)?),
                ["mark", kind, secret] => {
                    marks.insert((*kind).to_owned(), Secret::read(secret)?);
                }
                ["key", id, made, state, secret] => keys.push(WrappingKey {
                    id: KeyId::of(id)?,
                    made: Moment(made.parse().ok()?),
                    state: KeyState::of(state)?,
                    key: Secret::read(secret)?,
                }),
                _ => return None,
            }
        }
        let current = keys.iter().filter(|key| key.state == KeyState::Current).count();
        (current == 1).then_some(())?;
        Some(Ring { root: root?, marks, keys })
    }

    fn written(&self) -> Zeroizing<String> {
        let mut lines = Zeroizing::new(String::with_capacity(4096));
        let secret = |secret: &Secret| Zeroizing::new(BASE64.encode(secret.0));
        lines.push_str(&format!("\nroot\t{}", *secret(&self.root)));
        for (kind, mark) in &self.marks {
            lines.push_str(&format!("\nmark\t{kind}\t{}", *secret(mark)));
        }
        for key in &self.keys {
            let (made, state) = (key.made.0, key.state.word());
            lines.push_str(&format!("\nkey\t{}\t{made}\t{state}\t{}", key.id, *secret(&key.key)));
        }
        Zeroizing::new(format!("{HEAD}{}\ncheck {}\n", *lines, check_of(&lines)))
    }

    pub fn current(&self) -> &WrappingKey {
        self.keys.iter().find(|key| key.state == KeyState::Current).expect("a ring has one current key")
    }

    pub fn key(&self, id: KeyId) -> Option<&WrappingKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    pub fn add(&mut self, now: Moment, state: KeyState) -> KeyId {
        let id = loop {
            let id = KeyId(Secret::random().0[..4].try_into().expect("four bytes"));
            if id != KeyId::FIRST && self.key(id).is_none() {
                break id;
            }
        };
        self.keys.push(WrappingKey { id, made: now, state, key: Secret::random() });
        id
    }

    /// The waiting key becomes the current one; without one, a new key does.
    pub fn turn(&mut self, now: Moment) -> KeyId {
        let waiting = self.keys.iter().find(|key| key.state == KeyState::Waiting).map(|key| key.id);
        let next = waiting.unwrap_or_else(|| self.add(now, KeyState::Waiting));
        for key in &mut self.keys {
            if key.id == next {
                key.state = KeyState::Current;
            } else if key.state == KeyState::Current {
                key.state = KeyState::Old;
            }
        }
        next
    }

    /// The key from which marks of one kind are made.
    pub fn mark_key(&self, kind: &str) -> Secret {
        match self.marks.get(kind) {
            Some(kept) => kept.clone(),
            None => self.derived(&["blind", kind]),
        }
    }

    pub fn derived(&self, parts: &[&str]) -> Secret {
        Secret(mac(&self.root.0, parts))
    }
}

/// Enough to notice a bad copy; whoever can write the file needs no trick.
fn check_of(lines: &str) -> String {
    crate::journal::hex_digest(&[lines])[..16].to_owned()
}

/// Another process may have written the file since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(u64, i64, i64, u64);

impl Stamp {
    pub fn of(file: &Path) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt;
        let told = std::fs::metadata(file).ok()?;
        Some(Stamp(told.ino(), told.mtime(), told.mtime_nsec(), told.size()))
    }
}

pub(crate) fn read_file(file: &Path) -> Result<Ring> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new).map_err(|fault| {
        Error::Setup(format!(
            "the master key {} cannot be read ({fault}); without it names stay sealed: put the file back",
            file.display()
        ))
    })?;
    Ring::read(&text).ok_or_else(|| {
        Error::Setup(format!("{} is not a master key, or damaged; put the right file back", file.display()))
    })
}

/// One process at a time changes a ring; the others go on reading.
pub(crate) fn change_file<T>(
    file: &Path,
    change: impl FnOnce(Option<Ring>) -> Result<(Ring, T)>,
) -> Result<T> {
    alone_with(file, || {
        let known = if file.exists() { Some(read_file(file)?) } else { None };
        let (ring, answer) = change(known)?;
        replace_file(file, ring.written().as_bytes())
            .map_err(|fault| Error::Setup(format!("cannot write {}: {fault}", file.display())))?;
        Ok(answer)
    })
}

/// No other process does the same with this file meanwhile.
pub(crate) fn alone_with<T>(file: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let refuse = |fault: std::io::Error| Error::Setup(format!("cannot write {}: {fault}", file.display()));
    std::fs::create_dir_all(folder_of(file)).map_err(refuse)?;
    let lock = private().open(beside(file, ".lock")).map_err(refuse)?;
    lock.lock().map_err(refuse)?;
    work()
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut out = private().create_new(true).open(file)?;
    out.write_all(bytes)?;
    out.sync_all()
}

/// Writes a whole file or none: a reader never meets half of it.
pub(crate) fn replace_file(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = beside(file, ".new");
    // What a killed process left behind is nothing anybody used.
    let _ = std::fs::remove_file(&fresh);
    write_private(&fresh, bytes)?;
    std::fs::rename(&fresh, file)?;
    File::open(folder_of(file))?.sync_all()
}

pub(crate) fn append_file(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut out = private().append(true).open(file)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    File::open(folder_of(file))?.sync_all()
}

const ENVELOPE: &[u8; 4] = b"qk1:";

/// How what a key wrapped begins; the first key's has no such beginning.
pub(crate) fn beginning(id: KeyId) -> Vec<u8> {
    [ENVELOPE.as_slice(), &id.0].concat()
}

/// `None`: by the first key.
pub(crate) fn wrapped_by(sealed: &[u8]) -> Option<(KeyId, &[u8])> {
    let (id, body) = sealed.strip_prefix(ENVELOPE)?.split_at_checked(4)?;
    Some((KeyId(id.try_into().ok()?), body))
}

pub(crate) fn wrap(key: &WrappingKey, context: &str, plain: &[u8]) -> Vec<u8> {
    if key.id == KeyId::FIRST {
        return seal(&key.key.0, context, plain);
    }
    let mut wrapped = beginning(key.id);
    wrapped.extend(seal(&key.key.0, &bound(key.id, context), plain));
    wrapped
}

pub(crate) fn bound(id: KeyId, context: &str) -> String {
    format!("{id}|{context}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_reads_back_and_a_damaged_one_is_refused() {
        let mut ring = Ring::new(Moment(7));
        ring.turn(Moment(8));
        let text = ring.written();
        let again = Ring::read(&text).expect("the same ring");
        assert_eq!(*again.written(), *text);
        assert_eq!(again.current().id, ring.current().id);
        for at in 0..text.len() - 1 {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            if let Ok(damaged) = String::from_utf8(bytes) {
                assert!(Ring::read(&damaged).is_none(), "a flipped bit at {at} was not noticed");
            }
        }
    }

    #[test]
    fn the_first_key_of_an_old_folder_can_go_and_its_marks_stay() {
        let first = Ring::of_first(Secret([7; 32]));
        let mut ring = Ring::read(&BASE64.encode([7_u8; 32])).expect("the old form");
        ring.turn(Moment(1));
        ring.keys.retain(|key| key.state == KeyState::Current);
        let text = ring.written();
        assert!(!text.contains(&BASE64.encode([7_u8; 32])), "the first key is gone");
        let ring = Ring::read(&text).expect("a ring");
        for kind in ["row", "csrf", "phone"] {
            assert_eq!(ring.mark_key(kind).0, first.mark_key(kind).0, "{kind}");
        }
        assert_eq!(first.mark_key("row").0, mac(&[7; 32], &["blind", "row"]), "as it was made before");
    }
}

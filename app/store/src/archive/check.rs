//! Is this file a whole backup, byte by byte?

use super::{BEGINS, ENDS, Manifest, hex};
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Digest, length and ending of the manifest.
const TRAILER: u64 = 32 + 8 + ENDS.len() as u64;

/// Reads every byte; gives the manifest only when each is as it was written.
pub fn check(file: &Path) -> Result<Manifest> {
    let mut open = File::open(file).map_err(|fault| damaged(file, &fault.to_string()))?;
    let manifest = manifest(&mut open, file)?;
    open.seek(SeekFrom::Start(BEGINS.len() as u64)).map_err(|fault| damaged(file, &fault.to_string()))?;
    let mut piece = vec![0; 1024 * 1024];
    for part in &manifest.parts {
        let (mut left, mut digest) = (part.bytes, Sha256::new());
        while left > 0 {
            let now = left.min(piece.len() as u64) as usize;
            open.read_exact(&mut piece[..now]).map_err(|fault| damaged(file, &fault.to_string()))?;
            digest.update(&piece[..now]);
            left -= now as u64;
        }
        if hex(&digest.finalize()) != part.sha256 {
            return Err(damaged(file, &format!("the rows of `{}` are not what was written", part.table)));
        }
    }
    Ok(manifest)
}

/// The manifest alone, with its own digest and the places of the parts checked.
fn manifest(open: &mut File, file: &Path) -> Result<Manifest> {
    let told = |fault: std::io::Error| damaged(file, &fault.to_string());
    let length = open.seek(SeekFrom::End(0)).map_err(told)?;
    let begins = BEGINS.len() as u64;
    if length < begins + TRAILER {
        return Err(damaged(file, "it is too short"));
    }
    open.rewind().map_err(told)?;
    let mut beginning = vec![0; BEGINS.len()];
    open.read_exact(&mut beginning).map_err(told)?;
    let mut trailer = vec![0; TRAILER as usize];
    open.seek(SeekFrom::Start(length - TRAILER)).map_err(told)?;
    open.read_exact(&mut trailer).map_err(told)?;
    if beginning != BEGINS || trailer[40..] != *ENDS {
        return Err(damaged(file, "it does not begin and end as one"));
    }
    let mut size = [0; 8];
    size.copy_from_slice(&trailer[32..40]);
    let size = u64::from_le_bytes(size);
    if size > length - begins - TRAILER {
        return Err(damaged(file, "its table of contents is cut off"));
    }
    let starts = length - TRAILER - size;
    open.seek(SeekFrom::Start(starts)).map_err(told)?;
    let mut text = vec![0; size as usize];
    open.read_exact(&mut text).map_err(told)?;
    if Sha256::digest(&text)[..] != trailer[..32] {
        return Err(damaged(file, "its table of contents is not what was written"));
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|fault| damaged(file, &fault.to_string()))?;
    if manifest.format != 1 {
        return Err(Error::Setup(format!(
            "{} has format {}, which a newer Quell wrote; use that version or a newer one",
            file.display(),
            manifest.format
        )));
    }
    if begins + manifest.bytes() != starts {
        return Err(damaged(file, "its parts do not fill it"));
    }
    Ok(manifest)
}

pub(super) fn damaged(file: &Path, why: &str) -> Error {
    Error::Setup(format!("{} is not a whole backup ({why}); use another copy", file.display()))
}

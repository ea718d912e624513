//! The disk under a folder: how much is free, of what kind it is, and that a new name in it outlives a power cut.

use crate::{Error, Result};
use nix::sys::statfs::{self, FsType};
use nix::sys::statvfs::statvfs;
use std::fs::File;
use std::path::Path;

pub fn free_bytes(folder: &Path) -> Result<u64> {
    let told = statvfs(folder)
        .map_err(|fault| Error::Setup(format!("cannot see how full {} is: {fault}", folder.display())))?;
    Ok(told.blocks_available() * told.fragment_size())
}

/// The name of a network file system, or of one in memory; `None` is a disk like any other.
pub fn kind_of_disk(folder: &Path) -> Option<(&'static str, bool)> {
    const SMB2: FsType = FsType(0xfe53_4d42);
    const CIFS: FsType = FsType(0xff53_4d42);
    const NETWORK: [(FsType, &str); 5] = [
        (statfs::NFS_SUPER_MAGIC, "NFS"),
        (statfs::SMB_SUPER_MAGIC, "SMB"),
        (statfs::AFS_SUPER_MAGIC, "AFS"),
        (CIFS, "CIFS"),
        (SMB2, "SMB"),
    ];
    let kind = statfs::statfs(folder).ok()?.filesystem_type();
    if let Some((_, name)) = NETWORK.iter().find(|(known, _)| *known == kind) {
        return Some((name, true));
    }
    (kind == statfs::TMPFS_MAGIC).then_some(("tmpfs", false))
}

/// A rename is durable only when the folder that holds the name is.
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?.sync_all()
}

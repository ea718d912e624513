//! Where the data lies: a folder, or an ext4 of its own in a file, whose power can be cut.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub enum Ground {
    Folder(PathBuf),
    Ext4 { image: PathBuf, mount: PathBuf },
}

/// Sparse: takes what is written.
const BYTES: u64 = 640 * 1024 * 1024;

/// EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from this moment on the file system writes nothing more, and what was
/// not yet on the disk never gets there. Asked of perl, which every Debian has, because the call has no safe form in Rust. It
/// waits for a line, so that nothing but the call itself lies between the decision and the cut.
const CUT: &str = "open(my $f, '<', $ARGV[0]) or die $!; my $flag = pack('L', 2); $| = 1; print qq(ready\\n); <STDIN>; \
     ioctl($f, 0x8004587d, $flag) or die $!;";

/// A hand on the switch.
pub struct Switch(Child);

impl Switch {
    pub fn cut(mut self) -> Result<(), String> {
        let line = self.0.stdin.as_mut().map(|stdin| stdin.write_all(b"\n"));
        line.transpose().map_err(|fault| fault.to_string())?;
        let ended = self.0.wait().map_err(|fault| fault.to_string())?;
        if ended.success() { Ok(()) } else { Err("the power could not be cut".to_owned()) }
    }
}

impl Ground {
    pub fn folder(room: &Path) -> Result<Ground, String> {
        let folder = room.join("ground");
        fs::create_dir_all(&folder).map_err(|fault| fault.to_string())?;
        Ok(Ground::Folder(folder))
    }

    pub fn ext4(room: &Path) -> Result<Ground, String> {
        let (image, mount) = (room.join("disk.img"), room.join("disk"));
        fs::create_dir_all(&mount).map_err(|fault| fault.to_string())?;
        File::create(&image).and_then(|file| file.set_len(BYTES)).map_err(|fault| fault.to_string())?;
        told(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        let ground = Ground::Ext4 { image, mount };
        ground.mount()?;
        Ok(ground)
    }

    /// Why power cannot be cut here, if it cannot.
    pub fn no_power_cuts(room: &Path) -> Option<String> {
        if !nix::unistd::geteuid().is_root() {
            return Some("power cuts need root (a file system in a file is mounted)".to_owned());
        }
        let ground = match Ground::ext4(room) {
            Ok(ground) => ground,
            Err(why) => return Some(format!("no file system in a file here: {}", why.trim())),
        };
        // What was not flushed must be gone, or this machine cuts nothing.
        let unsynced = ground.path().join("unsynced");
        let written = fs::write(&unsynced, "x").map_err(|fault| fault.to_string());
        match written.and_then(|()| ground.switch()?.cut()).and_then(|()| ground.comes_back()) {
            Err(why) => Some(format!("the power cannot be cut here: {}", why.trim())),
            Ok(()) if unsynced.exists() => Some("an unsynced file outlived the cut".to_owned()),
            Ok(()) => None,
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Ground::Folder(folder) => folder,
            Ground::Ext4 { mount, .. } => mount,
        }
    }

    pub fn switch(&self) -> Result<Switch, String> {
        let mut perl = Command::new("perl");
        perl.args(["-e", CUT]).arg(self.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = perl.spawn().map_err(|fault| fault.to_string())?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("its output is not piped")?;
        BufReader::new(out).read_line(&mut line).map_err(|fault| fault.to_string())?;
        if line == "ready\n" { Ok(Switch(child)) } else { Err("perl cannot cut the power".to_owned()) }
    }

    fn mount(&self) -> Result<(), String> {
        let Ground::Ext4 { image, mount } = self else { return Ok(()) };
        told(Command::new("mount").args(["-o", "loop"]).arg(image).arg(mount))
    }

    /// What was running is dead: the power comes back and the file system reads its own journal.
    pub fn comes_back(&self) -> Result<(), String> {
        self.unmount()?;
        self.mount()
    }

    fn unmount(&self) -> Result<(), String> {
        let Ground::Ext4 { mount, .. } = self else { return Ok(()) };
        let since = Instant::now();
        loop {
            // The last file of a killed process may still be closing.
            match told(Command::new("umount").arg(mount)) {
                Err(why) if since.elapsed() > Duration::from_secs(20) => return Err(why),
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// What has been set up is on the disk before anything is counted.
    pub fn settle(&self) -> Result<(), String> {
        told(Command::new("sync").arg("-f").arg(self.path()))
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Err(why) = self.unmount() {
            // The image stays: removing it under a mounted file system would hide what is still there.
            eprintln!("crash: {} stays mounted: {why}", self.path().display());
            return;
        }
        match self {
            Ground::Folder(folder) => {
                let _ = fs::remove_dir_all(folder);
            }
            Ground::Ext4 { image, mount } => {
                let _ = fs::remove_file(image);
                let _ = fs::remove_dir(mount);
            }
        }
    }
}

fn told(command: &mut Command) -> Result<(), String> {
    let told = command.output().map_err(|fault| fault.to_string())?;
    if told.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr)))
}

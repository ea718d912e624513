//! Passwords that have leaked elsewhere, in a file on this machine: sorted lines of SHA-1 in hexadecimal, a colon, and how
//! often, as "Have I Been Pwned" hands them out. Forty gigabytes are searched by halving and never read whole; nothing
//! goes over a network.

use sha1::{Digest, Sha1};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Breached(PathBuf);

/// Longer than any line of such a file.
const LINE: usize = 128;
const HASH: usize = 40;

impl Breached {
    /// # Errors
    /// When the file cannot be read or its first line is not a hash.
    pub fn at(path: &Path) -> Result<Breached, String> {
        let list = Breached(path.to_owned());
        let first = File::open(path).and_then(|mut file| line_from(&mut file, 0));
        match first {
            Ok(line) if line.len() >= HASH && line[..HASH].iter().all(u8::is_ascii_hexdigit) => Ok(list),
            Ok(_) => Err(format!(
                "{} is no list of leaked passwords: its lines are 40 hexadecimal digits, a colon and a count, in order; \
                 get one with the downloader of Have I Been Pwned",
                path.display()
            )),
            Err(fault) => Err(format!("{} cannot be read: {fault}", path.display())),
        }
    }

    /// # Errors
    /// When the file can no longer be read.
    pub fn holds(&self, password: &str) -> io::Result<bool> {
        let mut wanted = String::with_capacity(HASH);
        for byte in Sha1::digest(password.as_bytes()) {
            let _ = write!(wanted, "{byte:02X}");
        }
        let mut file = File::open(&self.0)?;
        // The line wanted, if it is there, begins in low..high.
        let (mut low, mut high) = (0, file.metadata()?.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let start = line_start(&mut file, middle)?;
            if start >= high {
                high = middle;
                continue;
            }
            let line = line_from(&mut file, start)?;
            let hash = line.get(..HASH).unwrap_or_default().to_ascii_uppercase();
            match hash.as_slice().cmp(wanted.as_bytes()) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = start + line.len() as u64 + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }
}

/// Where the first line begins that does not begin before `at`.
fn line_start(file: &mut File, at: u64) -> io::Result<u64> {
    if at == 0 {
        return Ok(0);
    }
    let before = line_from(file, at - 1)?;
    Ok(at + before.len() as u64)
}

/// From `at` to the end of that line, which is left out.
fn line_from(file: &mut File, at: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut line = Vec::with_capacity(LINE);
    file.take(LINE as u64).read_to_end(&mut line)?;
    if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
        line.truncate(end);
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(passwords: &[String], newline: &str) -> (PathBuf, Breached) {
        let mut lines: Vec<String> = passwords
            .iter()
            .map(|password| {
                let hash = Sha1::digest(password.as_bytes());
                let hash: String = hash.iter().map(|byte| format!("{byte:02X}")).collect();
                format!("{hash}:{}", password.len() * 37)
            })
            .collect();
        lines.sort();
        let name = format!("quell-breached-{:x}", store::random_bits());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, lines.join(newline)).unwrap();
        let list = Breached::at(&path).unwrap();
        (path, list)
    }

    #[test]
    fn every_line_is_found_and_nothing_else_whatever_the_size_and_the_ends_of_lines() {
        for (size, newline) in [(1, "\n"), (2, "\r\n"), (3, "\n"), (500, "\r\n"), (501, "\n")] {
            let passwords: Vec<String> = (0..size).map(|n| format!("leaked number {n}")).collect();
            let (path, list) = list(&passwords, newline);
            for password in &passwords {
                assert!(list.holds(password).unwrap(), "{password} of {size}");
            }
            for n in 0..200 {
                assert!(!list.holds(&format!("kept number {n}")).unwrap());
            }
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn another_file_is_refused_with_what_is_wrong() {
        let path = std::env::temp_dir().join(format!("quell-other-{:x}", store::random_bits()));
        std::fs::write(&path, "password\n123456\n").unwrap();
        assert!(Breached::at(&path).unwrap_err().contains("40 hexadecimal digits"));
        std::fs::remove_file(&path).unwrap();
        assert!(Breached::at(&path).unwrap_err().contains("cannot be read"));
    }
}

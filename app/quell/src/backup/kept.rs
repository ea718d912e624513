//! A folder of scheduled backups and what is known of each: `backups.json` beside them.

use base::Moment;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name in the folder; a backup that could not be written has one, too, but no file.
    pub file: String,
    pub at: Moment,
    pub rows: u64,
    pub journal_rows: i64,
    pub head: String,
    /// Why it is no good; `None` after it has been restored elsewhere, its journal verified, its rows counted and read.
    pub fault: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// Oldest first.
    pub kept: Vec<Kept>,
}

const FILE: &str = "backups.json";

impl Shelf {
    pub fn of(folder: &Path) -> Result<Shelf, String> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|fault| format!("{} cannot be read: {fault}", folder.join(FILE).display())),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(Shelf::default()),
            Err(fault) => Err(format!("{} cannot be read: {fault}", folder.join(FILE).display())),
        }
    }

    pub fn last_good(&self) -> Option<&Kept> {
        self.kept.iter().rev().find(|one| one.fault.is_none())
    }

    /// Puts one more on the shelf and says which files are no longer needed: good ones beyond `keep`, and bad ones that a
    /// newer good one has replaced. Nothing goes while nothing newer is good.
    pub fn add(&mut self, one: Kept, keep: usize) -> Vec<String> {
        self.kept.push(one);
        let mut good = 0;
        let mut gone = Vec::new();
        let mut stays: Vec<Kept> = Vec::new();
        for one in self.kept.drain(..).rev() {
            let needed = if one.fault.is_none() { good < keep.max(1) } else { good == 0 };
            good += usize::from(one.fault.is_none());
            if needed { stays.push(one) } else { gone.push(one.file) }
        }
        stays.reverse();
        self.kept = stays;
        gone
    }

    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let text = serde_json::to_vec_pretty(self).map_err(|fault| fault.to_string())?;
        let (part, file): (PathBuf, PathBuf) = (folder.join(".backups.json.part"), folder.join(FILE));
        let done = fs::write(&part, text)
            .and_then(|()| fs::File::open(&part)?.sync_all())
            .and_then(|()| fs::rename(&part, &file))
            .and_then(|()| store::archive::sync_folder(folder));
        done.map_err(|fault| format!("cannot write {}: {fault}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Shelf};
    use base::Moment;

    fn one(hour: i64, fault: Option<&str>) -> Kept {
        let at = Moment(hour * 3_600_000);
        Kept {
            file: format!("{hour}"),
            at,
            rows: 1,
            journal_rows: 1,
            head: String::new(),
            fault: fault.map(str::to_owned),
        }
    }

    fn names(shelf: &Shelf) -> Vec<&str> {
        shelf.kept.iter().map(|one| one.file.as_str()).collect()
    }

    #[test]
    fn old_ones_go_when_enough_newer_ones_are_good() {
        let mut shelf = Shelf::default();
        assert!(shelf.add(one(1, None), 2).is_empty());
        assert!(shelf.add(one(2, None), 2).is_empty());
        assert_eq!(shelf.add(one(3, None), 2), ["1"]);
        assert_eq!(names(&shelf), ["2", "3"]);
    }

    #[test]
    fn however_many_fail_the_last_good_ones_stay() {
        let mut shelf = Shelf::default();
        shelf.add(one(1, None), 1);
        for hour in 2..30 {
            assert!(shelf.add(one(hour, Some("the disk is full")), 1).is_empty());
        }
        assert_eq!(shelf.last_good().map(|one| one.file.as_str()), Some("1"));
        assert_eq!(shelf.add(one(30, None), 1).len(), 29);
        assert_eq!(names(&shelf), ["30"]);
    }
}

//! Whose key was destroyed: a row beside the key table, so that no new key is ever made for them, and a list in a file
//! beside the key file, so that a restored backup, which does not know of it, can repeat the erasure.

use crate::keyring;
use crate::{Db, Error, Query, Result, Tx, Value, Vault, params};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

pub(crate) const SCHEMA: &str = "
CREATE TABLE people_erased (
  owner TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Owners in one statement.
const BLOCK: usize = 100;

impl Vault {
    /// The keys of these owners go, and none is made for them again. Returns how many keys there were.
    pub fn destroy(tx: &mut Tx<'_>, owners: &[String]) -> Result<u64> {
        let at = tx.at;
        let rows: Vec<Vec<Value>> = owners.iter().map(|owner| vec![owner.into(), at.into()]).collect();
        tx.insert_many("INSERT INTO people_erased (owner, at)", 2, &rows, "ON CONFLICT DO NOTHING")?;
        Vault::drop_keys(tx, owners)
    }

    /// The keys of these owners go and leave no trace: for what is kept by so many and for so short a time that a restored copy
    /// finds it due again by itself.
    pub fn drop_keys(tx: &mut Tx<'_>, owners: &[String]) -> Result<u64> {
        let mut keys = 0;
        for block in owners.chunks(BLOCK) {
            let places: Vec<String> = (1..=block.len()).map(|place| format!("${place}")).collect();
            let sql = format!("DELETE FROM people_key WHERE owner IN ({})", places.join(","));
            let params: Vec<Value> = block.iter().map(Value::from).collect();
            keys += tx.run(&sql, &params)?;
        }
        Ok(keys)
    }

    pub fn is_erased(query: &mut dyn Query, owner: &str) -> Result<bool> {
        Ok(query.count("SELECT count(*) FROM people_erased WHERE owner = $1", params![owner])? > 0)
    }
}

const HEAD: &str = "quell erased 1: owner, moment, seal of this line and all before it";

impl Db {
    pub fn erased_file(&self) -> PathBuf {
        self.vault().file().with_file_name("erased.log")
    }

    /// Brings the list in the file up to what the table says. Called after an erasure, before a backup, and at each start,
    /// so that a crash in between loses nothing.
    pub fn write_erased_list(&self) -> Result<()> {
        let rows = self.read_now(|reader| {
            reader.rows("SELECT owner, at FROM people_erased ORDER BY at, owner", params![])
        })?;
        let file = self.erased_file();
        let refuse = |fault| Error::Setup(format!("cannot write {}: {fault}", file.display()));
        if rows.is_empty() {
            return Ok(());
        }
        keyring::alone_with(&file, || {
            let (known, mut seal) = self.read_erased_list()?;
            let mut text = if known.is_empty() { format!("{HEAD}\n") } else { String::new() };
            for row in &rows {
                let (owner, at) = (row.text(0)?, row.int(1)?);
                if !known.contains(&owner) {
                    seal = self.seal_of_line(&seal, &owner, at);
                    let _ = writeln!(text, "{owner}\t{at}\t{seal}");
                }
            }
            keyring::append_file(&file, text.as_bytes()).map_err(refuse)
        })
    }

    fn seal_of_line(&self, before: &str, owner: &str, at: i64) -> String {
        self.vault().mark("erased list", &format!("{before}|{owner}|{at}"))
    }

    /// Everybody the file says was erased. A line that was edited, dropped from the middle or added by somebody without the
    /// key file is refused by its number; a half line at the end was being written when the machine stopped.
    pub fn erased_list(&self) -> Result<BTreeSet<String>> {
        Ok(self.read_erased_list()?.0)
    }

    fn read_erased_list(&self) -> Result<(BTreeSet<String>, String)> {
        let (mut owners, mut seal) = (BTreeSet::new(), String::new());
        let file = self.erased_file();
        let Ok(text) = std::fs::read_to_string(&file) else { return Ok((owners, seal)) };
        for (number, line) in text.split_inclusive('\n').enumerate().skip(1) {
            let Some(line) = line.strip_suffix('\n') else {
                // Cut it off, or the next line would be glued to it.
                let whole = text.len() - line.len();
                let cut = std::fs::OpenOptions::new().write(true).open(&file);
                cut.and_then(|file| file.set_len(whole as u64))
                    .map_err(|fault| Error::Setup(format!("cannot write {}: {fault}", file.display())))?;
                break;
            };
            let words: Vec<&str> = line.split('\t').collect();
            let whole = match words.as_slice() {
                [owner, at, told] => at.parse().is_ok_and(|at| self.seal_of_line(&seal, owner, at) == *told),
                _ => false,
            };
            if !whole {
                return Err(Error::Setup(format!(
                    "line {} of {} is not what was written there; put the right file back",
                    number + 1,
                    file.display()
                )));
            }
            owners.insert(words[0].to_owned());
            seal = words[2].to_owned();
        }
        Ok((owners, seal))
    }

    /// After a restore: the owners of the list whose keys, or traces, are still here.
    pub fn still_to_erase(&self) -> Result<Vec<String>> {
        let listed = self.erased_list()?;
        let known = self.read_now(|reader| {
            let rows = reader.rows("SELECT owner FROM people_erased ORDER BY owner", params![])?;
            rows.iter().map(|row| row.text(0)).collect::<Result<BTreeSet<String>>>()
        })?;
        Ok(listed.difference(&known).cloned().collect())
    }
}

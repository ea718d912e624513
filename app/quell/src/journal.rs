//! `quell journal`: the proof, the tail, the export, the checkpoint, and the tables made again from it.

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use crate::told_rows;
use base::Moment;
use clap::{Args, Subcommand};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::{Checkpoint, Entry, Known, Ledger, Rebuild, Verdict, public_key, read_log};

#[derive(Subcommand)]
pub enum JournalCommand {
    /// Follow the chain from the first row to the last, and compare with every checkpoint there is
    Verify(Verify),
    /// The last rows, and with -f those that come
    Tail(Tail),
    /// The rows as a file that proves itself without the database
    Export(Export),
    /// Sign how far the journal has come, for a file elsewhere or for paper
    Checkpoint(TakeCheckpoint),
    /// Make every table again from the journal alone
    Rebuild(RebuildTables),
}

impl JournalCommand {
    pub fn run(self) -> Result<(), String> {
        match self {
            JournalCommand::Verify(verify) => verify.run(),
            JournalCommand::Tail(tail) => tail.run(),
            JournalCommand::Export(export) => export.run(),
            JournalCommand::Checkpoint(checkpoint) => checkpoint.run(),
            JournalCommand::Rebuild(rebuild) => rebuild.run(),
        }
    }
}

fn text(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

#[derive(Args)]
pub struct Verify {
    /// What `quell journal export` wrote; without one, the database
    export: Option<PathBuf>,
    /// A printed code, a file of checkpoints, or the address of a witness; as many as there are
    #[arg(long, value_name = "CODE|FILE|URL")]
    against: Vec<String>,
    /// Also: lines that name rows by number and hash, such as the auditor's export of restrictions
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// The public key that must have signed, when only an export is at hand
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Verify {
    fn run(self) -> Result<(), String> {
        match &self.export {
            Some(file) => self.verify_export(file),
            None => self.verify_database(),
        }
    }

    fn verify_database(&self) -> Result<(), String> {
        let db = database(&self.place)?;
        let key = public_key(&db.vault().checkpoint_key());
        let mut known = known_of_file(&db.place().checkpoints(), &key, false)?;
        for against in &self.against {
            known.extend(known_of(against, &key)?);
        }
        let verdict = db.read_long(|reader| store::verify_against(reader, &known)).map_err(text)?;
        told(&verdict)?;
        if verdict.checkpoints == 0 {
            println!(
                "There is no checkpoint to compare with: a tail cut off would not show (--against CODE)."
            );
        } else {
            println!("{} of {} checkpoints agree.", verdict.agreed, verdict.checkpoints);
        }
        if let Some(file) = &self.rows {
            let named = told_rows::compare(&db, file)?;
            println!("{named} rows that {} names stand here as it has them.", file.display());
        }
        Ok(())
    }

    fn verify_export(&self, file: &Path) -> Result<(), String> {
        let mut from = opened(file)?;
        let mut known = Vec::new();
        let key = match &self.key {
            Some(key) => key.clone(),
            None => key_in(file),
        };
        for against in &self.against {
            known.extend(known_of(against, &key)?);
        }
        let exported = store::read_export(&mut from, &known, &mut |_| Ok(())).map_err(text)?;
        if self.key.as_ref().is_some_and(|key| *key != exported.opening.key) {
            return Err(format!("it is signed with {}, not with that key", exported.opening.key));
        }
        told(&exported.verdict)?;
        println!("Signed with {}.", exported.opening.key);
        Ok(())
    }
}

/// The faults are an error; a sound journal is told with its head.
fn told(verdict: &Verdict) -> Result<(), String> {
    if verdict.ok {
        println!("{} rows, each follows from the one before; head {}", verdict.rows, verdict.head);
        return Ok(());
    }
    let mut faults: Vec<String> = verdict.faults.iter().map(|fault| format!("  {fault}")).collect();
    if verdict.more_faults > 0 {
        faults.push(format!("  and {} more", verdict.more_faults));
    }
    Err(format!("the journal was changed ({} rows):\n{}", verdict.rows, faults.join("\n")))
}

fn known_of(against: &str, key: &str) -> Result<Vec<Known>, String> {
    if against.starts_with("http://") || against.starts_with("https://") {
        return rooms::journal::seen_by_witness(against, key)
            .map(|seen| seen.iter().map(Checkpoint::known).collect());
    }
    let file = Path::new(against);
    if file.exists() {
        known_of_file(file, key, true)
    } else {
        Known::of_code(against).map(|code| vec![code]).map_err(text)
    }
}

/// A file that is not there yet holds none; one that is asked for must hold some.
fn known_of_file(file: &Path, key: &str, must: bool) -> Result<Vec<Known>, String> {
    let content = match std::fs::read_to_string(file) {
        Ok(content) => content,
        Err(_) if !must => return Ok(Vec::new()),
        Err(fault) => return Err(format!("{} cannot be read: {fault}", file.display())),
    };
    let (checkpoints, strange) = read_log(&content, key);
    if strange > 0 {
        eprintln!(
            "{}: {strange} lines are no checkpoint of this journal's key; they were not compared",
            file.display()
        );
    }
    if must && checkpoints.is_empty() {
        return Err(format!("{} holds no checkpoint signed with this journal's key", file.display()));
    }
    Ok(checkpoints.iter().map(Checkpoint::known).collect())
}

/// The key an export names in its first line.
fn key_in(file: &Path) -> String {
    let first = File::open(file).map(BufReader::new).ok().and_then(|from| from.lines().next()?.ok());
    let opening: Option<store::Opening> = first.and_then(|line| serde_json::from_str(&line).ok());
    opening.map(|opening| opening.key).unwrap_or_default()
}

pub fn opened(file: &Path) -> Result<BufReader<Box<dyn Read>>, String> {
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(file).map_err(|fault| format!("{} cannot be read: {fault}", file.display()))?)
    };
    Ok(BufReader::new(from))
}

#[derive(Args)]
pub struct Tail {
    /// Go on with every row that comes, until stopped
    #[arg(short, long)]
    follow: bool,
    /// Begin after this row instead of with the last twenty
    #[arg(long, value_name = "ROW")]
    after: Option<i64>,
    /// Whole rows, as JSON lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Tail {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let last = db.read_now(store::last_row).map_err(text)?;
        let mut after = self.after.unwrap_or((last - 20).max(0));
        loop {
            let from = after;
            let rows = db.read_now(move |reader| store::entries_after(reader, from, 1_000)).map_err(text)?;
            let some = !rows.is_empty();
            for entry in rows {
                after = entry.seq;
                if say(&entry, self.json).is_err() {
                    // Whoever listened has left.
                    return Ok(());
                }
            }
            if !some && !self.follow {
                return Ok(());
            }
            if !some {
                std::thread::sleep(Duration::from_millis(500));
            }
        }
    }
}

fn say(entry: &Entry, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        return writeln!(out, "{}", serde_json::to_string(entry)?);
    }
    let Entry { seq, at, actor, change, territory, about, .. } = entry;
    writeln!(out, "{seq:>8}  {at}  {change:<20}  {actor}  {territory}  {about}")
}

#[derive(Args)]
pub struct Export {
    /// The file to write, or `-`
    to_file: PathBuf,
    /// The first row
    #[arg(long, default_value_t = 1, value_name = "ROW")]
    from: i64,
    /// The last row; to the end when left out
    #[arg(long, value_name = "ROW")]
    to: Option<i64>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Export {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let range = (self.from, self.to);
        if self.to_file == Path::new("-") {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            db.read_long(|reader| store::export(reader, range, operator_now(), &mut out)).map_err(text)?;
            return out.flush().map_err(text);
        }
        let refuse = |fault: std::io::Error| format!("{} cannot be written: {fault}", self.to_file.display());
        let file = File::options().write(true).create_new(true).open(&self.to_file).map_err(refuse)?;
        let mut out = std::io::BufWriter::new(file);
        let closing =
            db.read_long(|reader| store::export(reader, range, operator_now(), &mut out)).map_err(text)?;
        out.into_inner().map_err(text)?.sync_all().map_err(refuse)?;
        println!("{} rows to {}; {}", closing.rows, self.to_file.display(), closing.checkpoint.code());
        Ok(())
    }
}

#[derive(Args)]
pub struct TakeCheckpoint {
    /// Write it here as well, such as on another disk; as many as there are
    #[arg(long, value_name = "FILE")]
    to: Vec<PathBuf>,
    /// A sheet for the wall: the code, the key, and how to compare
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

impl TakeCheckpoint {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let key = db.vault().checkpoint_key();
        let own = db.place().checkpoints();
        let mut ledger = Ledger::default();
        db.read_long(|reader| ledger.reads(reader, None)).map_err(text)?;
        let checkpoint = ledger.signed(&key, operator_now());
        for file in std::iter::once(&own).chain(&self.to) {
            store::append(file, &checkpoint).map_err(text)?;
        }
        if self.print {
            println!("{}", sheet(&checkpoint, &public_key(&key)));
        } else {
            println!("{}", checkpoint.code());
        }
        Ok(())
    }
}

fn sheet(checkpoint: &Checkpoint, key: &str) -> String {
    let Checkpoint { seq, at, head, origin, .. } = checkpoint;
    format!(
        "Quell · journal checkpoint · 操作日志检查点\n\n    {}\n\n{seq} rows at {at}\nhead {head}\njournal {origin}\nkey {key}\n\n\
         Keep this sheet away from the machine. Compare later, on any copy:\n\
         请将本页与设备分开保存。日后可在任一副本上核对：\n    quell journal verify --against {}",
        checkpoint.code(),
        checkpoint.code()
    )
}

#[derive(Args)]
pub struct RebuildTables {
    /// Compare every table with those there are, row by row
    #[arg(long)]
    compare: bool,
    /// Keep the tables made again here, as a new data folder
    #[arg(long, value_name = "DIR", required_unless_present = "compare")]
    into: Option<PathBuf>,
    /// Only rows up to this moment, such as 2026-11-26T10:00
    #[arg(long, value_name = "MOMENT", value_parser = moment, conflicts_with = "compare")]
    until: Option<Moment>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl RebuildTables {
    fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let folder = match &self.into {
            Some(folder) => new_folder(folder)?,
            None => new_folder(&db.place().folder().join(format!("rebuild-{}", std::process::id())))?,
        };
        let outcome = self.tell(&db, &folder);
        if self.into.is_none() {
            let _ = std::fs::remove_dir_all(&folder);
        }
        outcome
    }

    fn tell(&self, db: &store::Db, folder: &Path) -> Result<(), String> {
        let file = folder.join("quell.db");
        let mut rebuild =
            Rebuild::in_file(&file, db.vault(), rooms::MIGRATIONS, rooms::RETOLD).map_err(text)?;
        let since = Instant::now();
        let (rows, differences) = db
            .read_long(|reader| {
                rebuild.follow(reader, self.until)?;
                let rows = (rebuild.rows, since.elapsed());
                let differences =
                    if self.compare { rebuild.compare(reader, rooms::LEFT_OUT)? } else { Vec::new() };
                Ok((rows, differences))
            })
            .map_err(text)?;
        let seconds = rows.1.as_secs_f64().max(0.001);
        println!("{} rows told again in {seconds:.1} s, {:.0} rows/s", rows.0, rows.0 as f64 / seconds);
        let mut wrong: Vec<String> = untold(&rebuild);
        wrong.extend(differences.iter().map(ToString::to_string));
        if self.into.is_some() {
            copy_key(&self.place.key_file(), folder)?;
            rebuild.end().map_err(text)?;
            println!(
                "Passwords and sessions are in no journal: `quell account reset LOGIN --data {}`.",
                folder.display()
            );
        }
        if !wrong.is_empty() {
            return Err(format!("the tables do not follow from the journal:\n  {}", wrong.join("\n  ")));
        }
        if self.compare {
            println!("Every table is what the journal says. Not in it, and so not compared:");
            for left in rooms::LEFT_OUT {
                let column = left.column.map(|column| format!(".{column}")).unwrap_or_default();
                println!("  {}{column}: {}", left.table, left.why);
            }
        }
        Ok(())
    }
}

pub fn untold(rebuild: &Rebuild) -> Vec<String> {
    rebuild.untold.iter().map(|row| format!("row {} ({}): {}", row.seq, row.change, row.why)).collect()
}

fn new_folder(folder: &Path) -> Result<PathBuf, String> {
    if folder.join("quell.db").exists() {
        return Err(format!("{} holds a database already; choose a new folder", folder.display()));
    }
    std::fs::create_dir_all(folder)
        .map_err(|fault| format!("cannot make the folder {}: {fault}", folder.display()))?;
    Ok(folder.to_owned())
}

/// Names open only with the key they were sealed under; it is copied with its mode.
fn copy_key(from: &Path, folder: &Path) -> Result<(), String> {
    let keys = folder.join("keys");
    let to = keys.join("master.key");
    std::fs::create_dir_all(&keys)
        .and_then(|()| std::fs::copy(from, &to).map(|_| ()))
        .map_err(|fault| format!("cannot copy the key to {}: {fault}", to.display()))
}

/// `2026-11-26T10:00`, with seconds if need be, and with `Z` or an offset such as `+08:00`; without one, UTC.
pub fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || format!("`{text}` is no moment; write it as 2026-11-26T10:00 or 2026-11-26T10:00+08:00");
    let (day, time) = text.split_once(['T', ' ']).ok_or_else(wrong)?;
    let day: base::Day = day.parse().map_err(|_| wrong())?;
    let (time, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => (&time[..at], &time[at..]),
        None => (time, "Z"),
    };
    let parts =
        |text: &str| text.split(':').map(|part| part.parse::<i64>().ok()).collect::<Option<Vec<i64>>>();
    let seconds = match parts(time).ok_or_else(wrong)?.as_slice() {
        [hours @ 0..24, minutes @ 0..60] => hours * 3600 + minutes * 60,
        [hours @ 0..24, minutes @ 0..60, seconds @ 0..60] => hours * 3600 + minutes * 60 + seconds,
        _ => return Err(wrong()),
    };
    let minutes = match (offset.split_at(1), offset) {
        (_, "Z") => 0,
        ((sign, rest), _) => match parts(rest).ok_or_else(wrong)?.as_slice() {
            [hours @ 0..15, minutes @ 0..60] => (hours * 60 + minutes) * if sign == "-" { -1 } else { 1 },
            _ => return Err(wrong()),
        },
    };
    Ok(Moment::start_of(day, 0).plus_seconds(seconds - minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_read_with_and_without_an_offset() {
        let ten = moment("2026-11-26T10:00").unwrap();
        assert_eq!(moment("2026-11-26 10:00:00Z").unwrap(), ten);
        assert_eq!(moment("2026-11-26T18:00+08:00").unwrap(), ten);
        assert_eq!(moment("2026-11-26T07:30-02:30").unwrap(), ten);
        for wrong in ["2026-11-26", "2026-11-26T25:00", "10:00", "2026-13-26T10:00", "2026-11-26T10:00+8"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}

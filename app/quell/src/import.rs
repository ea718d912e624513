//! `quell import`: a line list into the database, with an account of every row.

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use base::{Id, Territory};
use clap::{Args, ValueEnum};
use exchange::{Caps, Choice, Source};
use linelist::{DateFormat, ListKind, MapFile, Mapping, Profile, recognise};
use rooms::House;
use rooms::cases::changes::OpenEvent;
use rooms::imports::changes::RememberMapping;
use rooms::imports::{Engine, Import, Progress, Report, Target, hash_of, remembered};
use rooms::regions::Places;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Actor, Db, Query, params, random_bits};

#[derive(Args)]
pub struct ImportFile {
    /// CSV, TSV, XLSX, XLS, ODS or a JSON array of records
    file: PathBuf,
    /// What the rows are; recognised when left out
    #[arg(long = "as", value_enum)]
    kind: Option<Kind>,
    /// A mapping written by hand (docs/import.md)
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Say what would happen and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The event the rows belong to, by name or id; a new name opens one
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Write the full report here, as JSON
    #[arg(long, value_name = "FILE.json")]
    report: Option<PathBuf>,
    /// Where a record goes whose place nobody knows
    #[arg(long, value_name = "PATH")]
    territory: Option<Territory>,
    /// How to read days that can be read two ways: `onset=dmy`, by field or column
    #[arg(long, value_name = "COLUMN=FORMAT")]
    date_format: Vec<String>,
    /// Sheet of a workbook
    #[arg(long)]
    sheet: Option<String>,
    /// Row that holds the column names
    #[arg(long, value_name = "ROW")]
    header_row: Option<u64>,
    /// Encoding of a text file, such as gbk
    #[arg(long)]
    encoding: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Cases,
    Contacts,
    Links,
}

impl ImportFile {
    pub fn run(self) -> Result<(), String> {
        let bytes: Arc<[u8]> = self.read()?.into();
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let choice = Choice {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            encoding: self.encoding.clone(),
            delimiter: None,
        };
        let source = Source { name: &name, bytes: bytes.clone() };
        let file = exchange::open(source, &choice, &Caps::default()).map_err(|fault| fault.to_string())?;
        let db = database(&self.place)?;
        let (mapping, by_hand) = self.mapping(&db, &file)?;
        let places = Places::load(&db).map_err(|fault| fault.to_string())?;
        let atlas = places.now();
        let territory = self.territory.clone().unwrap_or_else(|| atlas.root());
        let event = self.event(&db, &territory, &mapping)?;
        let hash = hash_of(&bytes);
        let import = if self.dry_run { None } else { stopped_import(&db, &hash)? };
        if import.is_some() {
            eprintln!("An import of this file was interrupted; going on where it stopped.");
        }
        let target = Target {
            import: import.unwrap_or_else(|| Id::from_bits(random_bits())),
            name,
            hash,
            event,
            territory,
            actor: Actor::operator(),
        };
        let engine = Engine {
            db: &db,
            atlas,
            file: &file,
            mapping: &mapping,
            target: &target,
            progress: &Progress::default(),
            clock: House::clock,
            choice: serde_json::to_value(&choice).unwrap_or_default(),
        };
        let report = if self.dry_run { engine.check() } else { engine.apply() };
        let report = report.map_err(|fault| fault.to_string())?;
        if by_hand && !self.dry_run {
            remember(&db, &file.columns, &mapping)?;
        }
        self.tell(&report)
    }

    fn read(&self) -> Result<Vec<u8>, String> {
        let told = |fault: std::io::Error| format!("{} cannot be read: {fault}", self.file.display());
        let size = std::fs::metadata(&self.file).map_err(told)?.len();
        if size > Caps::default().file_bytes {
            return Err(format!(
                "{} has {} MB and at most {} MB are read at once; split it",
                self.file.display(),
                size / 1_000_000,
                Caps::default().file_bytes / 1_000_000
            ));
        }
        std::fs::read(&self.file).map_err(told)
    }

    /// From MAP.toml, else as a person mapped such a file before, else as recognised; then what the command line says.
    fn mapping(&self, db: &Db, file: &exchange::File) -> Result<(Mapping, bool), String> {
        let mut profile = Profile::new(file.columns.len());
        for row in file.rows() {
            profile.see(&row.map_err(|fault| fault.to_string())?.cells);
        }
        let kind = self.kind.map(|kind| match kind {
            Kind::Cases => ListKind::Cases,
            Kind::Contacts => ListKind::Contacts,
            Kind::Links => ListKind::Links,
        });
        let columns = file.columns.clone();
        let kept =
            db.read_now(move |reader| remembered(reader, &columns)).map_err(|fault| fault.to_string())?;
        let kept = kept.filter(|mapping| kind.is_none_or(|kind| mapping.kind == kind) && self.map.is_none());
        let mut mapping = match kept {
            Some(mut mapping) => {
                mapping.recognised = Some("remembered".to_owned());
                mapping
            }
            None => recognise(&file.columns, &profile, kind),
        };
        if let Some(path) = &self.map {
            let told = std::fs::read_to_string(path)
                .map_err(|fault| format!("{} cannot be read: {fault}", path.display()))?;
            let told = MapFile::read(&told).map_err(|fault| format!("{}: {fault}", path.display()))?;
            if kind.is_none() && told.kind.is_some() {
                mapping = recognise(&file.columns, &profile, told.kind);
            }
            told.apply(&mut mapping, &profile).map_err(|fault| format!("{}: {fault}", path.display()))?;
        }
        for answer in &self.date_format {
            let (column, format) = answer
                .split_once('=')
                .ok_or_else(|| format!("`{answer}` is no answer; write COLUMN=dmy or COLUMN=mdy"))?;
            let format: DateFormat = format.parse().map_err(|fault| format!("{fault}"))?;
            mapping.set_date_format(column, format).map_err(|fault| fault.to_string())?;
        }
        Ok((mapping, self.map.is_some() || !self.date_format.is_empty()))
    }

    /// An event by id or name; a name nobody has opens one (a dry run leaves it unopened).
    fn event(
        &self,
        db: &Db,
        territory: &Territory,
        mapping: &Mapping,
    ) -> Result<Option<Id<rooms::cases::Event>>, String> {
        let Some(wanted) = self.event.as_deref() else { return Ok(None) };
        let name = wanted.to_owned();
        let found = db
            .read_now(move |reader| {
                let row = reader.first(
                    "SELECT id FROM cases_event WHERE id = $1 OR name = $1 ORDER BY id",
                    params![name],
                )?;
                row.map(|row| row.read(0)).transpose()
            })
            .map_err(|fault| fault.to_string())?;
        if found.is_some() {
            return Ok(found);
        }
        let event = Id::from_bits(random_bits());
        if self.dry_run {
            // Left unopened, and still an event of its own: no list of another is compared with.
            return Ok(Some(event));
        }
        let change = OpenEvent {
            id: Id::from_bits(random_bits()),
            event,
            name: wanted.to_owned(),
            disease: mapping.defaults.disease.clone(),
            territory: territory.clone(),
            started: None,
            summary: None,
        };
        db.apply_now(&Actor::operator(), operator_now(), change).map_err(|fault| fault.to_string())?;
        eprintln!("Opened the event `{wanted}`.");
        Ok(Some(event))
    }

    fn tell(&self, report: &Report) -> Result<(), String> {
        if let Some(path) = &self.report {
            let text = serde_json::to_string_pretty(report).map_err(|fault| fault.to_string())?;
            std::fs::write(path, text)
                .map_err(|fault| format!("{} cannot be written: {fault}", path.display()))?;
        }
        // Whoever reads may have read enough (`| head`): that is no fault of the import.
        let mut out = std::io::stdout().lock();
        let what = if self.dry_run { "would be" } else { "were" };
        let _ = writeln!(
            out,
            "{} rows of {}: {} {what} created, {} updated, {} unchanged, {} skipped, {} failed.",
            report.rows,
            report.file,
            report.created,
            report.updated,
            report.unchanged,
            report.skipped,
            report.failed
        );
        if !report.cases.is_empty() {
            let cases: Vec<String> = report.cases.iter().map(|(action, n)| format!("{n} {action}")).collect();
            let _ = writeln!(out, "Cases on both ends of the links: {}.", cases.join(", "));
        }
        let links = &report.links;
        if links.created + links.unchanged + links.removed + links.dangling > 0 {
            let _ = writeln!(
                out,
                "Links: {} created, {} unchanged, {} removed, {} dangling (an infector no list has).",
                links.created, links.unchanged, links.removed, links.dangling
            );
        }
        for (code, n) in &report.problem_counts {
            let example = report.problems.iter().find(|problem| problem.code == *code);
            let told = example
                .map(|problem| format!("row {}: {}", problem.row, problem.message))
                .unwrap_or_default();
            let _ = writeln!(out, "  {n:>6}  {code}  (first: {told})");
        }
        Ok(())
    }
}

/// A file whose import was killed half way goes on under the same number.
fn stopped_import(db: &Db, hash: &str) -> Result<Option<Id<Import>>, String> {
    let hash = hash.to_owned();
    db.read_now(move |reader| {
        let sql = "SELECT id FROM imports_import WHERE hash = $1 AND state = 'applying' AND by_whom = 'operator' ORDER BY at DESC";
        reader.first(sql, params![hash])?.map(|row| row.read(0)).transpose()
    })
    .map_err(|fault| fault.to_string())
}

fn remember(db: &Db, columns: &[String], mapping: &Mapping) -> Result<(), String> {
    let change = RememberMapping {
        id: Id::from_bits(random_bits()),
        fingerprint: linelist::fingerprint(columns),
        mapping: serde_json::to_value(mapping).unwrap_or_default(),
    };
    db.apply_now(&Actor::operator(), operator_now(), change).map_err(|fault| fault.to_string())
}

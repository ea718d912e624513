//! `quell retention`, `quell certificate` and `quell exports`: what is kept and until when, the papers about what was
//! erased, and where a found list came from.

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use clap::{Args, Subcommand};
use rooms::House;
use rooms::people::{certificate_key, clocks, falls_due, run_clocks, trace_list, verify_certificate};
use std::path::PathBuf;
use store::{Actor, Db};

#[derive(Subcommand)]
pub enum RetentionCommand {
    /// Each clock, and how many are due today and soon; nothing is erased
    Preview(Preview),
    /// Let the clocks run that run by themselves; the others wait for a data officer and a second person
    Run(PlaceArgs),
}

#[derive(Args)]
pub struct Preview {
    /// Whoever falls due by this clock, by handle
    #[arg(long)]
    clock: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Subcommand)]
pub enum CertificateCommand {
    /// Check a deletion certificate; without a database against the key it names
    Verify(Verify),
}

#[derive(Args)]
pub struct Verify {
    file: PathBuf,
    /// The issuer's public key, as they published it
    #[arg(long)]
    key: Option<String>,
    /// Check that this installation issued it
    #[arg(long)]
    own: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Subcommand)]
pub enum ExportsCommand {
    /// From which export a found list with names came, by the order of its numbers
    Whose(Whose),
}

#[derive(Args)]
pub struct Whose {
    /// CSV with a header and the column `number`, in the order in which it was found
    file: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
}

fn said(fault: store::Error) -> String {
    fault.to_string()
}

/// The department's day, without opening the whole house.
fn today_and_offset(db: &Db) -> Result<(base::Day, i32), String> {
    let places = rooms::regions::Places::load(db).map_err(said)?;
    let offset = places.utc_offset_minutes();
    Ok((House::clock().day_at_offset(offset), offset))
}

impl RetentionCommand {
    pub fn run(self) -> Result<(), String> {
        match self {
            RetentionCommand::Preview(preview) => preview.run(),
            RetentionCommand::Run(place) => run_now(&place),
        }
    }
}

impl Preview {
    fn run(&self) -> Result<(), String> {
        let db = database(&self.place)?;
        let (today, offset) = today_and_offset(&db)?;
        let Some(id) = &self.clock else { return tell_clocks(&db, today, offset) };
        let retention = rooms::packed::retention();
        let clock = retention.clock(id).ok_or_else(|| {
            let known: Vec<&str> = retention.clocks.iter().map(|clock| clock.id.as_str()).collect();
            format!("there is no clock `{id}`; use one of: {}", known.join(", "))
        })?;
        let scope = Actor::operator().scope;
        let due = db.read_now(move |reader| falls_due(reader, &scope, clock, today, offset)).map_err(said)?;
        for one in due {
            let held = if one.held { "held" } else { "" };
            println!("{}  {}  {}  {held}", one.owner, one.runs_out, one.territory.path());
        }
        Ok(())
    }
}

fn tell_clocks(db: &Db, today: base::Day, offset: i32) -> Result<(), String> {
    let scope = Actor::operator().scope;
    let told = db.read_now(move |reader| clocks(reader, &scope, today, offset)).map_err(said)?;
    println!("{:<18} {:>6} {:>6} {:>6} {:>6}  ends", "clock", "days", "due", "soon", "held");
    for clock in told["clocks"].as_array().into_iter().flatten() {
        let ends = if clock["automatic"] == true { "by itself" } else { "data officer and second person" };
        let id = clock["id"].as_str().unwrap_or_default();
        println!(
            "{id:<18} {:>6} {:>6} {:>6} {:>6}  {ends}",
            clock["keep_days"].to_string(),
            clock["due"].to_string(),
            clock["soon"].to_string(),
            clock["held"].to_string()
        );
    }
    Ok(())
}

fn run_now(place: &PlaceArgs) -> Result<(), String> {
    let db = database(place)?;
    let (today, offset) = today_and_offset(&db)?;
    for ran in run_clocks(&db, today, offset, operator_now()).map_err(said)? {
        println!("{}: {} erased", ran.clock, ran.erased);
    }
    let waiting = rooms::packed::retention().clocks.iter().filter(|clock| !clock.automatic);
    let waiting: Vec<&str> = waiting.map(|clock| clock.id.as_str()).collect();
    println!("Not run here, they need a data officer and a second person: {}", waiting.join(", "));
    Ok(())
}

impl CertificateCommand {
    pub fn run(self) -> Result<(), String> {
        let CertificateCommand::Verify(verify) = self;
        let text = std::fs::read_to_string(&verify.file)
            .map_err(|fault| format!("cannot read {}: {fault}", verify.file.display()))?;
        let own = if verify.own { Some(certificate_key(database(&verify.place)?.vault())) } else { None };
        let issuer = verify.key.or(own);
        let facts = verify_certificate(&text, issuer.as_deref())?;
        for (name, value) in &facts {
            println!("{name:<30} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        match issuer {
            Some(_) => println!("Whole, and issued by that key."),
            None => println!("Whole. Compare the public key with the one the issuer published (--key)."),
        }
        Ok(())
    }
}

impl ExportsCommand {
    pub fn run(self) -> Result<(), String> {
        let ExportsCommand::Whose(whose) = self;
        let read = |fault: csv::Error| format!("cannot read {}: {fault}", whose.file.display());
        let mut rows = csv::Reader::from_path(&whose.file).map_err(read)?;
        let header = rows.headers().map_err(read)?.clone();
        let column = header
            .iter()
            .position(|name| ["number", "case_no", "contact_no"].contains(&name.trim()))
            .ok_or("the list has no column `number`; name the column of case or contact numbers so")?;
        let mut numbers = Vec::new();
        for row in rows.records() {
            let row = row.map_err(read)?;
            numbers.push(row.get(column).unwrap_or_default().trim().to_owned());
        }
        let count = numbers.len();
        let found =
            database(&whose.place)?.read_now(move |reader| trace_list(reader, &numbers)).map_err(said)?;
        println!("{count} rows. An export's own order fits to 100 %, any other to about 50 %.");
        for (export, fit, by) in found.iter().take(5) {
            println!("{:>5.1} %  {export}  {by}", fit * 100.0);
        }
        Ok(())
    }
}

//! Does an acknowledged write outlive a killed process and a cut of the power? The real program under a mixed load over HTTP,
//! many times over; and writers that are known to lose, to prove that this would see it.
//!
//! ```text
//! crash [--engine sqlite|postgres] [--fault kill|cut] [--cycles N] [--seed S] [--bin PATH] [--room DIR] [--table FILE]
//! ```

mod control;
mod database;
mod dice;
mod era;
mod ground;
mod load;
mod program;
mod wire;

use control::Lost;
use database::Cluster;
use dice::Dice;
use era::{Era, Tally};
use ground::Ground;
use nix::sys::resource::{UsageWho, getrusage};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Kill,
    Cut,
}

/// A database lives through so many faults; the next has one of its own. Longer lives find more and cost more to read through.
const LIFE: u64 = 25;
const CONTROLS: u64 = 5;

struct Wanted {
    engines: Vec<String>,
    faults: Vec<Fault>,
    cycles: Option<u64>,
    seed: u64,
    binary: PathBuf,
    room: PathBuf,
    table: Option<PathBuf>,
}

fn wanted() -> Result<Wanted, String> {
    let mut wanted = Wanted {
        engines: vec!["sqlite".to_owned(), "postgres".to_owned()],
        faults: vec![Fault::Kill, Fault::Cut],
        cycles: None,
        seed: 20_221_126,
        binary: PathBuf::from("target/debug/quell"),
        room: PathBuf::from("target/crash"),
        table: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--engine" => wanted.engines = vec![value()?],
            "--fault" => {
                wanted.faults = match value()?.as_str() {
                    "kill" => vec![Fault::Kill],
                    "cut" => vec![Fault::Cut],
                    other => return Err(format!("there is no fault `{other}`; use kill or cut")),
                };
            }
            "--cycles" => wanted.cycles = Some(value()?.parse().map_err(|_| "--cycles needs a number")?),
            "--seed" => wanted.seed = value()?.parse().map_err(|_| "--seed needs a number")?,
            "--bin" => wanted.binary = value()?.into(),
            "--room" => wanted.room = value()?.into(),
            "--table" => wanted.table = Some(value()?.into()),
            other => return Err(format!("`{other}` is not known; see the head of tests/crash/src/main.rs")),
        }
    }
    Ok(wanted)
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some("write-early") {
        let file = words.next().unwrap_or_default();
        return if control::write_early(Path::new(&file)).is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    match wanted().and_then(|wanted| run(&wanted)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("crash: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &Wanted) -> Result<bool, String> {
    let room = wanted.room.join(format!("{}", std::process::id()));
    std::fs::create_dir_all(&room).map_err(|fault| fault.to_string())?;
    let room = room.canonicalize().map_err(|fault| fault.to_string())?;
    let mut good = true;
    for fault in &wanted.faults {
        if *fault == Fault::Cut
            && let Some(why) = Ground::no_power_cuts(&room)
        {
            println!("skipped: power cuts: {why}");
            continue;
        }
        for engine in &wanted.engines {
            let postgres = match engine.as_str() {
                "sqlite" => None,
                "postgres" => match Cluster::programs() {
                    Ok(programs) => Some(programs),
                    Err(why) => {
                        println!("skipped: PostgreSQL: {why}");
                        continue;
                    }
                },
                other => return Err(format!("there is no engine `{other}`; use sqlite or postgres")),
            };
            good &= one(wanted, &room, engine, *fault, postgres.as_deref())?;
        }
    }
    let _ = std::fs::remove_dir_all(&room);
    Ok(good)
}

fn one(
    wanted: &Wanted,
    room: &Path,
    engine: &str,
    fault: Fault,
    postgres: Option<&Path>,
) -> Result<bool, String> {
    let what = if fault == Fault::Kill { "killed" } else { "power cut" };
    let cycles = wanted.cycles.unwrap_or(if fault == Fault::Kill { 10 } else { 3 });
    let mut dice = Dice::of(wanted.seed);
    let (mut tally, since, cpu) = (Tally::default(), Instant::now(), cpu_seconds());
    let era = Era { binary: &wanted.binary, fault, postgres };
    while tally.cycles < cycles {
        era.run(room, LIFE.min(cycles - tally.cycles), &mut dice, &mut tally)?;
        if cycles > LIFE {
            println!("  {engine} {what}: {} of {cycles}, {} lost", tally.cycles, tally.lost);
        }
    }
    let good = tally.lost + tally.broken + tally.refused == 0 && tally.acknowledged >= tally.cycles;
    let row = format!(
        "{engine:<9} {what:<10} {:>6} cycles, {} with loss; {} writes and {} imported rows acknowledged, {} lost; {} unanswered, \
         {} while the power went, {} sent again; {} journals or tables broken, {} refused; seed {}, {:.0} s, {:.0} s of CPU",
        tally.cycles,
        tally.cycles_with_loss,
        tally.acknowledged,
        tally.imported_rows,
        tally.lost,
        tally.unanswered,
        tally.late,
        tally.sent_again,
        tally.broken,
        tally.refused,
        wanted.seed,
        since.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
    );
    say(wanted, &row)?;
    let proved = controls(wanted, room, engine, fault, postgres, &mut dice)?;
    Ok(good && proved)
}

/// Known to lose, each run: true when it was seen.
fn controls(
    wanted: &Wanted,
    room: &Path,
    engine: &str,
    fault: Fault,
    postgres: Option<&Path>,
    dice: &mut Dice,
) -> Result<bool, String> {
    let rows: Vec<(&str, Lost)> = match (fault, postgres) {
        (Fault::Kill, None) => {
            vec![("acknowledging before the commit", control::early_killed(room, CONTROLS, dice)?)]
        }
        (Fault::Cut, None) => vec![
            ("synchronous=NORMAL", control::sqlite_cut(room, "NORMAL", CONTROLS, dice)?),
            ("synchronous=OFF", control::sqlite_cut(room, "OFF", CONTROLS, dice)?),
        ],
        (_, Some(programs)) => {
            let cut = fault == Fault::Cut;
            vec![("synchronous_commit=off", control::postgres_off(programs, room, cut, CONTROLS, dice)?)]
        }
    };
    let mut proved = true;
    for (name, lost) in rows {
        let what = if fault == Fault::Kill { "killed" } else { "power cut" };
        let seen = if lost.lost > 0 { "as it must" } else { "IT MUST LOSE, so this harness proves nothing" };
        proved &= lost.lost > 0;
        say(
            wanted,
            &format!(
                "{engine:<9} {what:<10} {:>6} cycles of {name}: {} of {} acknowledged writes lost, {seen}",
                lost.cycles, lost.lost, lost.acknowledged
            ),
        )?;
    }
    Ok(proved)
}

fn say(wanted: &Wanted, row: &str) -> Result<(), String> {
    println!("{row}");
    let Some(table) = &wanted.table else { return Ok(()) };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(table);
    file.and_then(|mut file| writeln!(file, "{row}")).map_err(|fault| fault.to_string())
}

/// Of this process and of all that it has waited for.
fn cpu_seconds() -> f64 {
    let seconds = |who| {
        getrusage(who).map_or(0.0, |usage| {
            let part = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
            part(usage.user_time()) + part(usage.system_time())
        })
    };
    seconds(UsageWho::RUSAGE_SELF) + seconds(UsageWho::RUSAGE_CHILDREN)
}

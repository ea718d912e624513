//! Who shared a place and a time with a thousand case visits among ten million visits, beside DuckDB in the same run; by
//! coordinates; and whom a case reaches in two steps among twenty million dated contacts.

use base::{Day, Streams};
use statistics_bench::{Target, Times, cpu_seconds, least_cpu_seconds, tell};
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;
use trace::overlap::{
    CaseVisit, Exposure, GapRule, Looking, Minute, NearIndex, Position, Spread, Stay, VisitIndex,
    shared_stays,
};
use trace::{DatedContact, DatedContacts, Reachable};

const VISITS: u64 = 10_000_000;
const CASES: u64 = 1_000;
const PLACES: u64 = 5_000;
const GAP_MINUTES: u32 = 30;
/// Two weeks, and stays of 5 minutes to 4 hours.
const MINUTES: u64 = 20_160;
const START: u32 = 27_000_000;

fn main() {
    by_place();
    by_distance();
    two_steps();
}

/// The same sums stand in peers/overlap.py.
fn stay(number: u64) -> Stay {
    let earliest = number * 40_503 % MINUTES;
    Stay {
        subject: number as u32,
        place: ((number * 2_654_435_761 / 128) % PLACES) as u32,
        earliest: Minute(START + earliest as u32),
        latest: Minute(START + (earliest + 5 + number * 97 % 236) as u32),
        began_spread: Spread::NONE,
        ended_spread: Spread::NONE,
    }
}

fn by_place() {
    let (index, loading) = cpu_seconds(|| VisitIndex::of((0..VISITS).map(stay).collect()));
    let each = index.bytes() as f64 / index.len() as f64;
    tell("overlap, 10 M visits at 5,000 places", each, "bytes a visit", Target::Below(16.0), "");
    let cases: Vec<CaseVisit> =
        (VISITS..VISITS + CASES).map(|number| CaseVisit { stay: stay(number), onset: None }).collect();
    let (found, took) = least_cpu_seconds(9, || {
        shared_stays(black_box(&index), &cases, &GapRule::Everywhere(GAP_MINUTES), Looking::Onward)
    });
    let beside = format!("{} exposures; loading took {loading:.1} CPU-s", found.len());
    tell("overlap with 1,000 case visits", took, "CPU-s", Target::Below(0.01), &beside);
    beside_duckdb(&found, took, index.bytes());
}

fn beside_duckdb(found: &[Exposure], took: f64, bytes: usize) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/overlap.py");
    let said = Command::new("python3").arg(script).output().ok().filter(|output| output.status.success());
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let Some(said) = said else {
        println!("nothing to compare with: python3 has no duckdb; `pip install duckdb` brings it");
        return;
    };
    let words: Vec<&str> = said.split_whitespace().collect();
    let [version, exposures, minutes, loaded, clustered, megabytes] = words[..] else {
        println!("DuckDB said something else: {said}");
        return;
    };
    let together: u64 = found.iter().map(|exposure| u64::from(exposure.at_most_minutes)).sum();
    let same = exposures == found.len().to_string() && minutes == together.to_string();
    if !same {
        println!("DuckDB finds {exposures} exposures of {minutes} minutes, we {} of {together}", found.len());
        std::process::exit(1);
    }
    for (how, theirs) in [("as loaded", loaded), ("clustered by place and time", clustered)] {
        let theirs: f64 = theirs.parse().unwrap_or(f64::NAN);
        let beside = format!(
            "{took:.4} s against {theirs:.3} s of DuckDB {version}, the same {exposures} exposures; {} MB against {megabytes} MB of \
             its process",
            bytes >> 20
        );
        tell(
            &format!("overlap beside DuckDB, {how}"),
            theirs / took,
            "times less processor time",
            Target::Above(1.0),
            &beside,
        );
    }
}

/// Ten million stays over a city of forty kilometres, ever denser towards its middle.
fn by_distance() {
    let mut chance = Streams::seeded(6).of("city");
    let mut around = |middle: f64, span: f64| {
        middle + (chance.share() + chance.share() + chance.share() - 1.5) / 1.5 * span
    };
    let mut somewhere = |number: u64| {
        let position = Position { lat: around(37.87, 0.18), lon: around(112.55, 0.23) };
        (Stay { latest: Minute(stay(number).earliest.0 + 60), ..stay(number) }, position)
    };
    let stays: Vec<(Stay, Position)> = (0..VISITS).map(&mut somewhere).collect();
    let cases: Vec<(CaseVisit, Position)> = (VISITS..VISITS + CASES)
        .map(|number| {
            let (stay, position) = somewhere(number);
            (CaseVisit { stay, onset: None }, position)
        })
        .collect();
    let began = Instant::now();
    let (index, loading) = cpu_seconds(|| NearIndex::of(stays, 100.0));
    let (near, asking) = cpu_seconds(|| index.near(&cases, 100.0, 0, Looking::Onward));
    let beside = format!("{loading:.2} CPU-s to load, {asking:.4} to ask; {} exposures", near.len());
    let seconds = began.elapsed().as_secs_f64();
    tell("10 M stays with coordinates, 100 m and the same hour", seconds, "s", Target::Below(10.0), &beside);
}

fn two_steps() {
    for (how, power) in [("everybody alike", 1.0), ("unevenly", 1.3)] {
        two_steps_among(how, power);
    }
}

/// Two million people over sixty days; with a power above 1 the first numbers meet more people than the last.
fn two_steps_among(how: &str, power: f64) {
    const PEOPLE: f64 = 2_000_000.0;
    let mut chance = Streams::seeded(6).of("contacts");
    let first = Day::of(2022, 1, 1).expect("New Year's Day");
    let mut person = || (chance.share().powf(power) * PEOPLE) as u32;
    let pairs: Vec<(u32, u32)> = (0..20_000_000).map(|_| (person(), person())).collect();
    let mut chance = Streams::seeded(6).of("days");
    let met: Vec<DatedContact> =
        pairs.into_iter().map(|(a, b)| DatedContact { a, b, day: first + chance.below(60) as i32 }).collect();
    let cases: Vec<u32> = (0..20_000).map(|number| met[number * 997].a).collect();
    let ((contacts, _), loading) = cpu_seconds(|| DatedContacts::of(&met));
    drop(met);
    let rule =
        Reachable { from: first + 20, until: first + 34, second_until: first + 48, least_days_between: 0 };
    let (mut times, mut reached, mut most) = (Times::default(), 0, 0);
    for case in &cases {
        let began = Instant::now();
        let found = black_box(contacts.two_steps(*case, &rule)).len();
        times.add(began.elapsed());
        (reached, most) = (reached + found, most.max(found));
    }
    let beside = format!(
        "{how}; p50 {:.4} ms; {} people reached on average, {most} at most; {} MB; loading took {loading:.1} CPU-s",
        times.within_ms(0.5),
        reached / cases.len(),
        contacts.bytes() >> 20
    );
    tell(
        "two steps among 20 M dated contacts, p99",
        times.within_ms(0.99),
        "ms",
        Target::Below(0.3),
        &beside,
    );
}

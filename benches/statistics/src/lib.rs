//! What the benches of the statistics share: inputs and outputs of the programs we are compared with, and processor time.
//!
//! The inputs lie beside the repository (or where `QUELL_BENCH` says) and are no part of it. Deliberately absent: the wall
//! clock. The machines that measured the others were busy, and so may this one be.

pub use figure::{Target, Times, ratio, tell};

use nix::time::{ClockId, clock_gettime};
use std::io::Read;
use std::path::{Path, PathBuf};
use surveillance::Series;

/// A benchmark that cannot go on says why and ends.
pub fn or_stop<T, E: std::fmt::Display>(result: Result<T, E>, doing: &str) -> T {
    result.unwrap_or_else(|fault| {
        eprintln!("{doing}: {fault}");
        std::process::exit(1)
    })
}

/// Where a file of the comparison lies. Without the folder there is nothing to compare with, and the bench ends quietly.
pub fn input(file: &str) -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/bench");
    let folder = std::env::var_os("QUELL_BENCH").map_or_else(beside, PathBuf::from);
    if !folder.exists() {
        println!(
            "nothing to compare with: {} does not exist; QUELL_BENCH names another folder",
            folder.display()
        );
        std::process::exit(0);
    }
    folder.join(file)
}

/// The text of a file, unpacked when its name ends in `.gz`.
pub fn text(file: &str) -> String {
    let path = input(file);
    let packed = or_stop(std::fs::read(&path), &format!("reading {}", path.display()));
    let mut text = String::new();
    let read = if file.ends_with(".gz") {
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text)
    } else {
        packed.as_slice().read_to_string(&mut text)
    };
    or_stop(read, &format!("unpacking {}", path.display()));
    text
}

/// A CSV by columns, in the order of the file.
pub struct Columns {
    pub names: Vec<String>,
    cells: Vec<Vec<String>>,
}

impl Columns {
    pub fn read(file: &str) -> Columns {
        let text = text(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names: Vec<String> =
            or_stop(reader.headers(), file).iter().map(std::borrow::ToOwned::to_owned).collect();
        let mut cells = vec![Vec::new(); names.len()];
        for record in reader.records() {
            for (cell, column) in or_stop(record, file).iter().zip(&mut cells) {
                column.push(cell.to_owned());
            }
        }
        Columns { names, cells }
    }

    pub fn words(&self, name: &str) -> &[String] {
        let place = self.names.iter().position(|column| column == name);
        &self.cells[or_stop(place.ok_or("there is no such column"), name)]
    }

    /// Every column but the number of the step, as a series.
    pub fn series(&self, per_year: usize) -> Vec<Series> {
        let names = self.names.iter().filter(|name| *name != "t");
        names.map(|name| Series::of(name, self.numbers(name), per_year)).collect()
    }

    /// `NA` is NaN, here where files of others are read.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        self.words(name).iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
    }
}

/// Processor seconds of the whole program, all threads together, that `work` took.
pub fn cpu_seconds<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let now = || {
        let time = or_stop(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID), "asking for the processor time");
        time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9
    };
    let before = now();
    let out = work();
    (out, now() - before)
}

/// The least of `runs`: what the work takes when nothing disturbs it.
pub fn least_cpu_seconds<T>(runs: usize, mut work: impl FnMut() -> T) -> (T, f64) {
    let (mut out, mut least) = cpu_seconds(&mut work);
    for _ in 1..runs {
        let (again, took) = cpu_seconds(&mut work);
        if took < least {
            (out, least) = (again, took);
        }
    }
    (out, least)
}

/// How many times less processor time than another program, whose seconds were measured on two busy cores of the same kind.
pub fn against(what: &str, ours: f64, peer: &str, theirs: f64, times_less: f64) {
    let beside = format!("{ours:.4} s against {theirs} s of {peer}");
    tell(what, theirs / ours, "times less processor time", Target::Above(times_less), &beside);
}

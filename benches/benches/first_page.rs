//! From the built binary to the first page, on an empty folder: the database made, the server up, `GET /` answered.

use benches::{Program, Room, Target, Times, Visitor, or_stop, ratio, tell};
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 5;

fn main() {
    let binary = Program::binary();
    let (mut pages, mut starts) = (Times::default(), Times::default());
    for _ in 0..RUNS {
        let room = Room::new("first-page");
        let begun = Instant::now();
        let program = Program::serve(&binary, &["--data", &room.path().to_string_lossy()]);
        let mut visitor = or_stop(Visitor::new(&program.address), "connecting");
        let answer = or_stop(visitor.get("/"), "the first page");
        pages.add(begun.elapsed());
        assert_eq!(answer.status, 200, "the first page is served");
        // What any process costs here: the same binary saying its version.
        let begun = Instant::now();
        let version = Command::new(&binary).arg("--version").stdout(Stdio::null()).status();
        assert!(or_stop(version, "quell --version").success());
        starts.add(begun.elapsed());
    }
    let (page, start) = (pages.within_ms(0.5) / 1_000.0, starts.within_ms(0.5) / 1_000.0);
    let beside = ratio(page, start, "quell --version", "s");
    tell("built binary to first page, median of 5", page, "s", Target::Below(2.0), &beside);
}

//! What the benchmarks share: the real program as a process, a visitor over plain HTTP, invented people, and how a figure
//! is printed. A benchmark prints and never fails on a slow machine; what must hold everywhere is a test elsewhere.

mod loaded;
mod people;
mod program;
mod visitor;

pub use figure::{Target, Times, ratio, tell};
pub use loaded::{Loaded, PASSWORD};
pub use people::{CASE_COLUMNS, Invented, case_rows, report};
pub use program::{Program, Room, target_folder};
pub use visitor::{Answer, Visitor};

/// A benchmark that cannot go on says why and ends. By a panic: so the program it started is stopped and its folder goes away.
pub fn or_stop<T, E: std::fmt::Display>(result: Result<T, E>, doing: &str) -> T {
    result.unwrap_or_else(|fault| panic!("{doing}: {fault}"))
}

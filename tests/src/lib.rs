//! A town to play scenes in: the real rooms over a throwaway database of either engine, and people who sign in as people
//! do. It decides nothing about Quell; what a scene expects stands in the scene.

mod answer;
mod authenticator;
mod deeds;
mod double;
mod golden;
mod person;
mod sources;
mod throwaway;
mod town;
mod traces;
mod ways;

pub use answer::Answer;
pub use authenticator::Authenticator;
pub use deeds::{Known, covid_case, fresh, supper};
pub use double::{Double, Lie};
pub use golden::golden;
pub use person::Person;
pub use sources::source_files;
pub use throwaway::{Engine, Throwaway};
pub use town::{JINZHONG, SHANXI, TAIGU, Town, XIAODIAN, YUCI, run, run_on};
pub use traces::Traces;
pub use ways::HERE;

/// Plays each named scene on both engines, as two tests: `a_scene::on_sqlite` and `a_scene::on_postgres`.
///
/// The scenes stay ordinary functions beside this list, so that they are formatted and checked like any other code; one
/// that is missing from the list is dead code, which the lints refuse.
#[macro_export]
macro_rules! both {
    ($($scene:ident),+ $(,)?) => { $(
        mod $scene {
            #[test]
            fn on_sqlite() {
                $crate::run($crate::Engine::Sqlite, super::$scene);
            }
            #[test]
            fn on_postgres() {
                $crate::run($crate::Engine::Postgres, super::$scene);
            }
        }
    )+ };
}

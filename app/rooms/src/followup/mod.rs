//! Follow-up: people on pathways, from the day they are known to the day somebody lets them go.
//!
//! Deliberately absent: what an edition asks, what a missed item does and who may go; that is `pure/followup`.

pub mod changes;
mod clock;
mod course;
mod forget;
pub mod http;
mod missed;
mod plans;
pub mod views;

pub use clock::{keep_follow_up, turn_now};
pub(crate) use course::move_course;
pub(crate) use forget::forget_followed;

use base::Named;

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => { $(
        $(#[$doc])*
        pub struct $name;
        impl Named for $name {
            const PREFIX: &'static str = $prefix;
        }
    )+ };
}
named! {
    /// One person on a pathway.
    Course = "course",
    /// One look at somebody followed.
    Check = "check",
    Test = "test",
    /// Somebody followed goes from one place to another.
    Move = "move",
}

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

cases::words! {
    /// A sign of illness as it is ticked.
    Sign, "sign of illness" {
        Fever = "fever",
        Cough = "cough",
        SoreThroat = "sore_throat",
        Breathless = "breathless",
        Fatigue = "fatigue",
        Headache = "headache",
        SmellTaste = "smell_taste",
        Diarrhoea = "diarrhoea",
        Vomiting = "vomiting",
        Rash = "rash",
        Bleeding = "bleeding",
        Other = "other_sign",
    }
}

cases::words! {
    /// How a course ended.
    EndedAs, "end of a course" {
        /// Every phase was released.
        Released = "released",
        BecameCase = "became_case",
        Died = "died",
        /// Given to another department, which follows them.
        MovedAway = "moved_away",
        /// Put on the pathway by mistake.
        Mistaken = "mistaken",
        /// The edition that took over follows nobody of this category.
        NoLonger = "no_longer",
    }
}

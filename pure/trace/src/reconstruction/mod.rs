//! Who infected whom, from days, contacts, genetic distances and named sources: a sample of ancestries, each as frequent as
//! it is probable.
//!
//! Deliberately absent: deciding. A link with 90 % support is wrong once in ten times; a person confirms it.
//!
//! # Source
//! The likelihood is that of outbreaker2 (`likelihood.rs`). What is ours: introductions and offspring are part of the model
//! (`forest.rs`), an ancestor, its generations and the day of infection are drawn together from their exact distribution
//! (`draw.rs`), and several independent chains show whether they agree.

mod calibration;
mod chain;
mod delays;
mod draw;
mod evidence;
#[cfg(test)]
mod exact;
mod first_guess;
mod forest;
mod from_priors;
mod introduced;
mod likelihood;
mod model;
mod outliers;
mod posterior;
mod priors;
mod questions;
mod rates;
mod sample;
mod trial;
mod turn;

pub use calibration::{Placed, placed};
pub use delays::DelayDays;
pub use evidence::{Contacts, Distances, Evidence, NamedSource, ReconstructionError};
pub use from_priors::{OutbreakOfPriors, PriorDesign, Sequencing, outbreak_of_priors};
pub use likelihood::{Ancestry, LogLikelihood, Rates};
pub use model::{Compatibility, Model, Situation};
pub use posterior::{Link, Measure, Person, Posterior, Week};
pub use questions::{Asking, Question, Reliability, Worth, open_questions, rank_questions};
pub use sample::{Draw, Run, Sample, sample};
pub use trial::{Trial, trial};

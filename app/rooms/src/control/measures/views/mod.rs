//! What is read of measures.

mod list;
mod pack;
mod page;
mod preview;
mod public;
mod told;

pub use list::{MeasuresAsked, measures};
pub use pack::pack;
pub use page::measure_page;
pub use preview::{PreviewForm, preview};
pub use public::public_measures;

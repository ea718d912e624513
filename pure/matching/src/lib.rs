//! Are these two records one person? Marks worth looking for, a score in bits, and the reasons in closed words.
//!
//! Deliberately absent: who may ask, where marks are kept (app/rooms), and any decision: a person takes that.

mod born;
mod names;
mod numbers;
mod score;
mod shown;
mod weights;

pub use born::Born;
pub use numbers::{Number, phones};
pub use score::{Compared, Reason, Verdict, compare};
pub use shown::{Kind, shown};
pub use weights::Agreement;

use base::Territory;
use cases::Sex;

/// What is known about somebody when records are compared. What is not known counts neither way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    pub name: Option<String>,
    pub id_number: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub sex: Option<Sex>,
    pub born: Option<Born>,
    pub territory: Option<Territory>,
}

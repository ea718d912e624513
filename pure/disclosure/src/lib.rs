//! Small counts: "three cases in a village" names three people. What leaves the working team is told in bands, and what
//! would be small is withheld, together with whatever else would let it be calculated. Deliberately absent: noise. A
//! band is true and the same every time it is asked for, so asking twice gains nothing.

mod attack;
mod suppressed;
mod table;

pub use attack::{Bounds, bounds};
pub use suppressed::{Policy, Suppressed};
pub use table::{Cell, Table, Told};

//! A figure that is known between two ends.

use packs::Prior;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Between {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Between {
    pub const NOTHING: Between = Between { value: 0.0, low: 0.0, high: 0.0 };

    /// Ends with ends and middle with middle, for what grows with both: no narrower than the truth, whatever depends on what.
    pub fn times(self, other: Between) -> Between {
        Between { value: self.value * other.value, low: self.low * other.low, high: self.high * other.high }
    }

    pub fn plus(self, other: Between) -> Between {
        Between { value: self.value + other.value, low: self.low + other.low, high: self.high + other.high }
    }

    pub fn scaled(self, by: f64) -> Between {
        Between { value: self.value * by, low: self.low * by, high: self.high * by }
    }
}

impl From<&Prior> for Between {
    fn from(prior: &Prior) -> Between {
        Between { value: prior.value, low: prior.low, high: prior.high }
    }
}

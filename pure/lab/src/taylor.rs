//! A number with its first and second derivative, so that slopes in the prevalence are exact.

use std::ops::{Add, Mul};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Taylor {
    pub value: f64,
    pub slope: f64,
    pub bend: f64,
}

impl Taylor {
    pub fn constant(value: f64) -> Taylor {
        Taylor { value, slope: 0.0, bend: 0.0 }
    }
}

impl Add for Taylor {
    type Output = Taylor;
    fn add(self, other: Taylor) -> Taylor {
        Taylor {
            value: self.value + other.value,
            slope: self.slope + other.slope,
            bend: self.bend + other.bend,
        }
    }
}

impl Mul for Taylor {
    type Output = Taylor;
    fn mul(self, other: Taylor) -> Taylor {
        Taylor {
            value: self.value * other.value,
            slope: self.slope * other.value + self.value * other.slope,
            bend: self.bend * other.value + 2.0 * self.slope * other.slope + self.value * other.bend,
        }
    }
}

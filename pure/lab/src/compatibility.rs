//! Whose numbers are given: the right ones, or those of a program people compare with.

/// A fault of another program is repeated only when its name is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compatibility {
    /// What the papers say.
    #[default]
    None,
    /// R package binGroup2 1.3. Tests of a square with a master pool: the tests of a whole square are added to terms for one
    /// person, and the sum is divided by the people. Blaker's interval: found in steps of 0.0001 of the share of positive pools, so
    /// that it is up to a step too wide.
    BinGroup2_1_3,
}

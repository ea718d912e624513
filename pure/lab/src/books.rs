//! What a campaign wrote down of its tubes, stage by stage, in records small enough for a city's day in memory.
//!
//! Every number is a place in the caller's own list of tubes, sites, batches, laboratories or runs, from 0 and without gaps: what
//! is said of one tube is then found without searching, which is what lets two million be compared in a second.

use base::Moment;

#[derive(Debug, Clone, Copy, Default)]
pub struct Books<'a> {
    /// How many there are of each; a record that names more is a fault of the caller.
    pub tubes: u32,
    pub sites: u32,
    /// A batch is the box of tubes that is handed over together.
    pub batches: u32,
    pub labs: u32,
    pub runs: u32,
    pub registered: &'a [Registered],
    pub boxed: &'a [Boxed],
    pub handed_over: &'a [HandedOver],
    pub received: &'a [Received],
    pub read: &'a [RunRead],
    pub plated: &'a [Plated],
    pub reported: &'a [Reported],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    pub tube: u32,
    pub site: u32,
    /// How many the tube was made for.
    pub size: u8,
    pub people: u8,
    /// The last swab.
    pub sampled: Moment,
}

/// A tube was scanned into a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boxed {
    pub tube: u32,
    pub batch: u32,
    pub at: Moment,
}

/// A batch was handed over, and so many tubes were counted in it. It may change hands more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedOver {
    pub batch: u32,
    pub site: Option<u32>,
    pub lab: Option<u32>,
    pub told: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub tube: u32,
    /// The batch it lay in; absent for a tube that came by itself.
    pub batch: Option<u32>,
    pub lab: u32,
    pub at: Moment,
    pub rejected: bool,
}

/// What the instrument and the laboratory say of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRead {
    pub run: u32,
    pub lab: u32,
    /// When its last well was called; absent while one is not.
    pub called: Option<Moment>,
    /// Wells with samples that the instrument measured, without controls; absent before its file is imported.
    pub wells_read: Option<u32>,
}

/// A tube stands in a well, by the plate map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plated {
    pub tube: u32,
    pub run: u32,
    pub well: u16,
    /// Given up for a repeat on another plate.
    pub void: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    pub tube: u32,
    pub lab: u32,
    pub run: Option<u32>,
    pub well: Option<u16>,
    pub at: Moment,
    /// Withdrawn, with another in its place.
    pub void: bool,
}

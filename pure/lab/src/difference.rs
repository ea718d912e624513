//! What does not agree between two stages of a tube's way, each by one of six names.

use cases::words;

words! {
    Discrepancy, "discrepancy" {
        /// Material of more than one tube, or of more people than the tube is made for, in one result.
        OverPooled = "over_pooled",
        /// It went in at one stage and did not come out at the next in time.
        Lost = "lost",
        /// It came out where nothing went in.
        Unregistered = "unregistered",
        /// A result of what was not measured, or not yet.
        ReportedUnrun = "reported_unrun",
        /// One tube where there can be only one, twice.
        Double = "double",
        /// A tube, a box or a result is taken for another.
        Swapped = "swapped",
    }
}

/// One difference and where it was seen. The tubes are places in the caller's list, in rising order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    pub how: How,
    pub tubes: Vec<u32>,
    pub site: Option<u32>,
    pub batch: Option<u32>,
    pub lab: Option<u32>,
    pub run: Option<u32>,
}

/// How it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum How {
    TooManyPeople {
        people: u8,
        size: u8,
    },
    /// The plate map puts several tubes into one well.
    SharedWell {
        well: u16,
    },
    /// Tubes that stand in no well were given the result of one that does.
    SharedResult {
        well: u16,
    },
    /// The instrument measured fewer wells than the map has tubes in: they were mixed on the way.
    FewerWells {
        mapped: u32,
        measured: u32,
    },

    NeverReceived,
    /// The count at hand-over already said so.
    MissingAtHandOver {
        boxed: u32,
        told: u32,
    },
    /// Received, and in no well in time.
    NeverRun,
    /// In a well, and no result in time.
    NeverReported,

    ReceivedUnregistered,
    ReportedUnregistered,
    /// In a well without having been received.
    PlatedUnreceived,

    /// A result without a run, or of a run nobody knows.
    NoRun,
    /// The run has no such well with a tube in it.
    NoWell,
    RunNotCalled,
    BeforeCall,
    /// The tube was rejected, and has a result.
    RejectedReported,

    /// At two sites: a label printed twice.
    TwoRegistrations,
    TwoBatches,
    /// At two laboratories.
    TwoReceipts,
    TwoWells,
    TwoResults,

    /// The well of this result holds another tube.
    OtherTubesWell {
        well: u16,
        holds: u32,
    },
    /// Counts of one box that nothing explains.
    BatchCount {
        boxed: u32,
        told: u32,
        received: u32,
    },
    /// It came out of another box than it was put into.
    OtherBatch {
        put_into: u32,
    },
    ReceivedBeforeSampling,
    ReportedBeforeSampling,
    ReportedBeforeReceipt,
}

impl How {
    pub fn kind(self) -> Discrepancy {
        match self {
            How::TooManyPeople { .. }
            | How::SharedWell { .. }
            | How::SharedResult { .. }
            | How::FewerWells { .. } => Discrepancy::OverPooled,
            How::NeverReceived | How::MissingAtHandOver { .. } | How::NeverRun | How::NeverReported => {
                Discrepancy::Lost
            }
            How::ReceivedUnregistered | How::ReportedUnregistered | How::PlatedUnreceived => {
                Discrepancy::Unregistered
            }
            How::NoRun | How::NoWell | How::RunNotCalled | How::BeforeCall | How::RejectedReported => {
                Discrepancy::ReportedUnrun
            }
            How::TwoRegistrations | How::TwoBatches | How::TwoReceipts | How::TwoWells | How::TwoResults => {
                Discrepancy::Double
            }
            How::OtherTubesWell { .. }
            | How::BatchCount { .. }
            | How::OtherBatch { .. }
            | How::ReceivedBeforeSampling
            | How::ReportedBeforeSampling
            | How::ReportedBeforeReceipt => Discrepancy::Swapped,
        }
    }
}

impl Difference {
    pub fn kind(&self) -> Discrepancy {
        self.how.kind()
    }
}

//! A tube on its way: its barcode, what is in it, how many it was made for, and which step may follow which.
//!
//! Deliberately absent: who did the step and when; that is written where it happens. Two registrations of one tube are in
//! `registration`.

use cases::words;
use std::fmt;
use std::str::FromStr;

/// The text under the bars of a tube or a box.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Barcode(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    #[error("a barcode of {0} characters; scan it again, or type the 4 to 32 characters under the bars")]
    Length(usize),
    #[error("`{letter}` at place {place} stands in no barcode; type A to Z, 0 to 9 and - as printed")]
    Letter { letter: char, place: usize },
}

impl Barcode {
    /// As typed or scanned: small letters, the wide letters of a Chinese keyboard and the line end a scanner sends mean the same
    /// tube. Anything else is refused rather than dropped, since a dropped character is another tube.
    ///
    /// # Errors
    /// Not 4 to 32 of A-Z, 0-9 and -: what Code 39 and Code 128 print alike.
    pub fn typed(text: &str) -> Result<Barcode, BarcodeError> {
        let narrow = |letter: char| match letter {
            // Wide forms stand 0xFEE0 above the narrow ones.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            other => other,
        };
        text.trim().chars().map(|letter| narrow(letter).to_ascii_uppercase()).collect::<String>().parse()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Barcode {
    type Err = BarcodeError;
    fn from_str(text: &str) -> Result<Barcode, BarcodeError> {
        let odd = |letter: &char| !matches!(letter, 'A'..='Z' | '0'..='9' | '-');
        if let Some((at, letter)) = text.chars().enumerate().find(|(_, letter)| odd(letter)) {
            return Err(BarcodeError::Letter { letter, place: at + 1 });
        }
        match text.len() {
            4..=32 => Ok(Barcode(text.to_owned())),
            other => Err(BarcodeError::Length(other)),
        }
    }
}

impl fmt::Display for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Barcode {
    type Error = BarcodeError;
    fn try_from(text: String) -> Result<Barcode, BarcodeError> {
        text.parse()
    }
}

impl From<Barcode> for String {
    fn from(barcode: Barcode) -> String {
        barcode.0
    }
}

words! {
    /// What a tube holds.
    TubeKind, "kind of tube" {
        People = "people",
        Goods = "goods",
        Surface = "surface",
        Wastewater = "wastewater",
    }
}

/// How many swabs a tube was made for.
///
/// # Source
/// Guides to mass testing (docs/sources.md#mass-testing): singly, 5 and 10 to one from 2021, 20 to one from 2022-01-18 in a tube
/// with more medium. No other size: a tube for ten that took eleven holds too little medium for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TubeSize(u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no tube is made for {0}; use one of 1, 5, 10 or 20")]
pub struct TubeSizeError(pub u8);

impl TubeSize {
    pub const ALL: [TubeSize; 4] = [TubeSize(1), TubeSize(5), TubeSize(10), TubeSize(20)];
    pub const ONE: TubeSize = TubeSize(1);

    /// # Errors
    /// Not 1, 5, 10 or 20.
    pub fn of(swabs: u8) -> Result<TubeSize, TubeSizeError> {
        TubeSize::ALL.into_iter().find(|size| size.0 == swabs).ok_or(TubeSizeError(swabs))
    }

    /// The smallest tube that takes so many; more than twenty go into no tube.
    pub fn that_takes(swabs: u32) -> Option<TubeSize> {
        TubeSize::ALL.into_iter().find(|size| u32::from(size.0) >= swabs)
    }

    pub fn swabs(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for TubeSize {
    type Error = TubeSizeError;
    fn try_from(swabs: u8) -> Result<TubeSize, TubeSizeError> {
        TubeSize::of(swabs)
    }
}

impl From<TubeSize> for u8 {
    fn from(size: TubeSize) -> u8 {
        size.0
    }
}

words! {
    TubeState, "state of a tube" {
        /// Swabs are put in.
        Open = "open",
        Closed = "closed",
        Boxed = "boxed",
        /// In the laboratory, whole and readable.
        Received = "received",
        /// In the laboratory, and not fit to be tested; its people are sampled again.
        Rejected = "rejected",
        /// Stands in one well of a plate.
        Plated = "plated",
        /// Its well has been called.
        Called = "called",
        Reported = "reported",
    }
}

/// Why a step may not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// It is there already: the same step sent twice.
    #[error("the tube is {0} already")]
    Already(TubeState),
    /// The step between has not been made.
    #[error("a tube that is {from} is not {to} before it is {missing}; make that step first")]
    Skipped { from: TubeState, to: TubeState, missing: TubeState },
    #[error("a tube that is {from} does not become {to} again; take a new tube")]
    Backwards { from: TubeState, to: TubeState },
    /// Nothing follows.
    #[error("a {0} tube has come to its end; what comes after is a new tube or a correction of its result")]
    Ended(TubeState),
}

impl TubeState {
    /// The tube after the step.
    ///
    /// What may not be skipped: nobody is reported before the well was called, nor called before the tube stood in one.
    /// What may: a tube comes to the laboratory by itself, without a box; or from a phone that is still without network, so that its
    /// closing is told later than its receipt. That it is there is stronger than what was told of it.
    /// What may go back: a tube taken out of a box before hand-over, off a plate before it was called, and onto a new plate to be
    /// read again.
    ///
    /// # Source
    /// Guides to mass testing (docs/sources.md#mass-testing); "all negative" reported before testing finished, 2021
    /// (docs/sources.md#laboratories-2022).
    ///
    /// # Errors
    /// Every other step, by name.
    pub fn step(self, to: TubeState) -> Result<TubeState, MoveRefused> {
        use TubeState::{Boxed, Called, Closed, Open, Plated, Received, Rejected, Reported};
        if self == to {
            return Err(MoveRefused::Already(to));
        }
        match (self, to) {
            (Open, Closed) | (Closed, Boxed) | (Boxed, Closed) => Ok(to),
            (Open | Closed | Boxed, Received | Rejected) => Ok(to),
            (Received, Rejected | Plated) => Ok(to),
            (Plated, Called | Received) => Ok(to),
            (Called, Reported | Plated) => Ok(to),
            (Rejected | Reported, _) => Err(MoveRefused::Ended(self)),
            _ => Err(match self.missing_before(to) {
                Some(missing) => MoveRefused::Skipped { from: self, to, missing },
                None => MoveRefused::Backwards { from: self, to },
            }),
        }
    }

    /// The first step that was left out on the way.
    fn missing_before(self, to: TubeState) -> Option<TubeState> {
        use TubeState::{Boxed, Called, Closed, Open, Plated, Received, Reported};
        match (self, to) {
            (Open, Boxed) => Some(Closed),
            (Open | Closed | Boxed, Plated | Called | Reported) => Some(Received),
            (Received, Called | Reported) => Some(Plated),
            (Plated, Reported) => Some(Called),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_barcode_is_what_is_printed_however_it_was_typed() {
        for typed in ["SX-0001234", " sx-0001234\r\n", "ＳＸ－０００１２３４"] {
            assert_eq!(Barcode::typed(typed).unwrap().as_str(), "SX-0001234");
        }
        for (typed, refusal) in [
            ("SX1", BarcodeError::Length(3)),
            ("", BarcodeError::Length(0)),
            ("SX 0001", BarcodeError::Letter { letter: ' ', place: 3 }),
            ("SX_0001", BarcodeError::Letter { letter: '_', place: 3 }),
            ("山西0001", BarcodeError::Letter { letter: '山', place: 1 }),
        ] {
            assert_eq!(Barcode::typed(typed), Err(refusal), "{typed}");
        }
        assert_eq!(Barcode::typed(&"A".repeat(33)), Err(BarcodeError::Length(33)));
        assert!("sx-0001234".parse::<Barcode>().is_err(), "what is kept is kept in one spelling");
    }

    #[test]
    fn tubes_are_made_in_four_sizes() {
        assert_eq!(TubeSize::of(10).unwrap().swabs(), 10);
        assert_eq!(TubeSize::of(11), Err(TubeSizeError(11)));
        let taken: Vec<Option<u8>> =
            [1, 2, 6, 11, 20, 21].map(|n| TubeSize::that_takes(n).map(TubeSize::swabs)).to_vec();
        assert_eq!(taken, [Some(1), Some(5), Some(10), Some(20), Some(20), None]);
    }

    #[test]
    fn a_tube_is_told_through_its_day() {
        use TubeState::*;
        let mut tube = Open;
        for to in [Closed, Boxed, Received, Plated, Called, Reported] {
            tube = tube.step(to).unwrap();
        }
        assert_eq!(tube.step(Plated), Err(MoveRefused::Ended(Reported)));
    }

    #[test]
    fn nobody_reports_what_was_not_called_nor_calls_what_stood_in_no_well() {
        use TubeState::*;
        for (from, to, missing) in [
            (Open, Boxed, Closed),
            (Boxed, Plated, Received),
            (Closed, Reported, Received),
            (Received, Called, Plated),
            (Received, Reported, Plated),
            (Plated, Reported, Called),
        ] {
            let refused = from.step(to).unwrap_err();
            assert_eq!(refused, MoveRefused::Skipped { from, to, missing });
            assert!(refused.to_string().contains("; make that step first"));
        }
        assert_eq!(Received.step(Open), Err(MoveRefused::Backwards { from: Received, to: Open }));
        assert_eq!(Closed.step(Closed), Err(MoveRefused::Already(Closed)));
        assert_eq!(Rejected.step(Received), Err(MoveRefused::Ended(Rejected)));
    }

    fn any_state() -> impl Strategy<Value = TubeState> {
        proptest::sample::select(TubeState::ALL.to_vec())
    }

    proptest! {
        /// Whatever is tried, in whatever order.
        #[test]
        fn every_reported_tube_was_received_plated_and_called(tried in proptest::collection::vec(any_state(), 0..60)) {
            let (mut tube, mut been) = (TubeState::Open, vec![TubeState::Open]);
            for to in tried {
                if let Ok(next) = tube.step(to) {
                    tube = next;
                    been.push(next);
                }
            }
            if tube == TubeState::Reported {
                let at = |state| been.iter().position(|one| *one == state);
                let ways = [TubeState::Received, TubeState::Plated, TubeState::Called, TubeState::Reported].map(at);
                prop_assert!(ways.iter().all(Option::is_some) && ways.is_sorted(), "{:?}", been);
            }
        }
    }
}

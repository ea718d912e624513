//! What follows from a result that a laboratory tells by message, beside what is known of its tube.
//!
//! A run of our own says how it was measured, well by well; a message only says that it was. So a message that does not even say
//! that decides nothing by itself: somebody has to give their word for it. The second reading is the sending laboratory's.

use crate::Call;
use base::Moment;
use cases::words;

words! {
    /// Where a told result stands. What waits is nobody's negative.
    ToldStanding, "standing of a told result" {
        /// It is the tube's result.
        Stands = "stands",
        /// It says what is known already.
        Same = "same",
        /// Nobody has registered its tube yet.
        Stray = "stray",
        /// It says something in a code that nobody has mapped.
        UnknownCode = "unknown_code",
        /// It does not say how and when it was measured, or was reported before.
        ReportedUnrun = "reported_unrun",
        /// It was measured before its tube was filled.
        BeforeSampling = "before_sampling",
        Preliminary = "preliminary",
        /// Its tube stands on a plate of ours: the two are compared when that run is reported.
        OnPlate = "on_plate",
        /// It says otherwise than what is known, and somebody has to settle it.
        Conflict = "conflict",
        /// Of another disease than its tube was filled for.
        OtherTest = "other_test",
        /// Of somebody who is in no tube.
        Outside = "outside",
        /// That person's case is known.
        Linked = "linked",
        Replaced = "replaced",
        Withdrawn = "withdrawn",
        /// Somebody settled that it does not count.
        Dropped = "dropped",
    }
}

impl ToldStanding {
    /// Somebody, or something that is still to come, has to decide about it.
    pub fn waits(self) -> bool {
        matches!(
            self,
            ToldStanding::Stray
                | ToldStanding::UnknownCode
                | ToldStanding::ReportedUnrun
                | ToldStanding::BeforeSampling
                | ToldStanding::Preliminary
                | ToldStanding::OnPlate
                | ToldStanding::Conflict
        )
    }

    /// It waits for the word of whoever manages laboratories.
    pub fn needs_a_word(self) -> bool {
        matches!(self, ToldStanding::ReportedUnrun | ToldStanding::BeforeSampling | ToldStanding::Conflict)
    }
}

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldResult {
    pub read: ToldRead,
    pub preliminary: bool,
    /// Every result it rests on names an instrument or a method.
    pub measured: bool,
    /// The earliest of the analyses it rests on; absent when one of them says none.
    pub analysed: Option<Moment>,
    pub collected: Option<Moment>,
    pub reported: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldRead {
    Call(Call),
    /// At least one code that would decide is not known.
    UnknownCode,
    OtherTest,
}

/// What is known of the tube.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldTube {
    /// Its first swab.
    pub sampled: Moment,
    pub rejected: bool,
    /// It stands on a plate whose run is not reported.
    pub on_plate: bool,
    pub result: Option<Call>,
}

/// Two clocks that are a little wrong are not a fault.
const CLOCK_MS: i64 = 10 * 60_000;

/// `word`: whoever manages laboratories says that it holds.
pub fn judge_told(told: &ToldResult, tube: Option<&ToldTube>, now: Moment, word: bool) -> ToldStanding {
    let Some(tube) = tube else { return ToldStanding::Stray };
    let call = match told.read {
        ToldRead::OtherTest => return ToldStanding::OtherTest,
        ToldRead::UnknownCode => return ToldStanding::UnknownCode,
        ToldRead::Call(call) => call,
    };
    if told.preliminary {
        return ToldStanding::Preliminary;
    }
    // Nobody's word is needed to believe that there is no result.
    if !word && call != Call::Invalid {
        let before = |one: Option<Moment>, two: Option<Moment>| matches!((one, two), (Some(one), Some(two)) if one.0 + CLOCK_MS < two.0);
        if before(told.analysed, Some(tube.sampled)) || before(told.analysed, told.collected) {
            return ToldStanding::BeforeSampling;
        }
        let ahead = before(Some(now), told.analysed);
        if !told.measured || told.analysed.is_none() || ahead || before(told.reported, told.analysed) {
            return ToldStanding::ReportedUnrun;
        }
    }
    if tube.on_plate {
        return ToldStanding::OnPlate;
    }
    match tube.result {
        Some(known) if known == call => ToldStanding::Same,
        Some(_) if !word => ToldStanding::Conflict,
        None if tube.rejected && !word => ToldStanding::Conflict,
        _ => ToldStanding::Stands,
    }
}

/// What several results of one report come to. A signal is never waited for beside a code nobody knows, a negative is.
pub fn read_together(each: impl IntoIterator<Item = Option<Call>>) -> Option<ToldRead> {
    let each: Vec<Option<Call>> = each.into_iter().collect();
    if each.is_empty() {
        return None;
    }
    let says = |call: Call| each.contains(&Some(call));
    let signal = [Call::Positive, Call::SingleTarget, Call::Grey].into_iter().find(|call| says(*call));
    Some(match signal {
        Some(call) => ToldRead::Call(call),
        None if each.contains(&None) => ToldRead::UnknownCode,
        None if says(Call::Invalid) => ToldRead::Call(Call::Invalid),
        None => ToldRead::Call(Call::Negative),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const NOW: Moment = Moment(100 * HOUR);

    fn told(call: Call) -> ToldResult {
        ToldResult {
            read: ToldRead::Call(call),
            preliminary: false,
            measured: true,
            analysed: Some(Moment(95 * HOUR)),
            collected: Some(Moment(90 * HOUR)),
            reported: Some(Moment(96 * HOUR)),
        }
    }

    fn tube() -> ToldTube {
        ToldTube { sampled: Moment(90 * HOUR), rejected: false, on_plate: false, result: None }
    }

    #[test]
    fn a_result_stands_only_when_it_says_how_and_when_it_was_measured() {
        use ToldStanding::*;
        let told = |change: &dyn Fn(&mut ToldResult)| {
            let mut one = told(Call::Negative);
            change(&mut one);
            judge_told(&one, Some(&tube()), NOW, false)
        };
        assert_eq!(told(&|_| ()), Stands);
        assert_eq!(told(&|one| one.measured = false), ReportedUnrun);
        assert_eq!(told(&|one| one.analysed = None), ReportedUnrun);
        assert_eq!(told(&|one| one.reported = Some(Moment(94 * HOUR))), ReportedUnrun);
        assert_eq!(told(&|one| one.analysed = Some(Moment(101 * HOUR))), ReportedUnrun);
        assert_eq!(told(&|one| one.analysed = Some(Moment(89 * HOUR))), BeforeSampling);
        assert_eq!(told(&|one| one.collected = Some(Moment(96 * HOUR))), BeforeSampling);
        assert_eq!(
            told(&|one| one.collected = Some(Moment(95 * HOUR + 60_000))),
            Stands,
            "a minute is a clock"
        );
        assert_eq!(told(&|one| one.preliminary = true), Preliminary);
        assert_eq!(told(&|one| one.read = ToldRead::UnknownCode), UnknownCode);
        let without = ToldResult { measured: false, analysed: None, ..self::told(Call::Invalid) };
        assert_eq!(judge_told(&without, Some(&tube()), NOW, false), Stands, "no result needs no instrument");
        assert_eq!(judge_told(&self::told(Call::Positive), None, NOW, true), Stray, "no word makes a tube");
    }

    #[test]
    fn what_is_known_already_is_the_same_or_a_conflict() {
        use ToldStanding::*;
        let negative = told(Call::Negative);
        let known = |result, on_plate, rejected| ToldTube { result, on_plate, rejected, ..tube() };
        let judged = |tube: ToldTube, word| judge_told(&negative, Some(&tube), NOW, word);
        assert_eq!(judged(known(Some(Call::Negative), false, false), false), Same);
        assert_eq!(judged(known(Some(Call::Positive), false, false), false), Conflict);
        assert_eq!(judged(known(Some(Call::Positive), false, false), true), Stands);
        assert_eq!(judged(known(None, true, false), true), OnPlate);
        assert_eq!(judged(known(None, false, true), false), Conflict, "a leaked tube has no negative");
    }

    #[test]
    fn results_of_one_report_come_to_the_gravest() {
        use Call::*;
        let read = |each: &[Option<Call>]| read_together(each.iter().copied());
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[Some(Negative), Some(Negative)]), Some(ToldRead::Call(Negative)));
        assert_eq!(read(&[Some(Negative), Some(Invalid)]), Some(ToldRead::Call(Invalid)));
        assert_eq!(read(&[Some(Negative), None]), Some(ToldRead::UnknownCode));
        assert_eq!(
            read(&[Some(Positive), None]),
            Some(ToldRead::Call(Positive)),
            "nobody waits for a signal"
        );
        assert_eq!(read(&[Some(Grey), Some(SingleTarget)]), Some(ToldRead::Call(SingleTarget)));
    }

    #[test]
    fn the_codes_of_the_pack_are_calls() {
        for code in packs::shipped::message_codes().unwrap().results {
            assert!(code.call.parse::<Call>().is_ok(), "{}", code.call);
        }
    }
}

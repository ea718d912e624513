//! A run: one plate read by one instrument. May it be believed, and may it be reported?
//!
//! Deliberately absent: who signs the report, and telling the people; here are only the reasons why nobody may yet.

use crate::call::{Call, CallReason, Read, Reading, call_well, read_target, said_once};
use crate::plate::{PlateMap, Well};
use crate::tube::Barcode;
use packs::{AssayRule, ControlKind, ControlRule, Reads};
use std::collections::BTreeMap;

/// What a run needs to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    pub map: &'a PlateMap,
    pub rule: &'a AssayRule,
    /// By well, as the instrument's file says.
    pub readings: &'a BTreeMap<Well, Vec<Reading>>,
    /// By well, as people called them.
    pub calls: &'a BTreeMap<Well, WellCall>,
}

/// What one person called, and what another did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WellCall {
    pub call: Call,
    pub reader: String,
    pub second: Option<Reader>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    pub call: Call,
    pub reader: String,
}

/// Why the controls make a run worthless.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ControlFault {
    #[error("there is no {kind} control on the plate; repeat the run with one")]
    Missing { kind: ControlKind },
    #[error(
        "the {kind} control in {well} was not read whole ({target}); import the instrument's file again, or repeat the run"
    )]
    Unread { kind: ControlKind, well: Well, target: String },
    #[error(
        "the {kind} control in {well} does not show {target} in time; what was there may have been missed: repeat the run"
    )]
    NotFound { kind: ControlKind, well: Well, target: String, ct: Option<f64> },
    #[error(
        "the {kind} control in {well} shows {target} at {ct}; something was carried over: clean, and repeat the run"
    )]
    Contaminated { kind: ControlKind, well: Well, target: String, ct: f64 },
}

/// Every control that does not read as its rule says; none means the run can be believed.
///
/// # Source
/// The assay pack; China's laboratory testing guide asks for both on each plate (docs/sources.md#cn-lab-guide).
pub fn check_controls(
    map: &PlateMap,
    readings: &BTreeMap<Well, Vec<Reading>>,
    rule: &AssayRule,
) -> Vec<ControlFault> {
    let mut faults = Vec::new();
    for control in &rule.controls {
        let mut wells = map.controls().filter(|(_, kind)| *kind == control.kind).peekable();
        if wells.peek().is_none() {
            faults.push(ControlFault::Missing { kind: control.kind });
        }
        for (well, _) in wells {
            let read = readings.get(&well).map_or(&[][..], Vec::as_slice);
            check_control(well, read, control, rule, &mut faults);
        }
    }
    faults
}

fn check_control(
    well: Well,
    readings: &[Reading],
    control: &ControlRule,
    rule: &AssayRule,
    faults: &mut Vec<ControlFault>,
) {
    let kind = control.kind;
    let latest = control.latest_ct.unwrap_or(f64::INFINITY);
    for target in &rule.targets {
        let (id, mut why) = (target.id.clone(), Vec::new());
        match (read_target(readings, target, rule, &mut why), control.targets) {
            (_, Reads::Either) => {}
            (Read::Unusable, _) => faults.push(ControlFault::Unread { kind, well, target: id }),
            (Read::Found(ct), Reads::Found) if ct < latest => {}
            (Read::Found(ct) | Read::Grey(ct), Reads::Found) => {
                faults.push(ControlFault::NotFound { kind, well, target: id, ct: Some(ct) });
            }
            (Read::Absent(ct), Reads::Found) => {
                faults.push(ControlFault::NotFound { kind, well, target: id, ct });
            }
            // A blank that is grey holds something.
            (Read::Found(ct) | Read::Grey(ct), Reads::Absent) => {
                faults.push(ControlFault::Contaminated { kind, well, target: id, ct });
            }
            (Read::Absent(_), Reads::Absent) => {}
        }
    }
    let Some(internal) = rule.internal.as_ref().filter(|_| control.internal != Reads::Either) else { return };
    let (target, mut why) = (internal.id.clone(), Vec::new());
    let Some(told) = said_once(readings, |name| rule.is_internal(name), &internal.id, &mut why) else {
        faults.push(ControlFault::Unread { kind, well, target });
        return;
    };
    match (told.filter(|ct| *ct < internal.latest_ct), control.internal) {
        (None, Reads::Found) => faults.push(ControlFault::NotFound { kind, well, target, ct: told }),
        (Some(ct), Reads::Absent) => faults.push(ControlFault::Contaminated { kind, well, target, ct }),
        _ => {}
    }
}

/// What two people's readings of one well come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    Stands(Call),
    /// Somebody else must read it first.
    NeedsSecond,
    /// The second is the first again.
    SamePerson,
    /// The tube is read again on a new plate.
    Repeat {
        first: Call,
        second: Call,
    },
}

impl WellCall {
    /// Signals are read by two people; silence by one, since the controls speak for it.
    ///
    /// # Source
    /// Own. False positives of a laboratory beyond its capacity in 2022 (docs/sources.md#laboratories-2022): a second look costs minutes,
    /// a tube held for nothing costs its people a day.
    pub fn judged(&self) -> Judged {
        match &self.second {
            None if self.call.holds_people() => Judged::NeedsSecond,
            None => Judged::Stands(self.call),
            Some(second) if second.reader == self.reader => Judged::SamePerson,
            Some(second) if second.call != self.call => {
                Judged::Repeat { first: self.call, second: second.call }
            }
            Some(_) => Judged::Stands(self.call),
        }
    }
}

/// Why a run may not be reported.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotReady {
    #[error(transparent)]
    Control(#[from] ControlFault),
    #[error(
        "{tube} in {well} has not been read by the instrument; import its file, or take the tube to a new plate"
    )]
    Unread { well: Well, tube: Barcode },
    #[error("{tube} in {well} has not been called; call every well before reporting any")]
    Uncalled { well: Well, tube: Barcode },
    #[error("{well} was called and holds no tube; correct the plate map or take the call back")]
    CalledEmpty { well: Well },
    #[error("{well} was read and holds nothing; correct the plate map")]
    ReadEmpty { well: Well },
    #[error(
        "{tube} in {well} was called {called}; its cycles say {by_rule}: repeat it, or call what they say"
    )]
    AgainstRule { well: Well, tube: Barcode, called: Call, by_rule: Call },
    #[error("{tube} in {well} is {called}; a second person must read it")]
    NoSecondReading { well: Well, tube: Barcode, called: Call },
    #[error("{tube} in {well} was read twice by the same person; somebody else must")]
    SamePerson { well: Well, tube: Barcode },
    #[error("{tube} in {well} was read {first} and {second}; take it to a new plate")]
    ReadersDisagree { well: Well, tube: Barcode, first: Call, second: Call },
}

/// Every reason why a run may not be reported; none means it may.
///
/// A person may call a silent well invalid and a signal by another name of signal, since curves have shapes that numbers do not
/// tell. Nobody may make a signal of silence, silence of a signal, or a negative of what was not measured.
///
/// # Source
/// "All negative" reported before testing was finished, 2021; raw data for far fewer samples than were reported, 2022
/// (docs/sources.md#laboratories-2022).
pub fn report_ready(run: &Run<'_>) -> Vec<NotReady> {
    let mut reasons: Vec<NotReady> =
        check_controls(run.map, run.readings, run.rule).into_iter().map(NotReady::Control).collect();
    for (well, tube) in run.map.tubes() {
        let readings = run.readings.get(&well).filter(|readings| !readings.is_empty());
        match (run.calls.get(&well), readings) {
            (None, _) => reasons.push(NotReady::Uncalled { well, tube: tube.clone() }),
            (Some(_), None) => reasons.push(NotReady::Unread { well, tube: tube.clone() }),
            (Some(call), Some(readings)) => judge_well(well, tube, call, readings, run.rule, &mut reasons),
        }
    }
    let holds_tube = |well: &Well| run.map.tubes().any(|(one, _)| one == *well);
    for well in run.calls.keys().filter(|well| !holds_tube(well)) {
        reasons.push(NotReady::CalledEmpty { well: *well });
    }
    for (well, _) in run.readings.iter().filter(|(_, readings)| readings.iter().any(|one| one.ct.is_some())) {
        if run.map.content(*well).is_none() {
            reasons.push(NotReady::ReadEmpty { well: *well });
        }
    }
    reasons
}

fn judge_well(
    well: Well,
    tube: &Barcode,
    call: &WellCall,
    readings: &[Reading],
    rule: &AssayRule,
    reasons: &mut Vec<NotReady>,
) {
    let tube = || tube.clone();
    let by_rule = call_well(readings, rule).call;
    let may = match by_rule {
        Call::Negative | Call::Invalid => call.call == by_rule || call.call == Call::Invalid,
        Call::Positive | Call::Grey | Call::SingleTarget => call.call.holds_people(),
    };
    if !may {
        reasons.push(NotReady::AgainstRule { well, tube: tube(), called: call.call, by_rule });
    }
    match call.judged() {
        Judged::Stands(_) => {}
        Judged::NeedsSecond => {
            reasons.push(NotReady::NoSecondReading { well, tube: tube(), called: call.call });
        }
        Judged::SamePerson => reasons.push(NotReady::SamePerson { well, tube: tube() }),
        Judged::Repeat { first, second } => {
            reasons.push(NotReady::ReadersDisagree { well, tube: tube(), first, second });
        }
    }
}

/// Calls of a whole run by its rule, for somebody to look at and take over.
pub fn propose_calls(run: &Run<'_>) -> BTreeMap<Well, (Call, Vec<CallReason>)> {
    let wells = run.map.tubes().filter_map(|(well, _)| Some((well, run.readings.get(&well)?)));
    wells
        .map(|(well, readings)| {
            let called = call_well(readings, run.rule);
            (well, (called.call, called.why))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::PlateFormat;
    use proptest::prelude::*;

    const CONTROLS: [ControlKind; 3] =
        [ControlKind::Positive, ControlKind::Negative, ControlKind::Extraction];

    struct Bench {
        rule: AssayRule,
        map: PlateMap,
        readings: BTreeMap<Well, Vec<Reading>>,
        calls: BTreeMap<Well, WellCall>,
    }

    impl Bench {
        /// Tubes that are all silent, controls as they should be, everything called by Chen.
        fn of(tubes: usize) -> Bench {
            let rule = packs::shipped::assays().unwrap().by_id("cn-sars-cov-2").unwrap().clone();
            let tubes: Vec<Barcode> = (0..tubes).map(|n| format!("T-{n:06}").parse().unwrap()).collect();
            let map = PlateMap::fill(PlateFormat::Wells96, &CONTROLS, &tubes).unwrap();
            let mut readings = BTreeMap::new();
            for (well, kind) in map.controls() {
                let ct = (kind == ControlKind::Positive).then_some(30.0);
                readings.insert(well, cycles(ct, ct, None));
            }
            let mut bench = Bench { rule, map, readings, calls: BTreeMap::new() };
            let wells: Vec<Well> = bench.map.tubes().map(|(well, _)| well).collect();
            for well in wells {
                bench.read(well, None, None, Some(25.0));
                bench.call(well, Call::Negative, None);
            }
            bench
        }

        fn read(&mut self, well: Well, orf: Option<f64>, n: Option<f64>, internal: Option<f64>) {
            self.readings.insert(well, cycles(orf, n, internal));
        }

        fn call(&mut self, well: Well, call: Call, second: Option<(Call, &str)>) {
            let second = second.map(|(call, reader)| Reader { call, reader: reader.to_owned() });
            self.calls.insert(well, WellCall { call, reader: "chen".into(), second });
        }

        fn well(&self, name: &str) -> Well {
            self.map.format().well(name).unwrap()
        }

        fn tube(&self, name: &str) -> Barcode {
            match self.map.content(self.well(name)) {
                Some(crate::plate::Content::Tube(tube)) => tube.clone(),
                other => panic!("{name} holds {other:?}"),
            }
        }

        fn reasons(&self) -> Vec<NotReady> {
            let (map, rule) = (&self.map, &self.rule);
            report_ready(&Run { map, rule, readings: &self.readings, calls: &self.calls })
        }
    }

    fn cycles(orf: Option<f64>, n: Option<f64>, internal: Option<f64>) -> Vec<Reading> {
        [("ORF1ab", orf), ("N", n), ("IC", internal)]
            .map(|(target, ct)| Reading { target: target.to_owned(), ct })
            .to_vec()
    }

    #[test]
    fn a_silent_plate_with_good_controls_may_be_reported() {
        assert_eq!(Bench::of(93).reasons(), []);
    }

    #[test]
    fn one_well_nobody_called_holds_back_the_whole_run() {
        let mut bench = Bench::of(20);
        let well = bench.well("C2");
        bench.calls.remove(&well);
        assert_eq!(bench.reasons(), [NotReady::Uncalled { well, tube: bench.tube("C2") }]);
    }

    #[test]
    fn a_well_that_was_called_without_being_read_is_the_fraud_of_2022() {
        let mut bench = Bench::of(20);
        let well = bench.well("D1");
        bench.readings.remove(&well);
        assert_eq!(bench.reasons(), [NotReady::Unread { well, tube: bench.tube("D1") }]);
    }

    #[test]
    fn a_bad_control_makes_the_run_worthless() {
        use ControlFault::{Contaminated, NotFound, Unread};
        let mut bench = Bench::of(20);
        let wells: BTreeMap<ControlKind, Well> =
            bench.map.controls().map(|(well, kind)| (kind, well)).collect();
        let [positive, negative, extraction] = CONTROLS.map(|kind| wells[&kind]);
        bench.read(positive, Some(35.0), None, None);
        bench.read(negative, None, Some(39.0), None);
        bench.readings.remove(&extraction);
        let kind = ControlKind::Positive;
        assert_eq!(
            bench.reasons(),
            [
                NotFound { kind, well: positive, target: "ORF1ab".into(), ct: Some(35.0) },
                NotFound { kind, well: positive, target: "N".into(), ct: None },
                Contaminated { kind: ControlKind::Negative, well: negative, target: "N".into(), ct: 39.0 },
                Unread { kind: ControlKind::Extraction, well: extraction, target: "ORF1ab".into() },
                Unread { kind: ControlKind::Extraction, well: extraction, target: "N".into() },
            ]
            .map(NotReady::Control)
        );
    }

    #[test]
    fn a_signal_is_read_by_two_people_who_agree() {
        let mut bench = Bench::of(20);
        let (well, tube) = (bench.well("A1"), bench.tube("A1"));
        bench.read(well, Some(28.0), Some(29.0), Some(25.0));
        for (second, reasons) in [
            (None, vec![NotReady::NoSecondReading { well, tube: tube.clone(), called: Call::Positive }]),
            (Some((Call::Positive, "chen")), vec![NotReady::SamePerson { well, tube: tube.clone() }]),
            (
                Some((Call::Grey, "duan")),
                vec![NotReady::ReadersDisagree {
                    well,
                    tube: tube.clone(),
                    first: Call::Positive,
                    second: Call::Grey,
                }],
            ),
            (Some((Call::Positive, "duan")), vec![]),
        ] {
            bench.call(well, Call::Positive, second);
            assert_eq!(bench.reasons(), reasons);
        }
    }

    #[test]
    fn nobody_calls_a_signal_away_or_makes_one_of_nothing() {
        let mut bench = Bench::of(20);
        let (well, tube) = (bench.well("A1"), bench.tube("A1"));
        let against =
            |called, by_rule| vec![NotReady::AgainstRule { well, tube: tube.clone(), called, by_rule }];
        let agreed = |call| Some((call, "duan"));
        bench.read(well, Some(38.0), None, Some(25.0));
        bench.call(well, Call::Negative, agreed(Call::Negative));
        assert_eq!(bench.reasons(), against(Call::Negative, Call::Grey), "two who agree as little as one");
        bench.call(well, Call::Invalid, None);
        assert_eq!(bench.reasons(), against(Call::Invalid, Call::Grey));
        bench.call(well, Call::Positive, agreed(Call::Positive));
        assert_eq!(bench.reasons(), [], "a curve may be plainer than its cycle");
        bench.read(well, None, None, Some(25.0));
        assert_eq!(bench.reasons(), against(Call::Positive, Call::Negative));
        bench.call(well, Call::Invalid, None);
        assert_eq!(bench.reasons(), [], "a bubble in a well is seen and not measured");
        bench.read(well, None, None, None);
        bench.call(well, Call::Negative, None);
        assert_eq!(bench.reasons(), against(Call::Negative, Call::Invalid));
    }

    #[test]
    fn what_stands_in_no_map_is_neither_read_nor_called() {
        let mut bench = Bench::of(20);
        let empty = bench.well("A12");
        bench.read(empty, Some(30.0), None, None);
        bench.call(empty, Call::Negative, None);
        assert_eq!(
            bench.reasons(),
            [NotReady::CalledEmpty { well: empty }, NotReady::ReadEmpty { well: empty }]
        );
    }

    #[test]
    fn proposed_calls_stand_once_signals_were_read_again() {
        let mut bench = Bench::of(5);
        let well = bench.well("B1");
        bench.read(well, Some(30.0), None, Some(25.0));
        let (map, rule) = (&bench.map, &bench.rule);
        let proposed = propose_calls(&Run { map, rule, readings: &bench.readings, calls: &BTreeMap::new() });
        assert_eq!(proposed.len(), 5);
        let calls: Vec<(Well, Call)> = proposed.into_iter().map(|(well, (call, _))| (well, call)).collect();
        for (well, call) in calls {
            bench.call(well, call, call.holds_people().then_some((call, "duan")));
        }
        assert_eq!(bench.reasons(), []);
    }

    fn any_call() -> impl Strategy<Value = Call> {
        proptest::sample::select(Call::ALL.to_vec())
    }

    proptest! {
        /// Whatever people call and whatever the instrument says.
        #[test]
        fn a_run_that_may_be_reported_lets_no_signal_go(
            wells in proptest::collection::vec(
                (
                    proptest::option::of(20.0..45.0_f64),
                    any::<bool>(),
                    proptest::option::of(any_call()),
                    proptest::option::of((any_call(), any::<bool>())),
                ),
                1..4,
            ),
        ) {
            let mut bench = Bench::of(wells.len());
            let places: Vec<Well> = bench.map.tubes().map(|(well, _)| well).collect();
            for (well, (ct, measured, first, second)) in places.iter().zip(&wells) {
                bench.calls.remove(well);
                bench.read(*well, *ct, *ct, Some(25.0));
                if !measured {
                    bench.readings.remove(well);
                }
                if let Some(first) = first {
                    let second = second.map(|(call, same)| (call, if same { "chen" } else { "duan" }));
                    bench.call(*well, *first, second);
                }
            }
            if bench.reasons().is_empty() {
                for (well, (ct, measured, ..)) in places.iter().zip(&wells) {
                    let called = &bench.calls[well];
                    prop_assert!(*measured, "every well was measured");
                    let signal = ct.is_some_and(|ct| ct < 40.0);
                    prop_assert_eq!(called.call.holds_people(), signal);
                    if signal {
                        let second = called.second.as_ref().expect("a second reading");
                        prop_assert!(second.reader != called.reader && second.call == called.call);
                    }
                }
            }
        }
    }
}

//! A well's cycles read by an assay's rule.
//!
//! A signal is never called away: a failed internal control makes a silent well invalid, not a signalling one. Whoever is behind a
//! signal is held and sampled again, which costs hours; whoever is behind a signal that was dropped goes home.

use cases::words;
use packs::{AssayRule, Target};

/// What an instrument measured of one target in one well.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// As the instrument writes it.
    pub target: String,
    /// Absent where no curve crossed its threshold.
    pub ct: Option<f64>,
}

words! {
    Call, "call of a well" {
        Negative = "negative",
        /// Enough targets were found.
        Positive = "positive",
        /// None was found, and one came late enough to doubt and early enough to count.
        Grey = "grey",
        /// Fewer targets were found than make a positive.
        SingleTarget = "single_target",
        /// Nothing can be said; sampled or read again, never counted as negative.
        Invalid = "invalid",
    }
}

impl Call {
    /// Everybody of the tube is told, held, and sampled again, each alone.
    ///
    /// # Source
    /// Guides to mass testing (docs/sources.md#mass-testing): positive, grey and single target alike.
    pub fn holds_people(self) -> bool {
        matches!(self, Call::Positive | Call::Grey | Call::SingleTarget)
    }
}

/// A call and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    pub call: Call,
    pub why: Vec<CallReason>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CallReason {
    Found {
        target: String,
        ct: f64,
    },
    Grey {
        target: String,
        ct: f64,
    },
    /// No curve, or one so late that it counts as none.
    NotFound {
        target: String,
        ct: Option<f64>,
    },
    InternalFound {
        ct: f64,
    },
    /// The swab may have touched nobody, or something stops the reaction.
    InternalMissing {
        ct: Option<f64>,
    },
    /// The instrument says nothing of it, not even that there was no curve.
    Unread {
        target: String,
    },
    /// Two readings of one target in one well.
    ReadTwice {
        target: String,
    },
    /// No cycle of any run.
    OddCt {
        target: String,
        ct: f64,
    },
    /// A name the assay does not know; kept, and not decided by.
    UnknownTarget {
        target: String,
    },
}

/// How one target of one well reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Read {
    Found(f64),
    Grey(f64),
    Absent(Option<f64>),
    /// Not said, said twice, or nonsense.
    Unusable,
}

/// # Source
/// The assay pack names its own. That the internal control may fail beside a signal: a strong target uses up what both need (US
/// CDC panel, docs/sources.md#cdc-panel: "RNase P may or may not be positive").
pub fn call_well(readings: &[Reading], rule: &AssayRule) -> Called {
    let mut why = Vec::new();
    let reads: Vec<Read> =
        rule.targets.iter().map(|target| read_target(readings, target, rule, &mut why)).collect();
    let internal_read = rule.internal.as_ref().map(|internal| {
        let told = said_once(readings, |name| rule.is_internal(name), &internal.id, &mut why);
        let found = told.flatten().filter(|ct| *ct < internal.latest_ct);
        why.push(match found {
            Some(ct) => CallReason::InternalFound { ct },
            None => CallReason::InternalMissing { ct: told.flatten() },
        });
        found.is_some()
    });
    for reading in readings {
        if rule.target(&reading.target).is_none() && !rule.is_internal(&reading.target) {
            why.push(CallReason::UnknownTarget { target: reading.target.clone() });
        }
    }
    let found = reads.iter().filter(|read| matches!(read, Read::Found(_))).count();
    let grey = reads.iter().any(|read| matches!(read, Read::Grey(_)));
    let unusable = reads.contains(&Read::Unusable);
    let call = match (found, grey) {
        (found, _) if found >= usize::from(rule.min_positive_targets.value) => Call::Positive,
        (1.., _) => Call::SingleTarget,
        (0, true) => Call::Grey,
        (0, false) if unusable || internal_read == Some(false) => Call::Invalid,
        (0, false) => Call::Negative,
    };
    Called { call, why }
}

pub(crate) fn read_target(
    readings: &[Reading],
    target: &Target,
    rule: &AssayRule,
    why: &mut Vec<CallReason>,
) -> Read {
    let named = |name: &str| rule.target(name).is_some_and(|one| one.id == target.id);
    let Some(ct) = said_once(readings, named, &target.id, why) else { return Read::Unusable };
    let id = target.id.clone();
    let (reason, read) = match ct {
        Some(ct) if ct < target.positive_below => (CallReason::Found { target: id, ct }, Read::Found(ct)),
        Some(ct) if ct < target.grey_below => (CallReason::Grey { target: id, ct }, Read::Grey(ct)),
        late => (CallReason::NotFound { target: id, ct: late }, Read::Absent(late)),
    };
    why.push(reason);
    read
}

/// The one reading of that name, with a curve or without; `None` when there is no such one reading.
pub(crate) fn said_once(
    readings: &[Reading],
    named: impl Fn(&str) -> bool,
    id: &str,
    why: &mut Vec<CallReason>,
) -> Option<Option<f64>> {
    let mut said = readings.iter().filter(|reading| named(&reading.target));
    let target = id.to_owned();
    match (said.next(), said.next()) {
        (None, _) => why.push(CallReason::Unread { target }),
        (Some(_), Some(_)) => why.push(CallReason::ReadTwice { target }),
        (Some(Reading { ct: Some(ct), .. }), None) if !(*ct > 0.0 && *ct <= LAST_CYCLE) => {
            why.push(CallReason::OddCt { target, ct: *ct });
        }
        (Some(one), None) => return Some(one.ct),
    }
    None
}

/// Instruments run at most fifty cycles; a number beyond is a misread column, not a late curve.
const LAST_CYCLE: f64 = 60.0;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule() -> AssayRule {
        packs::shipped::assays().unwrap().by_id("cn-sars-cov-2").unwrap().clone()
    }

    fn well(orf: Option<f64>, n: Option<f64>, internal: Option<f64>) -> Vec<Reading> {
        [("ORF1ab", orf), ("N", n), ("IC", internal)]
            .map(|(target, ct)| Reading { target: target.to_owned(), ct })
            .to_vec()
    }

    #[test]
    fn wells_as_a_laboratory_reads_them() {
        let rule = rule();
        for (orf, n, internal, call) in [
            (None, None, Some(24.0), Call::Negative),
            (Some(28.1), Some(27.4), Some(25.0), Call::Positive),
            (Some(15.0), Some(14.0), None, Call::Positive),
            (Some(36.99), Some(36.99), Some(25.0), Call::Positive),
            (None, Some(35.0), Some(25.0), Call::SingleTarget),
            (Some(38.0), Some(35.0), Some(25.0), Call::SingleTarget),
            (Some(37.0), None, Some(25.0), Call::Grey),
            (Some(39.99), Some(39.0), Some(25.0), Call::Grey),
            (Some(40.0), Some(44.0), Some(25.0), Call::Negative),
            (None, None, None, Call::Invalid),
            (None, None, Some(40.0), Call::Invalid),
            (None, Some(38.5), None, Call::Grey),
        ] {
            assert_eq!(call_well(&well(orf, n, internal), &rule).call, call, "{orf:?} {n:?} {internal:?}");
        }
    }

    #[test]
    fn the_rule_of_another_kit_calls_the_same_cycles_otherwise() {
        let assays = packs::shipped::assays().unwrap();
        let rule = assays.by_id("us-sars-cov-2-n1-n2").unwrap();
        let late = [("2019-nCoV_N1", Some(38.0)), ("N2", Some(39.0)), ("RP", None)]
            .map(|(target, ct)| Reading { target: target.to_owned(), ct });
        assert_eq!(call_well(&late, rule).call, Call::Positive);
        assert_eq!(call_well(&well(Some(38.0), Some(39.0), None), &self::rule()).call, Call::Grey);
    }

    #[test]
    fn a_target_nobody_read_is_not_a_target_that_is_not_there() {
        let rule = rule();
        let mut readings = well(None, None, Some(25.0));
        readings.remove(0);
        let called = call_well(&readings, &rule);
        assert_eq!(called.call, Call::Invalid);
        assert!(called.why.contains(&CallReason::Unread { target: "ORF1ab".into() }));
        let mut twice = well(None, None, Some(25.0));
        twice.push(Reading { target: "orf1a/b".into(), ct: Some(20.0) });
        assert_eq!(call_well(&twice, &rule).call, Call::Invalid);
        for odd in [f64::NAN, 0.0, -3.0, 4711.0] {
            assert_eq!(call_well(&well(Some(odd), None, Some(25.0)), &rule).call, Call::Invalid, "{odd}");
        }
        assert_eq!(call_well(&[], &rule).call, Call::Invalid);
    }

    #[test]
    fn an_unknown_name_is_kept_and_decides_nothing() {
        let mut readings = well(None, None, Some(25.0));
        readings.push(Reading { target: "E gene".into(), ct: Some(20.0) });
        let called = call_well(&readings, &rule());
        assert_eq!(called.call, Call::Negative);
        assert!(called.why.contains(&CallReason::UnknownTarget { target: "E gene".into() }));
    }

    fn any_ct() -> impl Strategy<Value = Option<f64>> {
        proptest::option::of(5.0..50.0_f64)
    }

    fn gravity(call: Call) -> u8 {
        match call {
            Call::Negative | Call::Invalid => 0,
            Call::Grey => 1,
            Call::SingleTarget => 2,
            Call::Positive => 3,
        }
    }

    proptest! {
        #[test]
        fn an_earlier_curve_never_makes_a_lesser_call(
            orf in any_ct(), n in any_ct(), internal in any_ct(), earlier in 0.0..5.0_f64,
        ) {
            let rule = rule();
            let (late, early) = (well(orf, n, internal), well(orf.map(|ct| ct - earlier + 0.01), n, internal));
            if earlier > 0.01 {
                prop_assert!(gravity(call_well(&early, &rule).call) >= gravity(call_well(&late, &rule).call));
            }
        }

        #[test]
        fn a_well_is_negative_only_when_everything_was_read_and_somebody_was_touched(
            orf in any_ct(), n in any_ct(), internal in any_ct(), said in proptest::collection::vec(any::<bool>(), 3),
        ) {
            let readings: Vec<Reading> =
                well(orf, n, internal).into_iter().zip(&said).filter(|(_, said)| **said).map(|(one, _)| one).collect();
            if call_well(&readings, &rule()).call == Call::Negative {
                prop_assert!(said.iter().all(|one| *one));
                prop_assert!(internal.is_some_and(|ct| ct < 40.0));
                prop_assert!(orf.is_none_or(|ct| ct >= 40.0) && n.is_none_or(|ct| ct >= 40.0));
            }
        }
    }
}

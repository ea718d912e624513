//! Until when a negative result's code holds.
//!
//! A code is signed with the end that is known when it is asked for. What lengthens it is the platform's own lateness: a code that is out
//! cannot change, so whoever holds one asks for another.
//!
//! Deliberately absent: whether a result may have a code at all; a positive or grey one has none.

use base::Moment;
use cases::words;

words! {
    /// Both are kept with every result, since places differ and change.
    CountsFrom, "start of a code's hours" { Sampling = "sampling", Report = "report" }
}

/// # Source
/// Some places count a certificate's hours from sampling, others from report (docs/sources.md#mass-testing). Lengthened when the
/// platform itself failed: Chengdu, 2022-09-02, 48 hours (docs/sources.md#platforms-2022); there by decree, here by rule, so that
/// nobody waits for a decree in the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRule {
    pub from: CountsFrom,
    pub hours: u32,
    /// Within which the platform owes a result after the swab; lateness beyond it is given back.
    pub owed_within_hours: u32,
    /// After an outage people have so long to be sampled again.
    pub after_outage_hours: u32,
    /// No code is lengthened by more than this in all.
    pub longest_extension_hours: u32,
}

impl CodeRule {
    /// Hours as ordered; results owed in 12 (remembered), a day after an outage, never more than twice the code's own hours.
    pub fn of(from: CountsFrom, hours: u32) -> CodeRule {
        CodeRule {
            from,
            hours,
            owed_within_hours: 12,
            after_outage_hours: 24,
            longest_extension_hours: hours,
        }
    }
}

words! {
    /// What people were kept from.
    Stood, "thing that stood still" { Registration = "registration", Sampling = "sampling", Results = "results" }
}

/// Registration, sampling or results stood still where the person lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    pub from: Moment,
    /// Absent while it lasts.
    pub until: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct CodeEnd {
    pub ends: Moment,
    /// What the code itself says.
    pub signed_end: Moment,
    /// The strongest reason for what lies between.
    pub extended: Option<Extended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Extended {
    /// The result came so late, and the hours had begun with the swab.
    LateResult { seconds: i64 },
    /// The person was sampled again in time and the new result is overdue.
    NextResultOverdue { sampled: Moment },
    /// The code would have ended while nobody could be sampled.
    Outage { from: Moment },
}

impl CodeEnd {
    fn lengthen(&mut self, until: Moment, why: Extended) {
        if until > self.ends {
            (self.ends, self.extended) = (until, Some(why));
        }
    }
}

/// `next_sampled` is the person's next swab, as long as it has no result. Whatever is given, a code is never shortened.
pub fn code_ends(
    rule: &CodeRule,
    sampled: Moment,
    reported: Moment,
    next_sampled: Option<Moment>,
    outages: &[Outage],
    as_of: Moment,
) -> CodeEnd {
    let after = |moment: Moment, hours: u32| moment.plus_seconds(i64::from(hours) * 3600);
    // A clock that ran wrong must not begin a code's hours before its swab.
    let reported = reported.max(sampled);
    let signed_end = after(if rule.from == CountsFrom::Sampling { sampled } else { reported }, rule.hours);
    let latest = after(signed_end, rule.longest_extension_hours);
    let mut end = CodeEnd { ends: signed_end, signed_end, extended: None };
    let late_seconds = (reported.0 - after(sampled, rule.owed_within_hours).0) / 1000;
    if rule.from == CountsFrom::Sampling && late_seconds > 0 {
        let until = signed_end.plus_seconds(late_seconds);
        end.lengthen(until.min(latest), Extended::LateResult { seconds: late_seconds });
    }
    // In their order, since one may begin in the hours that another gave.
    let mut outages: Vec<Outage> = outages.to_vec();
    outages.sort_unstable_by_key(|outage| (outage.from, outage.until.unwrap_or(Moment(i64::MAX))));
    for outage in outages {
        let over = outage.until.unwrap_or(as_of).max(outage.from);
        // Whoever was sampled after it was not kept from it.
        if over > sampled && outage.from <= end.ends {
            let until = after(over, rule.after_outage_hours);
            end.lengthen(until.min(latest), Extended::Outage { from: outage.from });
        }
    }
    if let Some(next) = next_sampled
        && next <= end.ends
        && after(next, rule.owed_within_hours) < as_of
    {
        end.lengthen(latest, Extended::NextResultOverdue { sampled: next });
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hours after midnight in Chengdu, 1 September 2022.
    fn at(hour: i64) -> Moment {
        Moment(1_661_961_600_000).plus_seconds(hour * 3600)
    }

    fn rule(from: CountsFrom) -> CodeRule {
        CodeRule::of(from, 48)
    }

    #[test]
    fn the_hours_begin_where_the_place_says() {
        for (from, ends) in [(CountsFrom::Sampling, at(58)), (CountsFrom::Report, at(66))] {
            let end = code_ends(&rule(from), at(10), at(18), None, &[], at(20));
            assert_eq!(end, CodeEnd { ends, signed_end: ends, extended: None });
        }
    }

    #[test]
    fn a_result_that_came_late_costs_nobody_the_hours() {
        let end = code_ends(&rule(CountsFrom::Sampling), at(10), at(30), None, &[], at(30));
        assert_eq!(end.extended, Some(Extended::LateResult { seconds: 8 * 3600 }));
        assert_eq!((end.signed_end, end.ends), (at(58), at(66)));
        let end = code_ends(&rule(CountsFrom::Report), at(10), at(30), None, &[], at(30));
        assert_eq!((end.ends, end.extended), (at(78), None), "hours from the report lose nothing");
    }

    #[test]
    fn whoever_could_not_be_sampled_in_chengdu_keeps_the_code() {
        let outage = Outage { from: at(41), until: Some(at(61)) };
        let end =
            |outages: &[Outage]| code_ends(&rule(CountsFrom::Sampling), at(2), at(10), None, outages, at(70));
        let told = end(&[outage]);
        assert_eq!(told.signed_end, at(50), "it would have ended in the middle of it");
        assert_eq!((told.ends, told.extended), (at(85), Some(Extended::Outage { from: at(41) })));
        let second = Outage { from: at(80), until: Some(at(82)) };
        assert_eq!(end(&[second, outage]).ends, at(98), "no farther than twice the hours");
        assert_eq!(end(&[second]).ends, at(50), "long after it had ended");
        let early = Outage { from: at(-9), until: Some(at(1)) };
        assert_eq!(end(&[early]).ends, at(50), "sampled after it");
    }

    #[test]
    fn a_next_result_that_is_overdue_is_the_platforms_fault() {
        let end = |next, as_of| {
            code_ends(&rule(CountsFrom::Sampling), at(2), at(10), Some(at(next)), &[], at(as_of))
        };
        assert_eq!(end(40, 52).ends, at(50), "not owed yet");
        let told = end(40, 53);
        assert_eq!(
            (told.ends, told.extended),
            (at(98), Some(Extended::NextResultOverdue { sampled: at(40) }))
        );
        assert_eq!(end(51, 90).ends, at(50), "sampled when the code had ended");
    }

    proptest! {
        #[test]
        fn no_code_is_shortened_nor_lengthened_beyond_its_limit(
            sampled in 0..100_i64, waited in -5..60_i64, next in proptest::option::of(0..200_i64),
            outages in proptest::collection::vec((0..200_i64, proptest::option::of(0..40_i64)), 0..4),
            as_of in 0..300_i64, later in 0..50_i64, report in any::<bool>(),
        ) {
            let rule = rule(if report { CountsFrom::Report } else { CountsFrom::Sampling });
            let outages: Vec<Outage> = outages
                .iter()
                .map(|(from, lasted)| Outage { from: at(*from), until: lasted.map(|lasted| at(from + lasted)) })
                .collect();
            let (swab, report, next) = (at(sampled), at(sampled + waited), next.map(at));
            let end = code_ends(&rule, swab, report, next, &outages, at(as_of));
            prop_assert!(end.ends >= end.signed_end);
            prop_assert!(end.ends <= end.signed_end.plus_seconds(48 * 3600));
            prop_assert_eq!(end.extended.is_some(), end.ends > end.signed_end);
            let bare = code_ends(&rule, swab, report, None, &[], at(as_of));
            prop_assert!(bare.ends <= end.ends, "an outage never takes");
            let then = code_ends(&rule, swab, report, next, &outages, at(as_of + later));
            prop_assert!(then.ends >= end.ends, "nor does waiting");
            let mut turned = outages.clone();
            turned.reverse();
            prop_assert_eq!(code_ends(&rule, swab, report, next, &turned, at(as_of)).ends, end.ends);
        }
    }
}

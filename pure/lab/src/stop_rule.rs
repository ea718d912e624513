//! When the rounds of a campaign may end: so many clean ones in a row, a pause, and one more.
//!
//! Deliberately absent: ordering a round or ending a campaign. It says what the rule says, of which rounds and why.

use base::Moment;
use packs::StopRounds;

/// What a round came to.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundSeen {
    pub round: u32,
    pub began: Moment,
    /// Absent while results are outstanding.
    pub ended: Option<Moment>,
    pub areas: Vec<AreaSeen>,
    /// Found outside people already under care: the social surface (社会面).
    pub positives_community: u64,
    /// Found in quarantine, in hospital or in a closed loop; they spoil no round.
    pub positives_under_care: u64,
    /// Tubes of which somebody has not been sampled singly to the end: positive or grey, without a reading, or of a result that was
    /// taken back.
    pub unresolved_tubes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSeen {
    pub area: String,
    pub people: u64,
    /// With a result that says something; invalid and rejected tubes do not.
    pub with_result: u64,
}

/// Why a round is not clean.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum NotClean {
    NotEnded,
    Community {
        positives: u64,
    },
    /// Who is behind a doubtful tube is not known yet.
    Unresolved {
        tubes: u64,
    },
    /// One area below the threshold; the mean of all would hide the village nobody went to.
    Coverage {
        area: String,
        share: f64,
        wanted: f64,
    },
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RoundJudged {
    pub round: u32,
    /// Empty when it is clean.
    pub why: Vec<NotClean>,
    /// It began during the pause, and so is not the one more.
    pub in_pause: bool,
    pub clean_in_a_row: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Next {
    /// Another round; so many clean ones are still wanted.
    Round {
        still: u32,
    },
    /// A round is not judged to its end.
    Wait,
    Pause {
        until: Moment,
    },
    /// The pause is over: one more round.
    OneMore,
    Stop,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StopAdvice {
    pub next: Next,
    pub rounds: Vec<RoundJudged>,
}

/// `rounds` in the order in which they began.
pub fn judge_rounds(rounds: &[RoundSeen], rule: &StopRounds, as_of: Moment) -> StopAdvice {
    let (mut clean, mut pause_until, mut extra, mut waiting) = (0_u32, None, 0, false);
    let mut judged = Vec::new();
    for round in rounds {
        let why = not_clean(round, rule);
        let in_pause = pause_until.is_some_and(|until| round.began < until);
        waiting |= round.ended.is_none();
        match (round.ended, why.is_empty()) {
            (Some(ended), true) => {
                clean += 1;
                extra += u16::from(pause_until.is_some() && !in_pause);
                if clean >= u32::from(rule.clean_rounds) && pause_until.is_none() {
                    pause_until = Some(ended.plus_seconds(i64::from(rule.pause_days) * 86_400));
                }
            }
            // Whatever it will come to, it is not clean already.
            (None, _) if why == [NotClean::NotEnded] => {}
            _ => (clean, pause_until, extra) = (0, None, 0),
        }
        judged.push(RoundJudged { round: round.round, why, in_pause, clean_in_a_row: clean });
    }
    let next = match pause_until {
        _ if waiting => Next::Wait,
        Some(until) if as_of < until => Next::Pause { until },
        Some(_) if extra >= rule.extra_rounds => Next::Stop,
        Some(_) => Next::OneMore,
        None => Next::Round { still: u32::from(rule.clean_rounds).saturating_sub(clean) },
    };
    StopAdvice { next, rounds: judged }
}

fn not_clean(round: &RoundSeen, rule: &StopRounds) -> Vec<NotClean> {
    let mut why = Vec::new();
    if round.ended.is_none() {
        why.push(NotClean::NotEnded);
    }
    if round.positives_community > 0 {
        why.push(NotClean::Community { positives: round.positives_community });
    }
    // While a round runs these are not faults of it yet.
    if round.ended.is_none() {
        return why;
    }
    if round.unresolved_tubes > 0 {
        why.push(NotClean::Unresolved { tubes: round.unresolved_tubes });
    }
    for area in &round.areas {
        let share = if area.people == 0 { 1.0 } else { area.with_result as f64 / area.people as f64 };
        if share < rule.coverage {
            why.push(NotClean::Coverage { area: area.area.clone(), share, wanted: rule.coverage });
        }
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule() -> StopRounds {
        let shipped = packs::shipped::protocols().unwrap();
        let stop = shipped.by_id("cn-covid-9").unwrap().zones.as_ref().unwrap().stop.clone().unwrap();
        assert_eq!((stop.clean_rounds, stop.pause_days, stop.extra_rounds), (3, 3, 1));
        stop
    }

    fn day(day: i64) -> Moment {
        Moment(1_661_990_400_000).plus_seconds(day * 86_400)
    }

    /// Begins in the morning and ends in the evening.
    fn round(on: i64, community: u64) -> RoundSeen {
        RoundSeen {
            round: on as u32,
            began: day(on),
            ended: Some(day(on).plus_seconds(43_200)),
            areas: vec![
                AreaSeen { area: "town".into(), people: 1000, with_result: 990 },
                AreaSeen { area: "village".into(), people: 100, with_result: 96 },
            ],
            positives_community: community,
            positives_under_care: 4,
            unresolved_tubes: 0,
        }
    }

    fn next(rounds: &[RoundSeen], on: i64) -> Next {
        judge_rounds(rounds, &rule(), day(on)).next
    }

    #[test]
    fn three_clean_rounds_a_pause_and_one_more() {
        let mut rounds = vec![round(0, 3), round(1, 0), round(2, 0)];
        assert_eq!(next(&rounds, 3), Next::Round { still: 1 });
        rounds.push(round(3, 0));
        let until = day(6).plus_seconds(43_200);
        assert_eq!(next(&rounds, 4), Next::Pause { until });
        assert_eq!(next(&rounds, 7), Next::OneMore);
        rounds.push(round(7, 0));
        assert_eq!(next(&rounds, 8), Next::Stop);
        rounds.push(round(9, 1));
        assert_eq!(next(&rounds, 10), Next::Round { still: 3 }, "it begins again");
    }

    #[test]
    fn the_pack_says_how_many() {
        let two = StopRounds { clean_rounds: 2, pause_days: 1, extra_rounds: 2, ..rule() };
        let mut rounds = vec![round(0, 0), round(1, 0)];
        let next = |rounds: &[RoundSeen], on| judge_rounds(rounds, &two, day(on)).next;
        assert_eq!(next(&rounds, 2), Next::Pause { until: day(2).plus_seconds(43_200) });
        rounds.push(round(3, 0));
        assert_eq!(next(&rounds, 4), Next::OneMore);
        rounds.push(round(4, 0));
        assert_eq!(next(&rounds, 5), Next::Stop);
        let none = StopRounds { extra_rounds: 0, ..two.clone() };
        assert_eq!(judge_rounds(&rounds[..2], &none, day(3)).next, Next::Stop);
    }

    #[test]
    fn people_found_in_quarantine_spoil_no_round_and_one_found_in_the_street_does() {
        assert_eq!(next(&[round(0, 0), round(1, 0), round(2, 1)], 3), Next::Round { still: 3 });
        let told = judge_rounds(&[round(2, 1)], &rule(), day(3));
        assert_eq!(told.rounds[0].why, [NotClean::Community { positives: 1 }]);
    }

    #[test]
    fn a_round_that_missed_the_village_is_not_clean_of_it() {
        let mut missed = round(0, 0);
        missed.areas[1].with_result = 30;
        missed.unresolved_tubes = 2;
        let told = judge_rounds(&[missed], &rule(), day(1));
        assert_eq!(
            told.rounds[0].why,
            [
                NotClean::Unresolved { tubes: 2 },
                NotClean::Coverage { area: "village".into(), share: 0.3, wanted: 0.95 },
            ]
        );
        assert_eq!(told.next, Next::Round { still: 3 });
    }

    #[test]
    fn a_round_in_the_pause_is_not_the_one_more() {
        let mut rounds = vec![round(0, 0), round(1, 0), round(2, 0), round(3, 0)];
        let told = judge_rounds(&rounds, &rule(), day(4));
        assert!(told.rounds[3].in_pause);
        assert!(matches!(told.next, Next::Pause { .. }));
        rounds[3] = round(3, 2);
        assert_eq!(next(&rounds, 4), Next::Round { still: 3 }, "what is found in the pause counts");
    }

    #[test]
    fn a_round_that_runs_is_waited_for_unless_somebody_was_found() {
        let mut rounds = vec![round(0, 0), round(1, 0), round(2, 0), round(6, 0)];
        rounds[3].ended = None;
        assert_eq!(next(&rounds, 7), Next::Wait);
        rounds[3].positives_community = 1;
        let told = judge_rounds(&rounds, &rule(), day(7));
        assert_eq!((told.next, told.rounds[3].clean_in_a_row), (Next::Wait, 0));
        assert_eq!(next(&[], 0), Next::Round { still: 3 });
    }

    proptest! {
        #[test]
        fn a_campaign_stops_only_after_clean_rounds_with_a_pause_before_the_last(
            found in proptest::collection::vec((1..4_i64, 0..2_u64), 0..12),
        ) {
            let mut on = 0;
            let rounds: Vec<RoundSeen> = found
                .iter()
                .map(|(gap, positives)| {
                    on += gap;
                    round(on, *positives)
                })
                .collect();
            if next(&rounds, on + 1) == Next::Stop {
                let clean = rounds.iter().rev().take_while(|round| round.positives_community == 0).count();
                prop_assert!(clean >= 4);
                let third = &rounds[rounds.len() - clean + 2];
                let last = rounds.last().unwrap();
                prop_assert!(last.began >= third.ended.unwrap().plus_seconds(3 * 86_400));
            }
        }
    }
}

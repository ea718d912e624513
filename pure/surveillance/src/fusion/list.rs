//! One step's list: what is unusual, what of it is news, and how much of it the budget still allows.
//!
//! A signal that was listed stays open until nothing was unusual for a while. An open one is folded: it is listed again only
//! when it is clearly louder, or when it has lasted so long that somebody should look again. Deliberately absent: what
//! became of a signal; one that people have closed is open here until it is quiet.

use super::budget::{Counts, Loudness};
use super::fuse::{Control, FuseRule};
use super::kin::kin_weights;
use super::online::Lord;
use super::own_history::OwnHistory;
use base::Territory;
use std::collections::VecDeque;

/// What a signal asks of those who read the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It begins.
    New,
    /// It was listed before, and is clearly louder now.
    Louder,
    /// It was listed long ago and lasts.
    Reminder,
    /// It was listed the step before; only where every step counts.
    Lasts,
    /// It was listed before and lasts: nothing to do.
    Folded,
    /// It is unusual enough, but the budget is spent.
    Waits,
}

impl Standing {
    /// Somebody is asked to check it.
    pub fn is_listed(self) -> bool {
        !matches!(self, Standing::Folded | Standing::Waits)
    }

    pub fn word(self) -> &'static str {
        match self {
            Standing::New => "new",
            Standing::Louder => "louder",
            Standing::Reminder => "reminder",
            Standing::Lasts => "lasts",
            Standing::Folded => "folded",
            Standing::Waits => "waits",
        }
    }
}

/// Of the budget, the share that may go to open signals which only seem to get louder.
const SHARE_FOR_LOUDER: f64 = 0.1;

/// However large the budget: what happens every tenth step is not unusual.
const LEAST_UNUSUAL: f64 = 0.1;

/// What is known of a signal since it was listed.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// The smallest p-value it was listed with.
    p: f64,
    steps_since_listed: usize,
    /// Reported steps since it was last unusual.
    quiet: usize,
}

/// What the list remembers from step to step.
pub struct List {
    rule: FuseRule,
    loudness: Loudness,
    lord: Lord,
    /// Signals that may still be given.
    bank: f64,
    own: Vec<OwnHistory>,
    open: Vec<Option<Open>>,
    /// The latest p-values of all units, as weighted: as many steps as a signal must be quiet to end.
    latest: VecDeque<Vec<Option<f64>>>,
}

/// The units that are unusual in one step, those to be read first.
pub struct StepList {
    pub order: Vec<usize>,
    /// Of each unit: how closely it is watched.
    pub weights: Vec<f64>,
    pub threshold: f64,
    /// Units that said anything.
    pub asked: f64,
    pub standing: Vec<Standing>,
    pub told_by: Vec<Option<usize>>,
}

impl List {
    pub fn of(rule: &FuseRule, units: usize) -> List {
        List {
            loudness: Loudness::of(rule.counts, rule.remember, rule.prior),
            lord: Lord::of(rule.false_share),
            // Half full, so that the first steps are neither starved nor spoilt.
            bank: (rule.budget * rule.bank / 2.0).max(1.0),
            own: vec![OwnHistory::of(rule.prior, rule.remember); units],
            open: vec![None; units],
            latest: VecDeque::new(),
            rule: rule.clone(),
        }
    }

    /// The combined p-values of one step. A step that is not `listed` is learnt from only.
    pub fn step(
        &mut self,
        p: &[Option<f64>],
        units: &[(String, Territory)],
        kin: &[Vec<usize>],
        closeness: &[f64],
        listed: bool,
    ) -> StepList {
        let mut weights = kin_weights(kin, p, self.rule.kin_strength);
        weights.iter_mut().zip(closeness).for_each(|(weight, close)| *weight *= close);
        let weighted: Vec<Option<f64>> =
            p.iter().zip(&weights).map(|(p, weight)| p.map(|p| (p / weight).min(1.0))).collect();
        let asked = p.iter().flatten().count() as f64;
        let threshold =
            self.loudness.threshold(self.spend(), asked).min(self.rule.most_often).min(LEAST_UNUSUAL);
        let mut step = StepList {
            order: Vec::new(),
            weights,
            threshold,
            asked,
            standing: vec![Standing::Folded; p.len()],
            told_by: vec![None; p.len()],
        };
        let unusual = self.unusual(p, &weighted, threshold);
        if listed {
            step.order = unusual;
            self.write(&mut step, p, &weighted, units);
        }
        self.remember(p, weighted);
        step
    }

    /// Signals that the threshold is set for. Half a bank a step over half its reach is the budget itself: what was not used
    /// is used, what was overdrawn is saved.
    fn spend(&self) -> f64 {
        let budget = self.rule.budget;
        if !self.rule.spend_the_bank || self.rule.bank <= 0.0 {
            return budget;
        }
        (2.0 * self.bank / self.rule.bank).clamp(budget / 4.0, 2.0 * budget)
    }

    /// The unusual units, the loudest first; equals stay in the order of group and place.
    fn unusual(&mut self, p: &[Option<f64>], weighted: &[Option<f64>], threshold: f64) -> Vec<usize> {
        let mut unusual: Vec<usize> = match self.rule.control {
            Control::Budget => {
                (0..p.len()).filter(|unit| weighted[*unit].is_some_and(|p| p <= threshold)).collect()
            }
            Control::Lord => {
                let mut found = Vec::new();
                for unit in (0..p.len()).filter(|unit| weighted[*unit].is_some()) {
                    let discovery = weighted[unit].is_some_and(|p| p <= self.lord.level());
                    self.lord.asked(discovery);
                    if discovery {
                        found.push(unit);
                    }
                }
                found
            }
        };
        // A large budget over few units would list what is loud every other week: a unit's own past is the second limit.
        unusual.retain(|unit| {
            p[*unit].is_some_and(|p| self.own[*unit].share_of_steps(p) <= self.rule.most_often)
        });
        unusual.sort_by(|a, b| weighted[*a].unwrap_or(1.0).total_cmp(&weighted[*b].unwrap_or(1.0)));
        unusual
    }

    /// Who is listed, who waits and who is folded.
    fn write(
        &mut self,
        step: &mut StepList,
        p: &[Option<f64>],
        weighted: &[Option<f64>],
        units: &[(String, Territory)],
    ) {
        let rule = &self.rule;
        self.bank = (self.bank + rule.budget).min((rule.budget * rule.bank.max(1.0)).max(1.0));
        let lasting = step.order.iter().filter(|unit| self.open[**unit].is_some()).count();
        let factor = (SHARE_FOR_LOUDER * rule.budget / lasting.max(1) as f64).min(SHARE_FOR_LOUDER);
        for unit in &step.order {
            step.standing[*unit] = match (rule.counts, self.open[*unit]) {
                (_, None) => Standing::New,
                (Counts::Every, Some(_)) => Standing::Lasts,
                (Counts::New, Some(open)) if weighted[*unit].is_some_and(|p| p <= open.p * factor) => {
                    Standing::Louder
                }
                (Counts::New, Some(open))
                    if rule.remind_after > 0 && open.steps_since_listed + 1 >= rule.remind_after =>
                {
                    Standing::Reminder
                }
                (Counts::New, Some(_)) => Standing::Folded,
            };
            step.told_by[*unit] = inner_and_louder(units, &step.order, *unit);
        }
        // What begins is read before what is known, so that one large epidemic does not use up what the rest needs.
        let is_news = |standing: &Standing| matches!(standing, Standing::New | Standing::Lasts);
        let (news, known): (Vec<usize>, Vec<usize>) =
            step.order.iter().partition(|unit| is_news(&step.standing[**unit]));
        for unit in news.into_iter().chain(known) {
            if !step.standing[unit].is_listed() {
                continue;
            }
            // It repeats what somebody checks already, unless that one waits itself.
            let free = step.told_by[unit].is_some_and(|inner| step.standing[inner] != Standing::Waits);
            // A bank of whole signals in floating point: a hair under one is one.
            if free || self.bank > 1.0 - 1e-9 {
                if !free {
                    self.bank -= 1.0;
                }
            } else {
                step.standing[unit] = Standing::Waits;
            }
        }
        self.open_and_close(step, p, weighted);
        let standing = &step.standing;
        step.order.sort_by_key(|unit| standing[*unit] == Standing::Folded);
    }

    fn open_and_close(&mut self, step: &StepList, p: &[Option<f64>], weighted: &[Option<f64>]) {
        let mut is_unusual = vec![false; p.len()];
        step.order.iter().for_each(|unit| is_unusual[*unit] = true);
        // Where every step counts, a signal is over when the next step is not unusual.
        let ends_after = match self.rule.counts {
            Counts::New => self.rule.ends_after.max(1),
            Counts::Every => 1,
        };
        for (unit, open) in self.open.iter_mut().enumerate() {
            let standing = step.standing[unit];
            if is_unusual[unit] && standing.is_listed() {
                let loudest = open.map_or(1.0, |open| open.p);
                *open = Some(Open {
                    p: weighted[unit].unwrap_or(1.0).min(loudest),
                    steps_since_listed: 0,
                    quiet: 0,
                });
            } else if let Some(known) = open {
                known.steps_since_listed += 1;
                if is_unusual[unit] && !(self.rule.counts == Counts::Every && standing == Standing::Waits) {
                    known.quiet = 0;
                } else if p[unit].is_some() {
                    // A step nobody reported ends nothing.
                    known.quiet += 1;
                    if known.quiet >= ends_after {
                        *open = None;
                    }
                }
            }
        }
    }

    fn remember(&mut self, p: &[Option<f64>], weighted: Vec<Option<f64>>) {
        for (own, p) in self.own.iter_mut().zip(p) {
            if let Some(p) = p {
                own.remember(*p);
            }
        }
        let before: Vec<Option<f64>> = (0..weighted.len())
            .map(|unit| self.latest.iter().filter_map(|step| step[unit]).reduce(f64::min))
            .collect();
        self.loudness.remember(&weighted, &before);
        self.latest.push_back(weighted);
        if self.latest.len() > self.rule.ends_after.max(1) {
            self.latest.pop_front();
        }
    }
}

fn inner_and_louder(units: &[(String, Territory)], order: &[usize], unit: usize) -> Option<usize> {
    let (group, place) = &units[unit];
    order
        .iter()
        .take_while(|other| **other != unit)
        .find(|other| {
            let (its, inner) = &units[**other];
            its == group && inner != place && place.holds(inner)
        })
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Units `a`, `b`, … of one step each, none near another.
    fn units(many: usize) -> Vec<(String, Territory)> {
        (0..many).map(|unit| (char::from(b'a' + unit as u8).to_string(), Territory::whole())).collect()
    }

    /// `p[t][unit]` to the standing of each unit in each step; `None` where it is not unusual.
    fn standings(rule: &FuseRule, p: &[Vec<f64>]) -> Vec<Vec<Option<Standing>>> {
        let many = p[0].len();
        let mut list = List::of(&rule.chosen(52), many);
        let (units, kin) = (units(many), vec![Vec::new(); many]);
        p.iter()
            .map(|p| {
                let p: Vec<Option<f64>> = p.iter().map(|p| (!p.is_nan()).then_some(*p)).collect();
                let step = list.step(&p, &units, &kin, &vec![1.0; many], true);
                (0..many).map(|unit| step.order.contains(&unit).then(|| step.standing[unit])).collect()
            })
            .collect()
    }

    /// One unit, told as `n`ew, `L`ouder, `r`eminder, `l`asts, `f`olded, `w`aits, or `.` for nothing.
    fn told(rule: &FuseRule, p: &[f64]) -> String {
        standings(rule, &p.iter().map(|p| vec![*p]).collect::<Vec<_>>())
            .iter()
            .map(|step| match step[0] {
                None => '.',
                Some(Standing::Louder) => 'L',
                Some(standing) => standing.word().chars().next().unwrap(),
            })
            .collect()
    }

    #[test]
    fn a_lasting_signal_is_folded_until_it_is_clearly_louder() {
        let rule = FuseRule::default();
        assert_eq!(told(&rule, &[0.5, 1e-3, 1e-3, 2e-4, 9e-5, 9e-5, 8e-6]), ".nffLfL");
        // Where every step counts nothing is folded.
        let every = FuseRule { counts: Counts::Every, ..rule };
        assert_eq!(told(&every, &[0.5, 1e-3, 1e-3, 2e-4, 0.5, 9e-5]), ".nll.n");
    }

    #[test]
    fn a_signal_is_over_after_four_quiet_weeks_and_a_week_without_report_is_not_quiet() {
        let rule = FuseRule::default();
        assert_eq!(told(&rule, &[1e-3, 0.5, 0.5, 0.5, 1e-3]), "n...f");
        assert_eq!(told(&rule, &[1e-3, 0.5, 0.5, 0.5, 0.5, 1e-3]), "n....n");
        assert_eq!(told(&rule, &[1e-3, 0.5, 0.5, f64::NAN, f64::NAN, 0.5, 1e-3]), "n.....f");
    }

    #[test]
    fn after_a_quarter_of_a_year_somebody_looks_again() {
        let rule = FuseRule { most_often: 1.0, ..FuseRule::default() };
        assert_eq!(told(&rule, &[1e-3; 15]), format!("n{}r{}", "f".repeat(12), "f"));
        assert_eq!(told(&FuseRule { remind_after: 3, ..rule }, &[1e-3; 8]), "nffrffrf");
    }

    #[test]
    fn one_unit_with_a_large_budget_is_not_on_the_list_all_the_time() {
        // Every third step is loud, and the budget would pay for all of them.
        let wolf: Vec<f64> = (0..300).map(|t| if t % 3 == 0 { 1e-3 } else { 0.6 }).collect();
        let listed = |rule: &FuseRule| told(rule, &wolf).chars().filter(|told| *told != '.').count();
        let every = FuseRule { counts: Counts::Every, ..FuseRule::default() };
        let limited = listed(&every);
        assert!(limited <= 300 / 20, "{limited}");
        assert_eq!(listed(&FuseRule { most_often: 1.0, ..every }), 100);
    }

    #[test]
    fn what_begins_is_read_before_what_only_gets_louder() {
        let rule = FuseRule { budget: 1.0, bank: 1.0, ..FuseRule::default() };
        let all = standings(&rule, &[vec![1e-3, 0.5], vec![1e-9, 1e-4], vec![1e-9, 1e-4]]);
        assert_eq!(all[1], [Some(Standing::Waits), Some(Standing::New)]);
        // It waited, and is told as soon as the budget allows.
        assert_eq!(all[2], [Some(Standing::Louder), Some(Standing::Folded)]);
    }

    #[test]
    fn a_prefecture_that_repeats_its_county_is_free_unless_the_county_waits() {
        let place = |path: &str| (String::new(), path.parse::<Territory>().unwrap());
        let units = [place("14"), place("14/1407"), place("15/1502")];
        let step = |budget: f64| {
            let mut list = List::of(&FuseRule { budget, bank: 1.0, ..FuseRule::default() }.chosen(52), 3);
            list.step(&[Some(1e-4), Some(1e-5), Some(1e-6)], &units, &vec![Vec::new(); 3], &[1.0; 3], true)
        };
        let paid = step(2.0);
        assert_eq!((paid.standing[0], paid.told_by[0]), (Standing::New, Some(1)));
        assert_eq!(step(1.0).standing, [Standing::Waits, Standing::Waits, Standing::New]);
    }

    proptest! {
        #[test]
        fn whatever_happens_no_more_is_listed_than_the_budget_and_the_bank(
            p in proptest::collection::vec(proptest::collection::vec(1e-12..1.0_f64, 5), 1..80),
            budget in 0.2..3.0_f64,
            bank in 1.0..20.0_f64,
            every in proptest::bool::ANY,
        ) {
            let counts = if every { Counts::Every } else { Counts::New };
            let rule = FuseRule { counts, budget, bank, ..FuseRule::default() };
            let mut listed = 0;
            for (t, step) in standings(&rule, &p).iter().enumerate() {
                let now = step.iter().flatten().filter(|standing| standing.is_listed()).count();
                listed += now;
                prop_assert!(now as f64 <= (budget * bank).max(1.0) + 1e-6);
                prop_assert!(listed as f64 <= budget * (t + 1) as f64 + (budget * bank / 2.0).max(1.0) + 1e-6);
            }
        }
    }
}

//! Places, gatherings and goods as sources: everybody who was asked, ill or well, exposed or not, as a table for each that two of
//! them share.

use crate::cases::views::TracedCase;
use crate::trace::shared_by::{Kind, Shared, gatherings};
use crate::trace::wall::{day_of, told_minute};
use base::Day;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Query, Result, Row, Scope, params};
use trace::{Beliefs, Hypothesis, Suspect, rank_hypotheses, yes_or_no};

const LEVEL: f64 = 0.95;

/// Somebody infected longer ago fell ill earlier: the longest incubation usually watched.
pub(super) const LOOK_BACK_DAYS: i32 = 14;

/// More are not ranked; each costs an exact interval.
const MOST_SUSPECTS: usize = 300;

/// Where the people of an event said they were, and what touched them.
pub(super) struct Visits {
    /// By handle of the person: ill or not.
    people: BTreeMap<String, bool>,
    /// The person of each case.
    person: BTreeMap<String, String>,
    shared: Vec<Shared>,
}

/// A stay that counts: who, where, from when to when.
pub(super) struct Stayed {
    pub subject: String,
    pub place: String,
    pub from: i64,
    pub to: i64,
}

/// A suspect among the others: which thing it is, and what its table says.
pub(super) struct Ranked {
    at: usize,
    hypothesis: Hypothesis,
}

fn stays(query: &mut dyn Query, scope: &Scope, event: &str, of: &str) -> Result<Vec<Row>> {
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT v.subject, i.case_id, v.place, p.name, v.earliest, v.latest, i.goods, i.no FROM trace_visit v \
         JOIN trace_interview i ON i.id = v.interview JOIN trace_place p ON p.id = v.place \
         WHERE i.event = $1 AND i.territory >= $2 AND i.territory < $3 AND v.removed = 0 AND v.place IS NOT NULL \
         AND {of} ORDER BY v.id LIMIT 200000"
    );
    query.rows(&sql, params![event, first, past])
}

impl Visits {
    pub fn read(query: &mut dyn Query, scope: &Scope, event: &str, cases: &[TracedCase]) -> Result<Visits> {
        let onset: BTreeMap<&str, Option<Day>> =
            cases.iter().map(|case| (case.id.as_str(), case.day)).collect();
        let mut visits = Visits { people: BTreeMap::new(), person: BTreeMap::new(), shared: Vec::new() };
        let (mut counted, mut names) = (Vec::new(), BTreeMap::new());
        for row in &stays(query, scope, event, "i.goods IS NULL AND i.place IS NULL")? {
            let (subject, case): (String, Option<String>) = (row.text(0)?, row.opt_text(1)?);
            let fell_ill = case.as_deref().and_then(|case| onset.get(case).copied()).flatten();
            if let Some(case) = case.filter(|case| onset.contains_key(case.as_str())) {
                visits.person.insert(case, subject.clone());
            }
            visits.people.entry(subject.clone()).or_insert(fell_ill.is_some());
            let times = row.opt_int(4)?.zip(row.opt_int(5)?);
            if counts(fell_ill, times) {
                let (from, to) = times.unwrap_or_default();
                names.insert(row.text(2)?, row.text(3)?);
                counted.push(Stayed { subject, place: row.text(2)?, from, to });
            }
        }
        visits.of_places(&counted, &names);
        let ill = |subject: &str| visits.people.get(subject).copied().unwrap_or(false);
        let together = gatherings(&counted, &names, &ill);
        visits.shared.extend(together);
        visits.of_goods(query, scope, event, &counted)?;
        // What one person alone was exposed to is no suspect.
        visits.shared.retain(|one| one.exposed.len() > 1);
        let ill = |one: &Shared| {
            one.exposed.iter().filter(|person| visits.people.get(*person) == Some(&true)).count()
        };
        let mut shared = std::mem::take(&mut visits.shared);
        shared.sort_by_cached_key(|one| std::cmp::Reverse(ill(one)));
        shared.truncate(MOST_SUSPECTS);
        visits.shared = shared;
        Ok(visits)
    }

    fn of_places(&mut self, counted: &[Stayed], names: &BTreeMap<String, String>) {
        let mut exposed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for stay in counted {
            exposed.entry(&stay.place).or_default().insert(stay.subject.clone());
        }
        self.shared.extend(exposed.into_iter().map(|(place, exposed)| Shared {
            kind: Kind::Place,
            id: place.to_owned(),
            name: names[place].clone(),
            exposed,
        }));
    }

    /// Who was where a lot lay while it lay there, and who is written down as exposed to it.
    fn of_goods(
        &mut self,
        query: &mut dyn Query,
        scope: &Scope,
        event: &str,
        counted: &[Stayed],
    ) -> Result<()> {
        let mut by_place: BTreeMap<&str, Vec<&Stayed>> = BTreeMap::new();
        for stay in counted {
            by_place.entry(&stay.place).or_default().push(stay);
        }
        let mut lots: BTreeMap<String, Shared> = BTreeMap::new();
        let lot = |id: String, name: String| Shared { kind: Kind::Goods, id, name, exposed: BTreeSet::new() };
        for row in &stays(query, scope, event, "i.goods IS NOT NULL")? {
            let (Some(from), Some(to)) = (row.opt_int(4)?, row.opt_int(5)?) else { continue };
            let (id, place) = (row.opt_text(6)?.unwrap_or_default(), row.text(2)?);
            let one = lots.entry(id.clone()).or_insert(lot(id, row.text(7)?));
            let there = by_place.get(place.as_str()).into_iter().flatten();
            let with_it = there.filter(|stay| stay.from <= to && from <= stay.to);
            one.exposed.extend(with_it.map(|stay| stay.subject.clone()));
        }
        let (first, past) = scope.territory.range();
        let sql = "SELECT x.goods, i.no, x.subject FROM trace_exposure x JOIN trace_interview i ON i.goods = x.goods \
                   WHERE i.event = $1 AND x.territory >= $2 AND x.territory < $3 ORDER BY x.id LIMIT 20000";
        for row in query.rows(sql, params![event, first, past])? {
            let (id, subject) = (row.text(0)?, row.text(2)?);
            let one = lots.entry(id.clone()).or_insert(lot(id, row.text(1)?));
            // Of whoever was never asked nobody knows whether they are ill, or what else they share.
            if self.people.contains_key(&subject) {
                one.exposed.insert(subject);
            }
        }
        self.shared.extend(lots.into_values());
        Ok(())
    }

    /// Those that point most strongly first. Suspects whom exactly the same people share are one question: held against the number of
    /// questions, and told each.
    pub fn ranked(&self) -> Vec<Ranked> {
        let ill: Vec<bool> = self.people.values().copied().collect();
        let mut alike: BTreeMap<&BTreeSet<String>, Vec<usize>> = BTreeMap::new();
        for (at, one) in self.shared.iter().enumerate() {
            alike.entry(&one.exposed).or_default().push(at);
        }
        let suspects: Vec<Suspect> = alike
            .iter()
            .map(|(exposed, all)| Suspect {
                name: self.shared[all[0]].id.clone(),
                exposed: self.people.keys().map(|person| Some(exposed.contains(person))).collect(),
            })
            .collect();
        let ranked = rank_hypotheses(&ill, &suspects, LEVEL).into_iter();
        let told = ranked.flat_map(|hypothesis| {
            let same = alike.values().find(|all| self.shared[all[0]].id == hypothesis.name);
            let same = same.cloned().unwrap_or_default();
            same.into_iter().map(move |at| Ranked { at, hypothesis: hypothesis.clone() })
        });
        told.collect()
    }

    fn is_exposed(&self, case: &TracedCase, one: &Shared) -> bool {
        self.person.get(&case.id).is_some_and(|person| one.exposed.contains(person))
    }

    /// Those the case was exposed to, those that point most strongly first.
    pub fn of_case(&self, case: &TracedCase, ranked: &[Ranked], open: &[&TracedCase]) -> Vec<Json> {
        let here = ranked.iter().filter(|one| self.is_exposed(case, &self.shared[one.at]));
        here.map(|Ranked { at, hypothesis }| {
            let one = &self.shared[*at];
            let explains = open.iter().filter(|other| self.is_exposed(other, one)).count();
            let low = hypothesis.odds_ratio_mid_p.low;
            let mut told = json!({
                "kind": one.kind.word(), "id": one.id, "name": one.name, "explains": explains, "of": open.len(),
                "score": low.is_finite().then_some(low), "share": null, "p_value": hypothesis.p_value_of_many,
                "table": {
                    "exposed_ill": hypothesis.table.exposed_ill, "exposed_well": hypothesis.table.exposed_well,
                    "unexposed_ill": hypothesis.table.unexposed_ill, "unexposed_well": hypothesis.table.unexposed_well,
                },
            });
            if let Kind::Gathering { place, from, to } = &one.kind {
                told["place"] = json!(place);
                (told["from"], told["to"]) = (json!(told_minute(*from)), json!(told_minute(*to)));
                told["day"] = json!(day_of(*from));
            }
            told
        })
        .collect()
    }

    /// What to ask a case of whom no stay is known: whether it shared what the others share. The bits are what the answer is expected to
    /// tell of whether that was its source.
    pub fn questions(&self, case: &TracedCase, ranked: &[Ranked]) -> Vec<Json> {
        if self.person.contains_key(&case.id) {
            return Vec::new();
        }
        let asked = ranked.iter().filter_map(|Ranked { at, hypothesis }| {
            let (one, table) = (&self.shared[*at], &hypothesis.table);
            let (of_exposed, of_others) =
                (hypothesis.attack_rate_exposed.value, hypothesis.attack_rate_unexposed.value);
            // The part of the ill among the exposed that would not have fallen ill without it; with nobody to compare, no question.
            let comparable = of_others.is_finite() && of_exposed > 0.0;
            let by_it = comparable.then(|| (1.0 - of_others / of_exposed).max(0.0))?;
            let ill = (table.exposed_ill + table.unexposed_ill) as f64;
            let exposed = (table.exposed_ill as f64 + 0.5) / (ill + 1.0);
            let bits = answer_tells(exposed, by_it)?;
            let (en, zh) = one.question(&case.case_no);
            let bits = (bits * 1_000.0).round() / 1_000.0;
            (bits > 0.0)
                .then(|| json!({ "question_en": en, "question_zh": zh, "about": [case.id], "bits": bits }))
        });
        asked.take(MOST_QUESTIONS).collect()
    }
}

/// By how much a yes or no about sharing something lowers the doubt whether it infected: `shared`, the chance of a yes, `by_it`, that
/// it infected whoever shared it.
fn answer_tells(shared: f64, by_it: f64) -> Option<f64> {
    let worlds = [(shared * by_it, 1), (shared * (1.0 - by_it), 0), (1.0 - shared, 0)];
    let answers = yes_or_no([true, true, false], 1.0, 1.0);
    Beliefs::of(worlds).ok()?.expected_information(&answers).ok()
}

/// More are not asked of one person.
const MOST_QUESTIONS: usize = 3;

/// Where somebody went after they fell ill infected nobody but others.
fn counts(fell_ill: Option<Day>, times: Option<(i64, i64)>) -> bool {
    let (Some(onset), Some((earliest, latest))) = (fell_ill, times) else { return true };
    let day = |minute: i64| minute.div_euclid(1_440);
    let onset = i64::from(onset.number());
    day(earliest) <= onset && day(latest) >= onset - i64::from(LOOK_BACK_DAYS)
}

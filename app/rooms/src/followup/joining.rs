//! What the laboratory has of people who are followed joins what was seen of them, without anybody typing it.
//!
//! Deliberately absent: what it means for their days, and any decision about them. Whoever is found positive is proposed as that;
//! nobody is let go by a result.

use crate::access::follow_up_clock;
use crate::followup::changes::JoinSwab;
use crate::followup::course::{COURSE_COLUMNS, CourseRecord};
use crate::lab::results::{Became, Sampled, samples_of};
use crate::people::numbers_of;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::{App, House};
use base::{Id, Moment};
use followup::Outcome;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use store::{Query, Result, Vault, params, random_bits};

const LOOK: Duration = Duration::from_secs(20);
/// It rests so many times as long as it looked: the morning of a city is not slowed by it.
const REST: u32 = 10;
/// People looked at in one turn of the reader.
const TURN: i64 = 200;

/// For as long as the program runs.
pub async fn keep_joining(house: App) {
    loop {
        let own = house.clone();
        let began = Instant::now();
        if let Ok(Err(fault)) = tokio::task::spawn_blocking(move || join_now(&own)).await {
            eprintln!(
                "quell: results were not joined to people followed, and are again in a moment: {fault}"
            );
        }
        tokio::time::sleep(LOOK.max(began.elapsed() * REST)).await;
    }
}

/// Everybody who is on a pathway. Returns how many samples told something new.
pub fn join_now(house: &House) -> Result<usize> {
    let (mut after, mut joined) = (String::new(), 0);
    loop {
        let from = after.clone();
        let now = house.now();
        let (last, news) = house.db.read_now(move |reader| news(reader, &from, now))?;
        for one in news {
            joined += usize::from(house.db.apply_now(&follow_up_clock(), house.now(), one)?);
        }
        match last {
            Some(last) => after = last,
            None => return Ok(joined),
        }
    }
}

type News = (Option<String>, Vec<JoinSwab>);

/// Of the next people, what their row does not say yet; and the last who was looked at.
fn news(query: &mut dyn Query, after: &str, now: Moment) -> Result<News> {
    let sql = format!(
        "SELECT {COURSE_COLUMNS} FROM followup_course f WHERE f.ended IS NULL AND f.id > $1 ORDER BY f.id LIMIT $2"
    );
    let courses: Vec<CourseRecord> =
        query.rows(&sql, params![after, TURN])?.iter().map(CourseRecord::of).collect::<Result<_>>()?;
    let subjects: Vec<_> = courses.iter().map(|course| course.subject).collect();
    let numbers = numbers_of(query, &subjects)?;
    let mut news = Vec::new();
    for course in &courses {
        let Some(number) = numbers.get(&course.subject) else { continue };
        let since = Moment::start_of(course.day_zero, UTC_OFFSET_MINUTES);
        let samples = samples_of(query, number, since, now)?;
        news.extend(unknown(query, course, &samples)?);
    }
    let full = i64::try_from(courses.len()).unwrap_or(i64::MAX) == TURN;
    Ok((courses.last().filter(|_| full).map(|course| course.id.to_string()), news))
}

/// Samples of the course's own disease that are not joined, or were joined as something else.
fn unknown(query: &mut dyn Query, course: &CourseRecord, samples: &[Sampled]) -> Result<Vec<JoinSwab>> {
    let mut seen = BTreeSet::new();
    let of_it: Vec<&Sampled> =
        samples.iter().filter(|one| is_of(course, one) && seen.insert(&one.barcode)).collect();
    if of_it.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT swab, outcome, ct FROM followup_test WHERE course = $1 AND swab IS NOT NULL";
    let mut joined: BTreeMap<String, (Outcome, Option<f64>)> = BTreeMap::new();
    for row in query.rows(sql, params![course.id])? {
        joined.insert(row.text(0)?, (row.read(1)?, row.opt_real(2)?));
    }
    let news = of_it.into_iter().filter_map(|one| {
        let swab = query.vault().mark("followup swab", &one.barcode);
        let outcome = outcome_of(one.became);
        let known =
            joined.get(&swab).is_some_and(|(was, ct)| *was == outcome && (one.ct.is_none() || *ct == one.ct));
        (!known).then(|| JoinSwab {
            id: Id::from_bits(random_bits()),
            test: Id::from_bits(bits_of(query.vault(), course, &swab)),
            course: course.id,
            swab,
            at: one.at,
            outcome,
            ct: one.ct,
        })
    });
    Ok(news.collect())
}

/// A round for another disease says nothing of this one.
fn is_of(course: &CourseRecord, sample: &Sampled) -> bool {
    let Some(disease) = sample.disease.as_deref() else { return false };
    let of_edition =
        || course.edition().is_some_and(|edition| edition.diseases.iter().any(|one| one == disease));
    course.disease.as_deref() == Some(disease) || course.disease.is_some() && of_edition()
}

fn outcome_of(became: Became) -> Outcome {
    match became {
        Became::Waiting => Outcome::Waiting,
        Became::Negative => Outcome::Negative,
        Became::Positive => Outcome::Positive,
        Became::Nothing => Outcome::Invalid,
    }
}

/// The same for two copies of the program.
fn bits_of(vault: &Vault, course: &CourseRecord, swab: &str) -> u128 {
    let digest = Sha256::digest(vault.mark("followup test", &format!("{}|{swab}", course.id)));
    u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes"))
}

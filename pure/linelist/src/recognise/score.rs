//! How well a column fits a field: its name first, then whether its cells keep the name's promise.

use super::{kind, side_of};
use crate::{
    Fact, Field, ListKind, Whose,
    field::Group,
    header::{Header, content},
    profile::{ColumnProfile, share},
    synonyms::{CHINESE, ENGLISH, SPOILERS},
    values::{allowed, legend},
};

#[derive(Debug, Clone)]
pub struct Guess {
    pub field: Field,
    pub certainty: f64,
    pub why: String,
}

impl Guess {
    /// A known layout says so.
    pub fn told(field: Field, layout: &str) -> Guess {
        Guess { field, certainty: 1.0, why: format!("a column of the {layout} layout") }
    }
}

/// Words beside the telling ones that do not change what is meant.
const HARMLESS: [&str; 9] =
    ["case", "own", "current", "first", "final", "stated", "reported", "actual", "english"];
/// A place with one of these is not where somebody lives.
const ELSEWHERE: [&str; 12] = [
    "infection",
    "infect",
    "hospital",
    "travel",
    "birth",
    "exposure",
    "attack",
    "confirm",
    "facility",
    "facilities",
    "leave",
    "work",
];

/// Every field this column might say, with how sure and why.
pub fn guess(header: &Header, text: &str, profile: &ColumnProfile, kind: ListKind) -> Vec<Guess> {
    let (whose, header) = match kind {
        ListKind::Links => kind::whose(header),
        ListKind::Cases | ListKind::Contacts => (Whose::Row, header.clone()),
    };
    let mut guesses = Vec::new();
    if kind == ListKind::Links && whose != Whose::Row && header.words.is_empty() && header.chinese.is_empty()
    {
        let why = "names one end of the link".to_owned();
        guesses.push(Guess { field: Field::of(whose, Fact::CaseNo), certainty: 0.9, why });
        // `source` beside `infector` is where or how it happened: offered, and taken when the end is taken.
        guesses.extend(setting_by_whole_name(text, profile));
    }
    for fact in Fact::ALL.iter().copied().filter(|fact| fact.belongs_to(kind)) {
        let Some((by_name, name)) = score_name(&header, fact) else { continue };
        let Some((by_cells, cells)) = score_cells(fact, text, profile, by_name) else { continue };
        let field = match kind {
            ListKind::Links => side_of(fact, if whose == Whose::Row { Whose::Infectee } else { whose }),
            _ => Field::row(fact),
        };
        // A column of a pair that names neither end is about the infectee, or about both; half a guess.
        let side = if kind == ListKind::Links && whose == Whose::Row && field.whose != Whose::Row {
            0.7
        } else {
            1.0
        };
        if Field::all(kind).contains(&field) {
            guesses.push(Guess {
                field,
                certainty: by_name * by_cells * side,
                why: format!("{name}{cells}"),
            });
        }
    }
    guesses
}

fn setting_by_whole_name(text: &str, profile: &ColumnProfile) -> Option<Guess> {
    let (by_name, why) = score_name(&Header::of(text), Fact::Setting)?;
    let (by_cells, _) = score_cells(Fact::Setting, text, profile, by_name)?;
    Some(Guess { field: Field::row(Fact::Setting), certainty: by_name * by_cells * 0.8, why })
}

/// 0 to 1, and the reason; `None` when the name says something else.
fn score_name(header: &Header, fact: Fact) -> Option<(f64, String)> {
    let by_chinese = score_chinese(header, fact);
    let by_english = score_english(header, fact);
    match (by_chinese, by_english) {
        (Some(chinese), Some(english)) => Some(if english.0 > chinese.0 { english } else { chinese }),
        (one, other) => one.or(other),
    }
}

fn score_chinese(header: &Header, fact: Fact) -> Option<(f64, String)> {
    if header.chinese.is_empty() {
        return None;
    }
    let (_, names) = CHINESE.iter().find(|(known, _)| *known == fact)?;
    let exact = names.iter().position(|name| *name == header.chinese);
    if let Some(rank) = exact {
        return Some((0.97 - rank_cost(rank), format!("“{}” is a name for {}", header.chinese, fact.word())));
    }
    let inside = names.iter().filter(|name| header.chinese.contains(*name)).max_by_key(|name| name.len())?;
    // Two characters inside a long name prove little: 病例 is in half of all headers.
    if inside.chars().count() < 2 {
        return None;
    }
    let covered = share(inside.len() as u64, header.chinese.len() as u64)?;
    Some((0.35 + 0.5 * covered, format!("“{}” contains “{inside}”", header.chinese)))
}

fn score_english(header: &Header, fact: Fact) -> Option<(f64, String)> {
    if header.words.is_empty() {
        return None;
    }
    let (_, names) = ENGLISH.iter().find(|(known, _)| *known == fact)?;
    let mine = header.content();
    let says_date = header.words.iter().any(|word| matches!(word.as_str(), "date" | "dt" | "dates"));
    if says_date && !fact.is_date() && !matches!(fact, Fact::BirthYear) {
        return None;
    }
    let mut best: Option<(f64, String)> = None;
    for (rank, name) in names.iter().enumerate() {
        let words: Vec<&str> = name.split(' ').collect();
        let telling = content(&words);
        if telling.is_empty() {
            continue;
        }
        let score = if telling == mine {
            0.95 + if says_date || !fact.is_date() { 0.02 } else { 0.0 }
        } else if telling.iter().all(|word| mine.contains(word)) {
            score_extra(&mine, &telling, fact)
        } else {
            0.0
        } - rank_cost(rank);
        if score > best.as_ref().map_or(0.0, |best| best.0) {
            best = Some((score, format!("`{}` is a name for {}", header.words.join(" "), fact.word())));
        }
    }
    best
}

/// The name is inside the header, with words around it.
fn score_extra(mine: &[String], telling: &[String], fact: Fact) -> f64 {
    let extra: Vec<&str> = mine.iter().filter(|word| !telling.contains(word)).map(String::as_str).collect();
    let elsewhere = fact.group() == Group::Place && extra.iter().any(|word| ELSEWHERE.contains(word));
    if elsewhere || extra.iter().any(|word| SPOILERS.contains(word)) {
        return 0.0;
    }
    if extra.iter().all(|word| HARMLESS.contains(word)) {
        0.8
    } else if extra.len() == 1 && fact.is_date() {
        0.6
    } else if extra.len() == 1 {
        0.4
    } else {
        0.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rank below a hundred")]
fn rank_cost(rank: usize) -> f64 {
    rank as f64 * 0.001
}

/// Do the cells keep the promise of the name? A factor and a remark; `None` when they speak against it.
fn score_cells(fact: Fact, header: &str, profile: &ColumnProfile, by_name: f64) -> Option<(f64, String)> {
    if profile.filled == 0 {
        return Some((0.9, "; the column is blank".to_owned()));
    }
    if fact.is_date() {
        let dates = profile.date_share()?;
        // Bare numbers that happen to look like spreadsheet days must be the rule, not the exception.
        return (dates >= 0.5).then(|| (1.0, format!("; {} of its cells are days", percent(dates))));
    }
    if profile.date_share()? > 0.8
        && !is_number_fact(fact)
        && !matches!(
            fact,
            Fact::CaseNo
                | Fact::ContactNo
                | Fact::SourceCaseNo
                | Fact::InfectedBy
                | Fact::IdNumber
                | Fact::RegionCode
                | Fact::Phone
        )
    {
        return None;
    }
    if !allowed(fact).is_empty() {
        return score_answers(fact, header, profile, by_name);
    }
    let agree = |part: u64| share(part, profile.filled).unwrap_or(0.0);
    match fact {
        Fact::Age | Fact::AgeBand | Fact::AgeLow | Fact::AgeHigh => (agree(profile.ages) >= 0.5)
            .then(|| (1.0, format!("; {} of its cells are ages", percent(agree(profile.ages))))),
        Fact::BirthYear => {
            (agree(profile.dates.bare_years) >= 0.5).then(|| (1.0, "; its cells are years".to_owned()))
        }
        Fact::Lon => within(profile, -180.0, 180.0),
        Fact::Lat => within(profile, -90.0, 90.0),
        Fact::Name | Fact::GivenName | Fact::FamilyName => {
            (agree(profile.numbers.count) < 0.5).then(|| (1.0, String::new()))
        }
        // `disease` TRUE or blank means an underlying condition, not which disease.
        Fact::Disease => {
            (profile.known_share(Fact::Household).unwrap_or(0.0) < 0.9).then(|| (1.0, String::new()))
        }
        Fact::SourceText | Fact::Setting | Fact::Place | Fact::Address => {
            (agree(profile.web) < 0.5).then(|| (1.0, String::new()))
        }
        // Which words are outcomes is known; a `state` that is not one is a province.
        Fact::Province => {
            (profile.known_share(Fact::Outcome).unwrap_or(0.0) < 0.5).then(|| (1.0, String::new()))
        }
        _ => Some((1.0, String::new())),
    }
}

fn is_number_fact(fact: Fact) -> bool {
    matches!(
        fact,
        Fact::Age
            | Fact::AgeBand
            | Fact::AgeLow
            | Fact::AgeHigh
            | Fact::BirthYear
            | Fact::BirthMonth
            | Fact::BirthDay
            | Fact::Lon
            | Fact::Lat
    )
}

fn score_answers(fact: Fact, header: &str, profile: &ColumnProfile, by_name: f64) -> Option<(f64, String)> {
    if !legend(fact, header).is_empty() {
        return Some((1.0, "; the header explains its codes".to_owned()));
    }
    let known = profile.known_share(fact)?;
    if known >= 0.5 {
        Some((1.0, format!("; {} of its words are known", percent(known))))
    } else if known >= 0.2 {
        Some((0.8, format!("; only {} of its words are known", percent(known))))
    } else if by_name >= 0.9
        && profile.distinct() <= 6
        && profile.date_share().unwrap_or(0.0) < 0.5
        && fact != Fact::Household
    {
        Some((0.6, "; its codes must be explained".to_owned()))
    } else {
        None
    }
}

fn within(profile: &ColumnProfile, low: f64, high: f64) -> Option<(f64, String)> {
    let numbers = &profile.numbers;
    let all = share(numbers.count, profile.filled)? >= 0.8 && numbers.low >= low && numbers.high <= high;
    all.then(|| (1.0, "; its cells are degrees".to_owned()))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

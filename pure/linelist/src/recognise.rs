//! Guessing what each column says from its name and its cells, and saying how sure the guess is and why.
//!
//! Deliberately absent: a silent choice. Where the cells leave two readings open, the mapping asks
//! (`Mapping::questions`).

mod dates;
mod kind;
mod score;

use crate::{
    Fact, Field, ListKind, Problem, Severity, Whose,
    header::Header,
    mapping::{ColumnMapping, Defaults, Mapping},
    profile::{ColumnProfile, Profile},
    templates,
    values::{legend, word_of},
};
pub(crate) use dates::{SETTLED, settle};
use kind::kind_of;
use score::{Guess, guess};

/// Guesses below this are not made: the column stays unread and is kept as it is.
const SURE_ENOUGH: f64 = 0.45;
/// Distinct answers listed in a value map; a column with more is not a column of closed answers.
const ANSWERS_CAP: usize = 200;

/// The mapping of a file with these columns and cells. `kind` is taken as given when somebody said it.
pub fn recognise(columns: &[String], profile: &Profile, kind: Option<ListKind>) -> Mapping {
    let headers: Vec<Header> = columns.iter().map(|column| Header::of(column)).collect();
    let template = templates::known(columns, kind);
    let kind = kind.or(template.as_ref().map(|known| known.kind)).unwrap_or_else(|| kind_of(&headers));
    let empty = ColumnProfile::default();
    let profile_of = |place: usize| profile.columns.get(place).unwrap_or(&empty);

    let guesses = columns.iter().enumerate().map(|(place, column)| {
        let told = template.as_ref().and_then(|known| known.field(column));
        match (&template, told) {
            (_, Some(field)) => vec![Guess::told(field, template.as_ref().map_or("", |known| known.name))],
            // A known layout says what each of its columns means; what it does not name stays unread.
            (Some(_), None) => Vec::new(),
            (None, None) => guess(&headers[place], column, profile_of(place), kind),
        }
    });
    let mut mapped = assign(columns, guesses.collect());
    for (place, column) in mapped.iter_mut().enumerate() {
        if let Some(field) = column.field {
            read_cells_of(column, field, profile_of(place));
        }
    }
    let mut mapping = Mapping {
        kind,
        recognised: template.map(|known| known.name.to_owned()),
        columns: mapped,
        defaults: Defaults::default(),
        notes: Vec::new(),
    };
    settle(&mut mapping, profile);
    mapping
}

/// Each field goes to the column that fits it best; each column reads as one field.
fn assign(columns: &[String], guesses: Vec<Vec<Guess>>) -> Vec<ColumnMapping> {
    let mut mapped: Vec<ColumnMapping> = columns.iter().map(|column| ColumnMapping::unread(column)).collect();
    let mut ranked: Vec<(usize, Guess)> = guesses
        .into_iter()
        .enumerate()
        .flat_map(|(place, guesses)| guesses.into_iter().map(move |guess| (place, guess)))
        .filter(|(_, guess)| guess.certainty >= SURE_ENOUGH)
        .collect();
    // The surest first; among equals the column that stands first.
    ranked.sort_by(|a, b| b.1.certainty.total_cmp(&a.1.certainty).then(a.0.cmp(&b.0)));
    let mut taken: Vec<(Field, usize)> = Vec::new();
    for (place, guess) in ranked {
        if mapped[place].field.is_some() {
            continue;
        }
        if let Some((_, other)) = taken.iter().find(|(field, _)| *field == guess.field) {
            mapped[place].why =
                format!("looks like {}, which is already read from `{}`", guess.field, columns[*other]);
            continue;
        }
        taken.push((guess.field, place));
        mapped[place].field = Some(guess.field);
        mapped[place].certainty = (guess.certainty * 100.0).round() / 100.0;
        mapped[place].why = guess.why;
    }
    mapped
}

/// Looks at the cells of a column that is read as `field`: the order of its dates, the meaning of its
/// answers.
pub(crate) fn read_cells_of(column: &mut ColumnMapping, field: Field, profile: &ColumnProfile) {
    if field.fact.is_date() {
        column.date = Some(dates::reading(&column.header, field.fact, profile));
    }
    if column.allowed().is_none() {
        return;
    }
    let explained = legend(field.fact, &column.header);
    for (text, _) in profile.by_count().into_iter().take(ANSWERS_CAP) {
        let from_header = explained.iter().find(|(code, _)| *code == text).map(|(_, word)| *word);
        if let Some(word) = from_header.or_else(|| word_of(field.fact, &text)) {
            column.values.insert(text, word.to_owned());
        }
    }
}

/// A remark about a column as a whole.
fn note(column: &str, code: &str, message: String) -> Problem {
    Problem {
        row: 0,
        column: Some(column.to_owned()),
        value: None,
        code: code.to_owned(),
        severity: Severity::Info,
        message,
    }
}

/// Relation, setting and household belong to the link itself, and so does the disease.
fn side_of(fact: Fact, whose: Whose) -> Field {
    match fact {
        Fact::Relation | Fact::Setting | Fact::Household | Fact::Disease => Field::row(fact),
        _ => Field::of(whose, fact),
    }
}

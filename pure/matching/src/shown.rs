//! What two records of one person are likely to share: values worth a mark, so that pairs are found without reading names.

use crate::Described;
use crate::names::{Name, fold};
use crate::numbers::{Number, phones};
use cases::words;
use std::collections::BTreeSet;

words! {
    /// What a mark stands for. Only what few people share: a surname, a sex or a village would tell who is behind a mark by
    /// how often it stands there.
    Kind, "kind of mark" {
        IdNumber = "id_number",
        Document = "document",
        Phone = "phone",
        /// The sound of the whole name with a year of birth.
        NameBorn = "name_born",
    }
}

/// Values to be marked. Equal values mean: look at the two; never: they are one.
pub fn shown(of: &Described) -> Vec<(Kind, String)> {
    let mut values: BTreeSet<(Kind, String)> = BTreeSet::new();
    match of.id_number.as_deref().and_then(Number::of) {
        Some(Number::Citizen(digits)) => {
            values.insert((Kind::IdNumber, digits));
        }
        Some(Number::Document(signs)) => {
            values.insert((Kind::Document, signs));
        }
        None => {}
    }
    values.extend(
        of.phone.as_deref().map(phones).unwrap_or_default().into_iter().map(|phone| (Kind::Phone, phone)),
    );
    if let (Some(name), Some(born)) = (of.name.as_deref().and_then(Name::of), of.born) {
        let sounds: BTreeSet<String> = name.sounds().iter().map(|sound| letters(sound)).collect();
        for year in born.years() {
            values.extend(sounds.iter().map(|sound| (Kind::NameBorn, format!("{sound} {year}"))));
        }
    }
    values.into_iter().collect()
}

/// The letters of a sound in order of the alphabet: whichever way its words stood and were joined.
fn letters(sound: &str) -> String {
    let mut letters: Vec<char> = fold(sound).chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

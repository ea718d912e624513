//! How two cases know each other, as free text says it, in Chinese or English.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Family,
    Coworker,
    Classmate,
    Neighbour,
    Friend,
    /// On the same vehicle or journey.
    Traveller,
    /// In contact, and no more is said.
    Contact,
}

impl Relation {
    /// The closed word for files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Relation::Family => "family",
            Relation::Coworker => "coworker",
            Relation::Classmate => "classmate",
            Relation::Neighbour => "neighbour",
            Relation::Friend => "friend",
            Relation::Traveller => "traveller",
            Relation::Contact => "contact",
        }
    }

    /// The relation word nearest the end of the text, which is where a number follows it: "family of TJ9".
    pub(crate) fn last_in(text: &str) -> Option<Relation> {
        spotted(text).into_iter().max_by_key(|(place, _)| *place).map(|(_, relation)| relation)
    }

    /// The relation word nearest the start of the text, which is where it follows a number: "TJ9's family".
    pub(crate) fn first_in(text: &str) -> Option<Relation> {
        spotted(text).into_iter().min_by_key(|(place, _)| *place).map(|(_, relation)| relation)
    }
}

/// English words by how they start, so that plurals and the usual misspellings ("colleage", "close contac t")
/// are met; those that end in a space are whole words, because "son" begins "sonar" and ends "person".
const ENGLISH: [(Relation, &[&str]); 7] = [
    (
        Relation::Family,
        &[
            "famil",
            "relative",
            "wife ",
            "wives ",
            "husband",
            "spouse",
            "son ",
            "sons ",
            "daughter",
            "mother",
            "father",
            "parent",
            "brother",
            "sister",
            "sibling",
            "uncle",
            "aunt ",
            "cousin",
            "nephew",
            "niece",
            "grand",
            "household",
            "child ",
            "children ",
        ],
    ),
    (Relation::Coworker, &["coworker", "co-worker", "colleag", "workmate", "business"]),
    (Relation::Classmate, &["classmate", "schoolmate"]),
    (Relation::Neighbour, &["neighbour", "neighbor"]),
    (Relation::Friend, &["friend"]),
    (Relation::Traveller, &["passenger", "travel ", "travelled ", "traveled ", "travelling "]),
    (Relation::Contact, &["contac", "dinner"]),
];

const CHINESE: [(Relation, &[&str]); 7] = [
    (
        Relation::Family,
        &[
            "妻",
            "丈夫",
            "之夫",
            "父",
            "母",
            "儿子",
            "之子",
            "女儿",
            "之女",
            "兄",
            "弟",
            "姐",
            "妹",
            "家人",
            "家属",
            "亲属",
            "亲戚",
            "共同居住",
            "同住",
            "公公",
            "婆婆",
            "媳",
            "女婿",
            "孙",
            "外甥",
            "侄",
            "叔",
            "舅",
            "姑",
            "姨",
            "爱人",
            "配偶",
            "子女",
        ],
    ),
    (Relation::Coworker, &["同事", "工友", "同单位", "合作伙伴"]),
    (Relation::Classmate, &["同学", "同班"]),
    (Relation::Neighbour, &["邻居", "同村", "同小区", "同楼"]),
    (Relation::Friend, &["朋友", "好友"]),
    (Relation::Traveller, &["同车", "同机", "同行", "同乘", "同航班"]),
    (Relation::Contact, &["接触", "密接", "聚餐"]),
];

/// Every relation word with its place in the text.
fn spotted(text: &str) -> Vec<(usize, Relation)> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for (start, word) in english_words(&lower) {
        let whole = format!("{word} ");
        for (relation, stems) in ENGLISH {
            if stems.iter().any(|stem| whole.starts_with(stem)) {
                found.push((start, relation));
            }
        }
    }
    for (relation, words) in CHINESE {
        for word in words {
            found.extend(lower.match_indices(word).map(|(start, _)| (start, relation)));
        }
    }
    found
}

fn english_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !(c.is_ascii_alphabetic() || c == '-'))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_not_a_son() {
        assert_eq!(Relation::last_in("coworker of a person from "), Some(Relation::Coworker));
        assert_eq!(Relation::last_in("son in law of "), Some(Relation::Family));
    }

    #[test]
    fn the_nearest_word_wins() {
        assert_eq!(Relation::last_in("shopping with friend, family of "), Some(Relation::Family));
        assert_eq!(Relation::first_in("的同事、其妻"), Some(Relation::Coworker));
        assert_eq!(Relation::last_in("shopper in the mall "), None);
    }
}

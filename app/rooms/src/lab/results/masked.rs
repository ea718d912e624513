//! As much of a name and a number as is needed to compare a code with the card in somebody's hand, and no more.

use crate::lab::people::{Document, Named};

/// Stands for what is not told; always the same, so that it tells nothing.
const HIDDEN: char = '＊';

/// 王小明 is 王＊明, 王明 is 王＊, Ada Lovelace is A＊ L＊. Nothing when there is no name.
pub(super) fn masked_name(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let masked: Vec<String> = match words.as_slice() {
        [] => return None,
        [one] if one.chars().all(|letter| letter >= '\u{2e80}' || letter == '·') => vec![masked_whole(one)],
        words => words
            .iter()
            .filter_map(|word| word.chars().next())
            .map(|first| format!("{first}{HIDDEN}"))
            .collect(),
    };
    Some(masked.join(" "))
}

fn masked_whole(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    match letters.as_slice() {
        [first, _, .., last] => format!("{first}{HIDDEN}{last}"),
        [first, ..] => format!("{first}{HIDDEN}"),
        [] => String::new(),
    }
}

/// The last four of a number of eight and more; of a shorter one they would be most of it.
pub(super) fn number_ending(named: &Named) -> Option<String> {
    if named.document == Some(Document::None) {
        return None;
    }
    let letters: Vec<char> = named.number.chars().filter(|letter| letter.is_alphanumeric()).collect();
    (letters.len() >= 8)
        .then(|| letters[letters.len() - 4..].iter().flat_map(|letter| letter.to_uppercase()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_ends() {
        for (name, masked) in [
            ("王小明", "王＊明"),
            ("王明", "王＊"),
            ("欧阳小明", "欧＊明"),
            ("买买提·吐尔逊", "买＊逊"),
            ("王", "王＊"),
            (" Ada  Lovelace ", "A＊ L＊"),
            ("Cher", "C＊"),
            ("Person 10", "P＊ 1＊"),
        ] {
            assert_eq!(masked_name(name).as_deref(), Some(masked));
        }
        assert_eq!(masked_name("  "), None);
    }

    #[test]
    fn a_number_keeps_four_when_four_are_few_of_it() {
        let ending = |number: &str| number_ending(&Named { number: number.to_owned(), ..Named::default() });
        assert_eq!(ending("140703 19900101 123x").as_deref(), Some("123X"));
        assert_eq!(ending("E1234567").as_deref(), Some("4567"));
        assert_eq!(ending("123456"), None);
        let none =
            Named { document: Some(Document::None), number: "12345678".to_owned(), ..Named::default() };
        assert_eq!(number_ending(&none), None);
    }
}

//! Two people wrote in one text at the same time: their words put together where they do not touch.
//!
//! Deliberately absent: choosing between words that do. Both are kept, and a person settles it.

/// Past this many comparisons a text is too long to put together while somebody waits.
const MOST_COMPARED: usize = 4_000_000;

/// What both wrote, starting from `base`; `None` when they changed the same words or wrote at the same place.
///
/// # Source
/// Khanna, Kunal and Pierce 2007, A formal investigation of diff3: chunks between words that all three share.
pub fn merge_words(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let (base, mine, theirs) = (words(base), words(mine), words(theirs));
    let in_mine = kept(&base, &mine)?;
    let in_theirs = kept(&base, &theirs)?;
    let mut merged = String::new();
    let (mut at_base, mut at_mine, mut at_theirs) = (0, 0, 0);
    let shared = (0..base.len()).filter_map(|word| Some((word, in_mine[word]?, in_theirs[word]?)));
    let end = (base.len(), mine.len(), theirs.len());
    for (to_base, to_mine, to_theirs) in shared.chain([end]) {
        let chunk = settled(&base[at_base..to_base], &mine[at_mine..to_mine], &theirs[at_theirs..to_theirs])?;
        chunk.iter().for_each(|word| merged.push_str(word));
        if to_base < base.len() {
            merged.push_str(base[to_base]);
        }
        (at_base, at_mine, at_theirs) = (to_base + 1, to_mine + 1, to_theirs + 1);
    }
    Some(merged)
}

/// Between two shared words: whoever changed something there is followed.
fn settled<'a>(base: &[&str], mine: &'a [&'a str], theirs: &'a [&'a str]) -> Option<&'a [&'a str]> {
    if mine == base || mine == theirs {
        Some(theirs)
    } else if theirs == base {
        Some(mine)
    } else {
        None
    }
}

/// Words of letters and digits; everything else, and every Chinese character, stands alone.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begun: Option<usize> = None;
    for (at, letter) in text.char_indices() {
        let in_a_word = letter.is_alphanumeric() && !('\u{2e80}'..='\u{9fff}').contains(&letter);
        match (in_a_word, begun) {
            (true, None) => begun = Some(at),
            (true, Some(_)) => {}
            (false, from) => {
                if let Some(from) = from {
                    words.push(&text[from..at]);
                }
                words.push(&text[at..at + letter.len_utf8()]);
                begun = None;
            }
        }
    }
    if let Some(from) = begun {
        words.push(&text[from..]);
    }
    words
}

/// Where each word of `base` stands in `other`, by a longest common subsequence; `None` when the texts are too long.
fn kept(base: &[&str], other: &[&str]) -> Option<Vec<Option<usize>>> {
    let before = base.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (left, right) = (&base[before..], &other[before..]);
    let after = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[..left.len() - after], &right[..right.len() - after]);
    if left.len().checked_mul(right.len())? > MOST_COMPARED {
        return None;
    }
    let mut places: Vec<Option<usize>> = vec![None; base.len()];
    for (word, place) in places.iter_mut().enumerate().take(before) {
        *place = Some(word);
    }
    for back in 1..=after {
        places[base.len() - back] = Some(other.len() - back);
    }
    // Lengths of the longest common subsequence of what follows each pair.
    let wide = right.len() + 1;
    let mut longest = vec![0_u32; (left.len() + 1) * wide];
    for a in (0..left.len()).rev() {
        for b in (0..right.len()).rev() {
            longest[a * wide + b] = if left[a] == right[b] {
                longest[(a + 1) * wide + b + 1] + 1
            } else {
                longest[(a + 1) * wide + b].max(longest[a * wide + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < left.len() && b < right.len() {
        if left[a] == right[b] {
            places[before + a] = Some(before + b);
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * wide + b] >= longest[a * wide + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: &str = "On Friday she ate noodles in Bell Street and went home by bus.";

    fn check(mine: &str, theirs: &str, merged: Option<&str>) {
        assert_eq!(merge_words(BASE, mine, theirs).as_deref(), merged);
        assert_eq!(merge_words(BASE, theirs, mine).as_deref(), merged, "whoever comes first");
    }

    #[test]
    fn edits_that_do_not_touch_are_both_kept() {
        check(
            "On Friday she ate noodles with her aunt in Bell Street and went home by bus.",
            "On Friday she ate noodles in Bell Street and went home by bus 12.",
            Some("On Friday she ate noodles with her aunt in Bell Street and went home by bus 12."),
        );
        let (base, mine, theirs) = (
            "周五在面馆吃饭后乘公交回家。",
            "周五晚在面馆吃饭后乘公交回家。",
            "周五在面馆吃饭后乘12路公交回家。",
        );
        assert_eq!(merge_words(base, mine, theirs).as_deref(), Some("周五晚在面馆吃饭后乘12路公交回家。"));
    }

    #[test]
    fn edits_of_the_same_words_are_not_put_together() {
        check(&BASE.replace("Friday", "Monday"), &BASE.replace("Friday", "Tuesday"), None);
        check(&format!("{BASE} Alone."), &format!("{BASE} With a friend."), None);
        check(&BASE.replace("noodles", ""), &BASE.replace("noodles", "rice"), None);
    }

    #[test]
    fn two_who_both_begin_an_empty_text_keep_both() {
        assert_eq!(merge_words("", "a", "b"), None);
        assert_eq!(merge_words("", "a", "a").as_deref(), Some("a"));
    }

    #[test]
    fn texts_too_long_to_compare_are_left_to_a_person() {
        let long = |word: &str| format!("{word} ").repeat(3_000);
        assert_eq!(merge_words(&long("a"), &long("b"), &long("c")), None);
    }

    proptest! {
        #[test]
        fn who_changes_nothing_changes_nothing(base in ".{0,80}", mine in ".{0,80}") {
            prop_assert_eq!(merge_words(&base, &mine, &base), Some(mine.clone()));
            prop_assert_eq!(merge_words(&base, &base, &mine), Some(mine.clone()));
            prop_assert_eq!(merge_words(&base, &mine, &mine), Some(mine));
        }

        /// No word is lost: what either added stands in what both wrote.
        #[test]
        fn words_added_at_two_places_both_stand(words in proptest::collection::vec("[a-z]{1,6}", 3..20), first in 0..8_usize, gap in 1..8_usize) {
            let (first, second) = (first.min(words.len() - 2), (first + gap).min(words.len() - 1).max(first.min(words.len() - 2) + 1));
            let with = |places: &[(usize, &str)]| {
                let told: Vec<String> = words.iter().enumerate().map(|(at, word)| {
                    let added = places.iter().find(|(place, _)| *place == at).map(|(_, word)| format!(" {word}"));
                    format!("{word}{}", added.unwrap_or_default())
                }).collect();
                told.join(" ")
            };
            let merged = merge_words(&with(&[]), &with(&[(first, "MINE")]), &with(&[(second, "THEIRS")]));
            prop_assert_eq!(merged, Some(with(&[(first, "MINE"), (second, "THEIRS")])));
        }
    }
}

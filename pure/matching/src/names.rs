//! Names in characters and in letters: one spelling, the sounds a name can have, and how near two names are.

use crate::weights::Agreement;
use pinyin::{ToPinyin, ToPinyinMulti};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Surnames that are not read as the character usually is.
///
/// # Source
/// Xiandai Hanyu Cidian, 7th edition, entries marked 姓 (memory).
const SURNAMES: [(char, &str); 17] = [
    ('单', "shan"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('查', "zha"),
    ('盖', "ge"),
    ('任', "ren"),
    ('朴', "piao"),
    ('区', "ou"),
    ('华', "hua"),
    ('覃', "qin"),
    ('乐', "yue"),
    ('翟', "zhai"),
    ('缪', "miao"),
    ('尉', "wei"),
    ('繁', "po"),
    ('召', "shao"),
];

/// A list that hides names writes these for what it hides.
const HIDDEN: [char; 6] = ['某', '*', '＊', '×', 'X', '○'];

pub(crate) struct Name {
    han: Vec<char>,
    /// Words in letters, lower case, without accents and tones, sorted: their order means nothing.
    words: Vec<String>,
}

impl Name {
    /// `None` when nothing is said: empty, or hidden by whoever made the list.
    pub(crate) fn of(text: &str) -> Option<Name> {
        let text: String = text.nfkc().collect();
        let is_han = |sign: &char| ('\u{3400}'..='\u{9fff}').contains(sign);
        let han: Vec<char> = text.chars().filter(is_han).collect();
        let has_han = !han.is_empty();
        if has_han && text.chars().any(|sign| HIDDEN.contains(&sign)) || text.contains('*') {
            return None;
        }
        if has_han {
            return Some(Name { han, words: Vec::new() });
        }
        let plain: String = text
            .replace(['ü', 'Ü'], "u")
            .nfd()
            .filter(|sign| !is_combining_mark(*sign) && !sign.is_numeric() && *sign != '\'' && *sign != '’')
            .flat_map(char::to_lowercase)
            .collect();
        let mut words: Vec<String> = plain
            .split(|sign: char| !sign.is_alphabetic())
            .filter(|word| !word.is_empty())
            .map(spelled)
            .collect();
        words.sort();
        (!words.is_empty()).then_some(Name { han, words })
    }

    /// The ways the whole name may sound, written together. Words in letters may stand in any order.
    pub(crate) fn sounds(&self) -> BTreeSet<String> {
        if self.han.is_empty() {
            return orders(&self.words);
        }
        let mut sounds = BTreeSet::from([String::new()]);
        for (at, sign) in self.han.iter().enumerate() {
            let readings = readings(*sign, at == 0);
            sounds = sounds
                .iter()
                .flat_map(|sound| readings.iter().map(move |reading| format!("{sound}{reading}")))
                .take(8)
                .collect();
        }
        sounds
    }

    pub(crate) fn compared(&self, other: &Name) -> Agreement {
        if self.han == other.han && self.words == other.words {
            return Agreement::NameSame;
        }
        let (sounds, others) = (self.sounds(), other.sounds());
        if sounds.intersection(&others).next().is_some() {
            return Agreement::NameSounds;
        }
        let folded =
            |sounds: &BTreeSet<String>| sounds.iter().map(|sound| fold(sound)).collect::<BTreeSet<_>>();
        if folded(&sounds).intersection(&folded(&others)).next().is_some() || self.is_near(other) {
            return Agreement::NameNear;
        }
        if self.shares_a_part(other) { Agreement::NamePartly } else { Agreement::NameDiffers }
    }

    /// Letters that a slip of the finger explains. Characters have no such slips: 王小明 and 王小红 are two children.
    ///
    /// # Source
    /// Winkler 1990, String comparator metrics; 0.92 is the threshold his tables give for "agree" (memory).
    fn is_near(&self, other: &Name) -> bool {
        let long = self.words.len() >= 2 && other.words.len() >= 2;
        long && {
            let (a, b) = (self.words.join(" "), other.words.join(" "));
            strsim::jaro_winkler(&a, &b).max(strsim::jaro_winkler(&b, &a)) >= 0.92
        }
    }

    fn shares_a_part(&self, other: &Name) -> bool {
        match (self.han.first(), other.han.first()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.words.iter().any(|word| word.len() > 1 && other.words.contains(word)),
            (Some(surname), None) => readings(*surname, true).iter().any(|sound| other.words.contains(sound)),
            (None, Some(surname)) => readings(*surname, true).iter().any(|sound| self.words.contains(sound)),
        }
    }
}

fn readings(sign: char, surname: bool) -> Vec<String> {
    if surname && let Some((_, known)) = SURNAMES.iter().find(|(known, _)| *known == sign) {
        return vec![(*known).to_owned()];
    }
    let mut readings: Vec<String> = Vec::new();
    // The usual reading, and one other: more would make every name sound like every other.
    if let Some(usual) = sign.to_pinyin() {
        readings.push(spelled(&plain(usual.plain())));
    }
    if let Some(several) = sign.to_pinyin_multi() {
        for one in several {
            let reading = spelled(&plain(one.plain()));
            if readings.len() < 2 && !readings.contains(&reading) {
                readings.push(reading);
            }
        }
    }
    if readings.is_empty() {
        readings.push(sign.to_string());
    }
    readings
}

fn plain(reading: &str) -> String {
    reading.replace('ü', "u")
}

/// Lü is written lu, lv, lyu and lü; passports write LYU.
fn spelled(word: &str) -> String {
    match word {
        "lv" | "lyu" => "lu".to_owned(),
        "nv" | "nyu" => "nu".to_owned(),
        _ => word.to_owned(),
    }
}

/// The words written together in every order; many words in one order only.
fn orders(words: &[String]) -> BTreeSet<String> {
    if words.len() > 4 {
        return BTreeSet::from([words.concat()]);
    }
    let mut orders = BTreeSet::from([(String::new(), vec![false; words.len()])]);
    for _ in words {
        orders = orders
            .iter()
            .flat_map(|(so_far, used)| {
                (0..words.len()).filter(|at| !used[*at]).map(move |at| {
                    let mut used = used.clone();
                    used[at] = true;
                    (format!("{so_far}{}", words[at]), used)
                })
            })
            .collect();
    }
    orders.into_iter().map(|(order, _)| order).collect()
}

/// What ears in half the country do not tell apart: zh and z, ch and c, sh and s, final ng and n.
pub(crate) fn fold(sound: &str) -> String {
    sound.replace("zh", "z").replace("ch", "c").replace("sh", "s").replace("ng", "n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, wanted: Agreement) {
        let (a_name, b_name) = (Name::of(a).expect(a), Name::of(b).expect(b));
        assert_eq!(a_name.compared(&b_name), wanted, "{a} and {b}");
        assert_eq!(b_name.compared(&a_name), wanted, "{b} and {a}");
    }

    #[test]
    fn one_name_in_many_spellings() {
        use Agreement::{NameNear, NameSame, NameSounds};
        for spelling in [
            "Wang Xiaoming",
            "Xiaoming WANG",
            "WANG Xiao-Ming",
            "wáng xiǎo míng",
            "Wang2 Xiao3ming2",
            "Wang Xiao Ming",
        ] {
            check("王晓明", spelling, NameSounds);
        }
        check("王 晓明", "王晓明", NameSame);
        check("王晓明", "王小明", NameSounds);
        check("Wang Xiaoming", "XIAOMING  WANG", NameSame);
        check("单田芳", "Shan Tianfang", NameSounds);
        check("曾国强", "Zeng Guoqiang", NameSounds);
        check("仇和平", "QIU HEPING", NameSounds);
        check("吕布衣", "LYU BUYI", NameSounds);
        check("张伟", "Zhang Wei", NameSounds);
        check("张胜", "Zang Shen", NameNear);
        check("José García", "GARCIA, Jose", NameSame);
        check("Siobhan OConnor", "Siobhan O'Connor", NameSame);
        check("Katherine Miller", "Katharine Miller", NameNear);
    }

    #[test]
    fn different_people_stay_different() {
        use Agreement::{NameDiffers, NamePartly};
        check("王小明", "王小红", NamePartly);
        check("王小明", "李建国", NameDiffers);
        check("张伟", "张丽", NamePartly);
        check("J Smith", "John Smith", NamePartly);
        check("Ada Lovelace", "Grace Hopper", NameDiffers);
    }

    #[test]
    fn a_hidden_name_says_nothing() {
        for hidden in ["王某某", "王**", "***", "", "  ", "李XX"] {
            assert!(Name::of(hidden).is_none(), "{hidden}");
        }
    }
}

//! Case numbers named in free text: "coworker of case TJ5", "确诊病例3之妻".
//!
//! It finds who is named and in what words; it does not decide that the named one was the infector.

use crate::known_ids::{KnownIds, without_zeros};
use crate::relation::Relation;
use serde::Serialize;
use std::ops::Range;

/// How the text names the case, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// With the number in full: "TJ9".
    Full,
    /// By number after a word for a case: "case 9", "病例9".
    Number,
    /// Between the ends of a range: "TJ1-TJ3" names TJ2 in this form.
    Range,
}

impl Form {
    /// The closed word for files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Form::Full => "full",
            Form::Number => "number",
            Form::Range => "range",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// As the list writes it; as the text implies it when no case of the list has it.
    pub case_no: String,
    pub listed: bool,
    pub relation: Option<Relation>,
    pub form: Form,
    /// Bytes of the text that name it.
    pub span: Range<usize>,
}

/// Who is named, in the order of the text.
///
/// A bare number is a case only after a word that says so (case, patient, 病例, 患者, 第…例), or when the whole
/// text is nothing but listed numbers of five or more digits, as in a column that holds the infector's id.
/// Ages, counts, days and dates are numbers too, and a wrong link costs more than a missed one.
pub fn mentions(text: &str, ids: &KnownIds) -> Vec<Mention> {
    let folded: String = text.chars().map(half_width).collect();
    let stated = text.char_indices().map(|(byte, _)| byte);
    let letters: Vec<Letter> =
        folded.char_indices().zip(stated).map(|((byte, c), stated)| Letter { byte, stated, c }).collect();
    let reader = Reader { text: &folded, stated_length: text.len(), letters: &letters, ids };
    let names = reader.names();
    let mut found = Vec::new();
    let mut start = 0;
    while start < names.len() {
        let end = reader.chain_end(&names, start);
        let relation = reader.relation_of(&names, start, end);
        for (place, name) in names.iter().enumerate().take(end).skip(start) {
            if place > start && name.ends_range {
                found.extend(reader.inside_range(&names[place - 1], name, relation));
            }
            found.push(reader.mention(name, relation));
        }
        start = end;
    }
    found
}

/// One place where the text names a case. Places are counted in characters.
#[derive(Debug, Clone)]
struct Name {
    start: usize,
    end: usize,
    prefix: String,
    number: String,
    case_no: String,
    listed: bool,
    form: Form,
    /// More bare numbers may follow: after "cases" or a Chinese word for case, not after "case".
    opens_list: bool,
    ends_range: bool,
}

/// A letter as it is read: its place in the text read here, and in the text as it was given.
struct Letter {
    byte: usize,
    stated: usize,
    c: char,
}

/// Chinese keyboards also write `ＴＪ３`: letters and digits of the full-width block stand 0xFEE0 above those of ASCII.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

struct Reader<'a> {
    text: &'a str,
    stated_length: usize,
    letters: &'a [Letter],
    ids: &'a KnownIds,
}

/// Longer ranges are more likely a misreading (a telephone number, a date) than fifty named cases.
const LONGEST_RANGE: u64 = 50;

/// Fewer digits than this could be an age or a count; ids this long do not appear by chance.
const LONG_NUMBER: usize = 5;

impl Reader<'_> {
    fn names(&self) -> Vec<Name> {
        if let Some(names) = self.nothing_but_numbers() {
            return names;
        }
        let mut names: Vec<Name> = Vec::new();
        let mut at = 0;
        while at < self.letters.len() {
            let name = self.whole_id(at).or_else(|| self.numbered(at, names.last()));
            match name {
                Some(mut name) => {
                    name.ends_range = names.last().is_some_and(|before| self.is_range(before, &name));
                    at = name.end;
                    names.push(name);
                }
                None => at += 1,
            }
        }
        names
    }

    /// The text is a list of listed numbers and nothing else.
    fn nothing_but_numbers(&self) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        let mut at = 0;
        while at < self.letters.len() {
            let end = self.digits_end(at);
            if end > at {
                let number = self.slice(at, end).to_owned();
                let listed = number.len() >= LONG_NUMBER;
                let case_no = listed.then(|| self.ids.exactly(&number)).flatten()?.to_owned();
                names.push(Name::full(at, end, "", &number, case_no, true));
                at = end;
            } else if self.letter(at).is_some_and(|c| c.is_whitespace() || ",;/|，；、".contains(c)) {
                at += 1;
            } else {
                return None;
            }
        }
        Some(names)
    }

    /// A word that is, letter for letter, an id of the list and holds both letters and digits.
    fn whole_id(&self, at: usize) -> Option<Name> {
        let in_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !in_id(self.letter(at)?) || self.letter_before(at).is_some_and(in_id) {
            return None;
        }
        let length = self.letters[at..].iter().take_while(|letter| in_id(letter.c)).count();
        let word = self.slice(at, at + length);
        let telling =
            word.contains(|c: char| c.is_ascii_alphabetic()) && word.contains(|c: char| c.is_ascii_digit());
        let case_no = self.ids.exactly(word).filter(|_| telling)?.to_owned();
        let prefix = case_no.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let number = case_no[prefix.len()..].to_owned();
        Some(Name::full(at, at + length, &prefix, &number, case_no, true))
    }

    /// A run of digits that starts here and that a prefix, a word for a case, or a list before it makes a
    /// case.
    fn numbered(&self, at: usize, before: Option<&Name>) -> Option<Name> {
        let end = self.digits_end(at);
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
        let inside_number = at.checked_sub(1).is_some_and(|b| self.letter(b).is_some_and(is_digit));
        if end == at || inside_number || !apart(self.letter(end)) || self.in_date(at, end) {
            return None;
        }
        let number = self.slice(at, end);
        self.after_prefix(at, end, number)
            .or_else(|| self.after_case_word(at, end, number))
            .or_else(|| self.in_list(at, end, number, before))
    }

    /// Part of a written day such as 2020-01-20 or 20/01/2020: three numbers, one of them a year.
    fn in_date(&self, at: usize, end: usize) -> bool {
        let of_date = |c: &char| is_digit(*c) || matches!(c, '/' | '-' | '.');
        let before =
            self.letters[..at].iter().rev().map(|letter| letter.c).take_while(|c| of_date(c)).count();
        let after = self.letters[end..].iter().map(|letter| letter.c).take_while(|c| of_date(c)).count();
        let run = self.slice(at - before, end + after).trim_matches(['/', '-', '.']);
        let parts: Vec<&str> = run.split(['/', '-', '.']).collect();
        parts.len() == 3 && parts.iter().any(|part| part.len() == 4)
    }

    fn after_prefix(&self, at: usize, end: usize, number: &str) -> Option<Name> {
        // "TJ 9", "TJ-9", "TJ#9" are TJ9; a prefix that already ends in the separator is tried first.
        for gap in [0, 1] {
            let stop = at.checked_sub(gap)?;
            if gap == 1 && !self.letter(stop).is_some_and(|c| " -_#".contains(c)) {
                break;
            }
            for length in (1..=self.ids.longest_prefix().min(stop)).rev() {
                let start = stop - length;
                let Some((prefix, sharing)) = self.ids.prefix(self.slice(start, stop)) else { continue };
                if !self.starts_word(start) {
                    continue;
                }
                let listed = self.ids.numbered(prefix, number);
                // One id alone teaches too little to call an unknown number a case.
                if listed.is_none() && (sharing < 2 || gap == 1) {
                    continue;
                }
                let case_no =
                    listed.map_or_else(|| format!("{prefix}{}", without_zeros(number)), str::to_owned);
                return Some(Name::full(start, end, prefix, number, case_no, listed.is_some()));
            }
        }
        None
    }

    fn after_case_word(&self, at: usize, end: usize, number: &str) -> Option<Name> {
        let before = self.slice(0, at).trim_end_matches([' ', '#', ':', '：', '.', '(', '（']);
        let before = before.strip_suffix("No").or_else(|| before.strip_suffix("no")).unwrap_or(before);
        let lower = before.trim_end().to_lowercase();
        let after = self.slice(end, self.letters.len()).trim_start();
        let ordinal = lower.ends_with('第') && ends_in_ordinal(after);
        let numbered = ["号病例", "号患者", "号感染者", "号确诊"].iter().any(|word| after.starts_with(word));
        let chinese = ["病例", "患者", "感染者", "确诊者"].iter().any(|word| lower.ends_with(word));
        let plural = ends_with_word(&lower, &["cases", "patients"]);
        let single = ends_with_word(&lower, &["case", "patient"]);
        if !(ordinal || numbered || chinese || plural || single) || (!ordinal && counts_something(after)) {
            return None;
        }
        self.by_number(at, end, number, plural || chinese || ordinal)
    }

    /// "cases 3, 5 and 7": a bare number that continues a list of numbers.
    fn in_list(&self, at: usize, end: usize, number: &str, before: Option<&Name>) -> Option<Name> {
        let before = before.filter(|before| before.opens_list && before.form == Form::Number)?;
        let between = self.slice(before.end, at);
        let after = self.slice(end, self.letters.len()).trim_start();
        let ordinal = self.slice(0, before.start).ends_with('第') && ends_in_ordinal(after);
        let joined = joins_list(between) || joins_range(between);
        if !joined || (!ordinal && counts_something(after)) {
            return None;
        }
        self.by_number(at, end, number, true)
    }

    fn by_number(&self, at: usize, end: usize, number: &str, opens_list: bool) -> Option<Name> {
        let listed = self.ids.only_one_numbered(number);
        let prefix = self.ids.only_prefix();
        let case_no = match (listed, prefix) {
            (Some(id), _) => id.to_owned(),
            (None, Some(prefix)) => format!("{prefix}{}", without_zeros(number)),
            (None, None) => return None,
        };
        let prefix = prefix.unwrap_or_default().to_owned();
        let (number, listed) = (number.to_owned(), listed.is_some());
        let form = Form::Number;
        Some(Name { start: at, end, prefix, number, case_no, listed, form, opens_list, ends_range: false })
    }

    fn is_range(&self, from: &Name, to: &Name) -> bool {
        from.prefix.eq_ignore_ascii_case(&to.prefix)
            && from.form == to.form
            && joins_range(self.slice(from.end, to.start))
    }

    /// The listed cases between both ends. A number in between that no case has is not a mention.
    fn inside_range(&self, from: &Name, to: &Name, relation: Option<Relation>) -> Vec<Mention> {
        let ends = from.number.parse::<u64>().ok().zip(to.number.parse::<u64>().ok());
        let Some((first, last)) = ends.filter(|(a, b)| a < b && b - a <= LONGEST_RANGE) else {
            return Vec::new();
        };
        let span = self.stated(from.start)..self.stated(to.end);
        (first + 1..last)
            .filter_map(|number| self.ids.numbered(&from.prefix, &number.to_string()))
            .map(|id| {
                let (case_no, span) = (id.to_owned(), span.clone());
                Mention { case_no, listed: true, relation, form: Form::Range, span }
            })
            .collect()
    }

    fn mention(&self, name: &Name, relation: Option<Relation>) -> Mention {
        Mention {
            case_no: name.case_no.clone(),
            listed: name.listed,
            relation,
            form: name.form,
            span: self.stated(name.start)..self.stated(name.end),
        }
    }

    /// Names joined by "and", commas and the like share one relation: "family of TJ72, TJ85".
    fn chain_end(&self, names: &[Name], start: usize) -> usize {
        let joined = |before: &Name, name: &Name| {
            let between = self.slice(before.end, name.start);
            name.ends_range || joins_list(without_case_word(between))
        };
        let mut end = start + 1;
        while end < names.len() && joined(&names[end - 1], &names[end]) {
            end += 1;
        }
        end
    }

    fn relation_of(&self, names: &[Name], start: usize, end: usize) -> Option<Relation> {
        let from = start.checked_sub(1).map_or(0, |before| names[before].end);
        let to = names.get(end).map_or(self.letters.len(), |next| next.start);
        let breaks = [',', ';', '.', '，', '；', '。', '\n'];
        let before = self.slice(from, names[start].start);
        let before = before.rsplit(breaks).next().unwrap_or(before);
        // A text between two names that starts with 的 or 's belongs to the first of them.
        if (start == 0 || !belongs_to_the_name_before(before))
            && let Some(relation) = Relation::last_in(before)
        {
            return Some(relation);
        }
        let after = self.slice(names[end - 1].end, to);
        let clause = after.split(breaks).next().unwrap_or(after);
        belongs_to_the_name_before(clause).then(|| Relation::first_in(clause)).flatten()
    }

    fn letter(&self, at: usize) -> Option<char> {
        self.letters.get(at).map(|letter| letter.c)
    }

    fn letter_before(&self, at: usize) -> Option<char> {
        at.checked_sub(1).and_then(|before| self.letter(before))
    }

    /// A prefix of Latin letters must not be the tail of a longer word; Chinese is written without gaps.
    fn starts_word(&self, at: usize) -> bool {
        let latin = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !(self.letter(at).is_some_and(latin) && self.letter_before(at).is_some_and(latin))
    }

    fn digits_end(&self, at: usize) -> usize {
        at + self.letters[at..].iter().take_while(|letter| is_digit(letter.c)).count()
    }

    fn byte(&self, at: usize) -> usize {
        self.letters.get(at).map_or(self.text.len(), |letter| letter.byte)
    }

    fn stated(&self, at: usize) -> usize {
        self.letters.get(at).map_or(self.stated_length, |letter| letter.stated)
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        // Nothing stands between an end and what comes after it.
        self.text.get(self.byte(start)..self.byte(end)).unwrap_or_default()
    }
}

impl Name {
    fn full(start: usize, end: usize, prefix: &str, number: &str, case_no: String, listed: bool) -> Name {
        let (prefix, number) = (prefix.to_owned(), number.to_owned());
        Name {
            start,
            end,
            prefix,
            number,
            case_no,
            listed,
            form: Form::Full,
            opens_list: false,
            ends_range: false,
        }
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn ends_with_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        text.strip_suffix(word).is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// "病例 3 天", "case 20 days", "cases 3 persons": a count or a time, not a case.
fn counts_something(after: &str) -> bool {
    const UNITS: [&str; 16] = [
        "天", "日", "岁", "人", "例", "名", "次", "月", "年", "小时", "%", "day", "year", "week", "hour",
        "person",
    ];
    // Words that begin like a unit and are none: the city, the country, the people, the age of the case.
    const WORDS: [&str; 4] = ["天津", "日本", "人民", "年龄"];
    UNITS.iter().any(|unit| after.starts_with(unit)) && !WORDS.iter().any(|word| after.starts_with(word))
}

/// "第3例", and what stands after the 3 in "第3、第5例" and "第3、5例".
fn ends_in_ordinal(after: &str) -> bool {
    after.trim_start_matches(|c: char| is_digit(c) || "、，,和及与第至- ".contains(c)).starts_with('例')
}

fn joins_list(between: &str) -> bool {
    const JOINTS: [&str; 16] =
        [",", ";", "/", "，", "；", "、", "and", "&", "和", "及", "与", "以及", ", and", "or", "或", ""];
    JOINTS.contains(&between.trim().to_lowercase().as_str())
}

fn joins_range(between: &str) -> bool {
    ["-", "–", "—", "~", "～", "至", "到", "to"].contains(&between.trim().to_lowercase().as_str())
}

/// "case TJ34 and case TJ37", "病例3和病例5", "第20例及第35例": the word for a case does not part the list.
fn without_case_word(between: &str) -> &str {
    const BEFORE: [&str; 8] = ["cases", "case", "patients", "patient", "确诊病例", "病例", "患者", "第"];
    const AFTER: [&str; 6] = ["例确诊病例", "例确诊患者", "例病例", "例患者", "号病例", "例"];
    let between = between.trim();
    let between = BEFORE.iter().find_map(|word| between.strip_suffix(word)).unwrap_or(between);
    AFTER.iter().find_map(|word| between.strip_prefix(word)).unwrap_or(between)
}

/// "TJ50's family", "TJ6 (family)", "病例3之妻", "病例12的同事", "病例3密切接触者".
fn belongs_to_the_name_before(clause: &str) -> bool {
    let clause = clause.trim_start();
    ["'s", "’s", "(", "（", "的", "之", "号"].iter().any(|joint| clause.starts_with(joint))
        || clause.starts_with(|c: char| !c.is_ascii() && c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(text: &str) -> Vec<(String, Option<Relation>)> {
        let ids = KnownIds::new((1..=135).map(|n| format!("TJ{n}")));
        mentions(text, &ids).into_iter().map(|m| (m.case_no, m.relation)).collect()
    }

    fn check(text: &str, expected: &[&str], relation: Option<Relation>) {
        let expected: Vec<_> = expected.iter().map(|id| ((*id).to_owned(), relation)).collect();
        assert_eq!(named(text), expected, "{text}");
    }

    #[test]
    fn english_wordings_name_their_cases() {
        use Relation::*;
        check("family of TJ9", &["TJ9"], Some(Family));
        check("coworker of case TJ5", &["TJ5"], Some(Coworker));
        check("case TJ6 (family)", &["TJ6"], Some(Family));
        check("TJ5(family)", &["TJ5"], Some(Family));
        check("TJ50's family", &["TJ50"], Some(Family));
        check("TJ11, TJ12", &["TJ11", "TJ12"], None);
        check("Wuhan, affect by TJ3", &["TJ3"], None);
        check("colleague of cases TJ34 and TJ37", &["TJ34", "TJ37"], Some(Coworker));
        check("appeared in workplaces of TJ37/TJ43", &["TJ37", "TJ43"], None);
        check("close contacts of cases TJ64 / TJ99", &["TJ64", "TJ99"], Some(Contact));
        check("family member of TJ93, TJ96, living in Baodi", &["TJ93", "TJ96"], Some(Family));
        check("shopper in the mall family member of  TJ64", &["TJ64"], Some(Family));
        check("confirmed patient and family of case TJ39", &["TJ39"], Some(Family));
        check("relative of cases TJ20 TJ35", &["TJ20", "TJ35"], Some(Family));
        check("TJ87, shopping with wife", &["TJ87"], None);
    }

    #[test]
    fn chinese_wordings_name_their_cases() {
        use Relation::*;
        check("确诊病例3之妻", &["TJ3"], Some(Family));
        check("病例12的同事", &["TJ12"], Some(Coworker));
        check("系确诊病例3、5的同事", &["TJ3", "TJ5"], Some(Coworker));
        check("为第7例患者的密切接触者", &["TJ7"], Some(Contact));
        check("与病例3共同居住", &["TJ3"], Some(Family));
        check("3号病例的女儿", &["TJ3"], Some(Family));
        check("第34、第37例同事", &["TJ34", "TJ37"], Some(Coworker));
        check("第34、37例同事", &["TJ34", "TJ37"], Some(Coworker));
        check("第20例及第35例的亲属", &["TJ20", "TJ35"], Some(Family));
        check("随其母（第4例）居住", &["TJ4"], Some(Family));
        check("与第19例病例到第16例病例家中拜年", &["TJ19", "TJ16"], None);
    }

    #[test]
    fn a_number_is_a_case_only_when_the_wording_says_so() {
        check("sister of case 109", &["TJ109"], Some(Relation::Family));
        check("cases 3, 5 and 7", &["TJ3", "TJ5", "TJ7"], None);
        check("case 3, 57 years old", &["TJ3"], None);
        check("cases 3, 20/01/2020", &["TJ3"], None);
        check("病例3，2020年1月20日确诊", &["TJ3"], None);
        check("病例3天津市人", &["TJ3"], None);
        check("病例１２的同事", &["TJ12"], Some(Relation::Coworker));
        for text in ["59F, Wuhan", "arrived on 23 January", "case 2020-01-20", "3 cases", "病例 3 天后发病"]
            .into_iter()
            .chain(["共12例", "JN25", "xTJ5"])
        {
            check(text, &[], None);
        }
    }

    #[test]
    fn a_range_names_everybody_in_it() {
        check("TJ1-TJ3", &["TJ1", "TJ2", "TJ3"], None);
        check("family of cases 7 to 9", &["TJ7", "TJ8", "TJ9"], Some(Relation::Family));
        check("病例1至3", &["TJ1", "TJ2", "TJ3"], None);
        check("TJ3-TJ1", &["TJ3", "TJ1"], None);
    }

    #[test]
    fn zeros_and_small_letters_are_forgiven_and_an_unknown_number_is_kept_as_unlisted() {
        let ids = KnownIds::new(["TJ7", "TJ8"]);
        let found = mentions("dinner with tj07 and TJ150", &ids);
        assert_eq!((found[0].case_no.as_str(), found[0].listed), ("TJ7", true));
        assert_eq!((found[1].case_no.as_str(), found[1].listed), ("TJ150", false));
        assert_eq!(&"dinner with tj07 and TJ150"[found[0].span.clone()], "tj07");
        let wide = "曾与ＴＪ８聚餐";
        assert_eq!(&wide[mentions(wide, &ids)[0].span.clone()], "ＴＪ８");
    }

    #[test]
    fn ids_without_a_prefix_need_a_word_unless_the_cell_holds_nothing_else() {
        let ids = KnownIds::new(["1000000001", "1000000002", "12"]);
        let numbers = |text: &str| mentions(text, &ids).into_iter().map(|m| m.case_no).collect::<Vec<_>>();
        assert_eq!(numbers("1000000001, 1000000002"), ["1000000001", "1000000002"]);
        assert_eq!(numbers("12"), Vec::<String>::new());
        assert_eq!(numbers("phone 1000000001"), Vec::<String>::new());
        assert_eq!(numbers("patient 12"), ["12"]);
    }

    #[test]
    fn ids_without_a_pattern_are_found_as_whole_words() {
        let ids = KnownIds::new(["f547d6", "d1fafd", "ah_suzhou-12"]);
        let words = |text: &str| mentions(text, &ids).into_iter().map(|m| m.case_no).collect::<Vec<_>>();
        assert_eq!(words("met F547D6 and d1fafd, not d1fafd7"), ["f547d6", "d1fafd"]);
        assert_eq!(words("wife of ah_suzhou-12"), ["ah_suzhou-12"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_fault_and_spans_lie_in_it(
            text in "(TJ|tj|case |病例|[0-9]|３|、| and |-|[a-z的，]){0,24}",
        ) {
            let ids = KnownIds::new((1..=135).map(|n| format!("TJ{n}")));
            for mention in mentions(&text, &ids) {
                prop_assert!(text.get(mention.span).is_some());
            }
        }
    }
}

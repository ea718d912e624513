//! One line of a list as places: what it is called, which buildings of it, and whether something is taken out.
//!
//! One place is written in many ways from list to list (瑞旺园, 瑞旺园小区, 平城区瑞旺园; ８号楼, 8 号楼), and one line may name many
//! buildings. What a line means decides, not how it is spelt. Deliberately absent: finding it on a map.

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The compound, village or building, without the township before it and without 小区 behind it.
    pub head: String,
    /// Its buildings; one empty part where it is meant as a whole, and `*` where something of it is taken out.
    pub parts: Vec<String>,
    pub except: bool,
    pub whole: bool,
}

/// Words that end the name of a township, the longer first.
const TOWNSHIP: [&str; 8] = ["镇", "乡", "街道办事处", "街道办", "街道", "街办", "办事处", "办"];
const KINDS: [&str; 4] = ["小区", "全域", "所辖区域", "家属院"];
const BUILDING: [&str; 9] = ["号楼", "楼", "栋", "幢", "号院", "单元", "座", "排", "号"];
const AND: [&str; 3] = ["、", "和", ","];

pub fn said(county: &str, line: &str) -> Said {
    let plain = plain(line);
    let except = ["除", "不含", "不包括", "以外"].iter().any(|word| plain.contains(word));
    let whole = plain.contains("全域");
    let mut text = plain.as_str();
    if let Some(rest) = text.strip_prefix(county).filter(|rest| rest.chars().count() > 1) {
        text = rest;
    }
    text = after(text, &["经济开发区", "开发区"], 0, 6, 2);
    text = after(text, &TOWNSHIP, 1, 7, 2);
    text = after(text, &["社区"], 1, 6, 3);
    let text = without_exceptions(text).replace(['(', ')'], "");
    let (head, mut parts) = buildings(&text);
    if except {
        parts = vec!["*".to_owned()];
    }
    let head = head.split("及周边").next().unwrap_or(head);
    let head = KINDS.iter().find_map(|kind| head.strip_suffix(kind)).unwrap_or(head);
    Said { head: head.to_owned(), parts, except, whole }
}

/// Without blanks, and with narrow digits, letters and brackets.
fn plain(line: &str) -> String {
    line.chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
            other => other,
        })
        .collect()
}

/// What follows the first of some words, if it stands `from..=to` letters from the beginning and at least `least` letters follow.
fn after<'t>(text: &'t str, words: &[&str], from: usize, to: usize, least: usize) -> &'t str {
    let starts = text.char_indices().map(|(at, _)| at).skip(from).take(to - from + 1);
    for at in starts {
        let word = words.iter().find(|word| text[at..].starts_with(**word));
        if let Some(rest) = word.map(|word| &text[at + word.len()..])
            && rest.chars().count() >= least
        {
            return rest;
        }
    }
    text
}

/// Cuts out what is not meant: (不含5号楼), 除6号楼以外的其他楼, …除外.
fn without_exceptions(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let close = rest[open..].find(')').map_or(rest.len(), |at| open + at + 1);
        let inside = &rest[open..close];
        let taken_out = ["(不含", "(不包括", "(除"].iter().any(|word| inside.starts_with(word))
            || ["除外)", "以外)"].iter().any(|word| inside.ends_with(word));
        kept.push_str(&rest[..open]);
        if !taken_out {
            kept.push_str(inside);
        }
        rest = &rest[close..];
    }
    kept.push_str(rest);
    if let Some(rest) = kept.strip_prefix('除') {
        let outside =
            rest.find("以外").map(|at| at + "以外".len()).or(rest.find('外').map(|at| at + "外".len()));
        return outside.map_or(kept.clone(), |at| rest[at..].trim_start_matches('的').to_owned());
    }
    if let Some(at) = kept.find("除外") {
        kept.truncate(at);
    } else if let Some(at) = kept.find('除')
        && kept[at..].contains('外')
    {
        kept.truncate(at);
    }
    kept
}

/// The name before the first number of a building, and the numbers.
fn buildings(text: &str) -> (&str, Vec<String>) {
    let bytes = text.as_bytes();
    let (mut first, mut numbers, mut at) = (None, Vec::new(), 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let begin = if at > 0 && bytes[at - 1].is_ascii_alphabetic() { at - 1 } else { at };
        let rest = &text[end..];
        let counts = BUILDING.iter().any(|word| rest.starts_with(word))
            || AND.iter().any(|word| rest.starts_with(word));
        if counts && (first.is_some() || !rest.starts_with(',')) {
            first.get_or_insert(begin);
            // A stairwell of a building already named is no building of its own.
            if !rest.starts_with("单元") || numbers.is_empty() {
                numbers.push(text[begin..end].to_owned());
            }
        }
        at = end;
    }
    match first {
        Some(first) => (&text[..first], numbers),
        None => (text, vec![String::new()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, head: &str, parts: &[&str]) {
        let told = said("盐湖区", line);
        assert_eq!(
            (told.head.as_str(), told.parts.iter().map(String::as_str).collect::<Vec<_>>()),
            (head, parts.to_vec()),
            "{line}"
        );
    }

    #[test]
    fn one_place_is_one_place_however_it_is_spelt() {
        check("瑞旺园", "瑞旺园", &[""]);
        check("瑞旺园小区", "瑞旺园", &[""]);
        check("盐湖区瑞旺园小区", "瑞旺园", &[""]);
        check("北城办事处状元府6号楼", "状元府", &["6"]);
        check("北城办状元府小区６ 号楼", "状元府", &["6"]);
        check("龙居镇羊村", "羊村", &[""]);
        check("城关镇", "城关镇", &[""]);
    }

    #[test]
    fn a_line_of_many_buildings_is_many_places() {
        check("锦绣华庭小区6号楼和10号楼", "锦绣华庭", &["6", "10"]);
        check("怡景华庭(条山街)小区5号、8号、27号楼", "怡景华庭条山街", &["5", "8", "27"]);
        check("魏都新城B区（23号楼、40号楼、42号楼）", "魏都新城B区", &["23", "40", "42"]);
        check("幸福里·铂郡（南区）9号楼3单元", "幸福里·铂郡南区", &["9"]);
    }

    #[test]
    fn what_is_taken_out_is_told_apart() {
        check("白云小区（不含5号楼）", "白云", &["*"]);
        check("锦绣华庭小区除6号楼、9号楼以外的其他楼", "锦绣华庭", &["*"]);
        check("北城办事处新丰花园15号楼除外其余区域", "新丰花园", &["*"]);
        check("除下古县村外的古县镇全域", "古县镇", &["*"]);
        assert!(said("祁县", "除下古县村外的古县镇全域").whole);
    }
}

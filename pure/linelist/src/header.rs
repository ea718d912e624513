//! A column header taken apart into words that can be compared.

/// The header's words in lower case: `infector_onsetDate` → infector, onset, date; text in brackets apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub words: Vec<String>,
    /// Chinese characters of the header (outside brackets), joined.
    pub chinese: String,
    /// What stood in brackets, in lower case: units, date patterns, legends.
    pub aside: String,
}

/// Words that say how a cell is written or that everything has; they do not tell two columns apart.
const FILLERS: [&str; 22] = [
    "of", "the", "a", "at", "in", "to", "s", "dd", "mm", "yyyy", "yy", "date", "day", "dt", "dates",
    "datetime", "value", "patient", "patients", "person", "y", "n",
];

impl Header {
    pub fn of(text: &str) -> Header {
        let (outside, aside) = set_brackets_apart(text);
        let mut words: Vec<String> = Vec::new();
        let mut chinese = String::new();
        let mut previous = ' ';
        for letter in outside.chars() {
            if is_chinese(letter) {
                chinese.push(letter);
            } else if letter.is_alphanumeric() {
                // `onsetDate` and `wasContact1`: a capital after a small letter starts a word, in camelCase
                // headers.
                let starts = !previous.is_alphanumeric()
                    || is_chinese(previous)
                    || (letter.is_uppercase() && previous.is_lowercase());
                let small = letter.to_lowercase();
                match words.last_mut() {
                    Some(word) if !starts => word.extend(small),
                    _ => words.push(small.collect()),
                }
            }
            previous = letter;
        }
        Header { words, chinese, aside: aside.to_lowercase() }
    }

    /// The words that tell columns apart, singular, sorted: "dates of symptoms onset" → onset, symptom.
    pub fn content(&self) -> Vec<String> {
        content(&self.words)
    }

    /// The header without its first `count` words.
    pub fn without_first(&self, count: usize) -> Header {
        Header { words: self.words[count.min(self.words.len())..].to_vec(), ..self.clone() }
    }
}

pub fn content<S: AsRef<str>>(words: &[S]) -> Vec<String> {
    let mut content: Vec<String> =
        words.iter().map(AsRef::as_ref).filter(|word| !FILLERS.contains(word)).map(singular).collect();
    content.sort();
    content.dedup();
    content
}

fn singular(word: &str) -> String {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 3 && !stem.ends_with('s') && !stem.ends_with("iu") => stem.to_owned(),
        _ => word.to_owned(),
    }
}

fn set_brackets_apart(text: &str) -> (String, String) {
    let (mut outside, mut aside, mut depth) = (String::new(), String::new(), 0_u32);
    for letter in text.chars() {
        match letter {
            '(' | '（' | '【' => depth += 1,
            ')' | '）' | '】' => {
                depth = depth.saturating_sub(1);
                aside.push(' ');
            }
            _ if depth > 0 => aside.push(letter),
            _ => outside.push(letter),
        }
    }
    (outside, aside.trim().to_owned())
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter) || ('\u{3400}'..='\u{4dbf}').contains(&letter)
}

/// A short text by which the same layout is known again: the headers' words in order, without case, spacing
/// or signs, through FNV-1a (64 bits; a name for a layout, not a proof of anything).
pub fn fingerprint<S: AsRef<str>>(columns: &[S]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut take = |byte: u8| {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    };
    for column in columns {
        let folded = column.as_ref().chars().filter(|letter| letter.is_alphanumeric());
        folded.flat_map(char::to_lowercase).collect::<String>().bytes().for_each(&mut take);
        take(0x1f);
    }
    format!("{}-{hash:016x}", columns.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_apart_into_words() {
        assert_eq!(Header::of("infector_onsetDate").words, ["infector", "onset", "date"]);
        assert_eq!(Header::of("date_onset_symptoms_dd_mm_yyyy").content(), ["onset", "symptom"]);
        assert_eq!(Header::of("gender ").words, ["gender"]);
        assert_eq!(Header::of("年龄（岁）").chinese, "年龄");
        assert_eq!(Header::of("COUNTRY.DEST").words, ["country", "dest"]);
        assert_eq!(Header::of("Date of report (M/d/yyyy)").aside, "m/d/yyyy");
    }

    #[test]
    fn the_same_layout_is_known_again_whatever_its_spacing() {
        assert_eq!(fingerprint(&["Case ID", "gender "]), fingerprint(&["case_id", "Gender"]));
        assert_ne!(fingerprint(&["case_id", "gender"]), fingerprint(&["gender", "case_id"]));
    }
}

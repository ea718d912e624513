//! The many ways a list says that it does not know.

/// Words that stand in a cell for "nothing is known". Seen in the lists this was made for (R's `NA`, Excel's
/// `#N/A`, the `unknown` and `?` of the published transmission pairs, `无` and `不详` of Chinese forms) and in
/// SORMAS exports.
const ABSENT: [&str; 30] = [
    "na",
    "n/a",
    "#n/a",
    "nan",
    "null",
    "none",
    "nil",
    "unknown",
    "unk",
    "not known",
    "not available",
    "not applicable",
    "missing",
    "?",
    "??",
    "-",
    "--",
    "---",
    "—",
    "——",
    "/",
    "\\",
    ".",
    "..",
    "不详",
    "未知",
    "不明",
    "无",
    "暂无",
    "待查",
];

/// Does this (trimmed) text say nothing? `no` says something; `none` does not.
pub fn says_nothing(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    // The longest word above has 14 letters; anything longer is a statement.
    text.len() <= 16 && ABSENT.contains(&text.to_lowercase().as_str())
}

/// A name that was blacked out before the list was handed on: `xxx`, `某某`, `***`.
pub fn is_masked(name: &str) -> bool {
    name.chars().all(|letter| matches!(letter, 'x' | 'X' | '×' | '*' | '＊' | '某' | '○' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_absent_and_no_is_an_answer() {
        for text in ["", "NA", "unknown", "Unknown", "不详", "#N/A", "?"] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["no", "0", "否", "none of the above"] {
            assert!(!says_nothing(text), "{text}");
        }
    }

    #[test]
    fn a_surname_with_a_masked_given_name_is_still_something() {
        assert!(is_masked("xxx"));
        assert!(!is_masked("王某"));
    }
}

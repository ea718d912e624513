//! Words in cells for closed answers: sex, classification, outcome, how found, class of contact, yes and no.

use crate::Fact;
use cases::{Classification, ContactClass, Found, Outcome, Sex};

/// What a fact with closed answers can say; empty for every other fact.
pub fn allowed(fact: Fact) -> Vec<&'static str> {
    match fact {
        Fact::Sex => Sex::ALL.iter().map(|word| word.word()).collect(),
        Fact::Classification => Classification::ALL.iter().map(|word| word.word()).collect(),
        Fact::Outcome => Outcome::ALL.iter().map(|word| word.word()).collect(),
        Fact::Found => Found::ALL.iter().map(|word| word.word()).collect(),
        Fact::ContactClass => ContactClass::ALL.iter().map(|word| word.word()).collect(),
        Fact::Household => vec!["yes", "no"],
        _ => Vec::new(),
    }
}

/// Canonical word first, then how lists write it. English is compared without case; an empty canonical word
/// means that the list says "neither", which is no answer and no mistake.
type Spellings = &'static [(&'static str, &'static [&'static str])];

const SEX: Spellings = &[
    ("female", &["female", "f", "女", "女性", "woman", "girl", "w", "weiblich", "feminin", "femme"]),
    ("male", &["male", "m", "男", "男性", "man", "boy", "männlich", "masculin", "homme"]),
    ("other", &["other", "diverse", "其他", "未说明的性别"]),
    ("", &["未知的性别", "u"]),
];

/// Chinese words follow the notifiable-disease report card (确诊病例, 临床诊断病例, 疑似病例, 阳性检测, 病原携带者);
/// SORMAS and Go.Data codes are their published enumerations.
const CLASSIFICATION: Spellings = &[
    (
        "confirmed",
        &[
            "confirmed",
            "confirmed case",
            "laboratory confirmed",
            "lab confirmed",
            "lab-confirmed",
            "positive",
            "确诊",
            "确诊病例",
            "实验室诊断病例",
            "实验室确诊",
            "实验室确诊病例",
            "confirmed_no_symptoms",
            "confirmed_unknown_symptoms",
        ],
    ),
    (
        "probable",
        &[
            "probable",
            "probable case",
            "presumptive",
            "clinical",
            "clinically diagnosed",
            "临床诊断",
            "临床诊断病例",
            "初筛阳性",
            "阳性检测",
        ],
    ),
    ("suspected", &["suspected", "suspect", "suspected case", "suspect case", "疑似", "疑似病例"]),
    (
        "asymptomatic",
        &[
            "asymptomatic",
            "asymptomatic infection",
            "carrier",
            "无症状",
            "无症状感染者",
            "病原携带者",
            "隐性感染",
        ],
    ),
    (
        "discarded",
        &[
            "discarded",
            "not a case",
            "no_case",
            "not a case (discarded)",
            "not a case discarded",
            "excluded",
            "ruled out",
            "negative",
            "排除",
            "排除病例",
            "已排除",
        ],
    ),
    ("", &["not_classified", "not yet classified", "待分类", "未分类"]),
];

const OUTCOME: Spellings = &[
    (
        "recovered",
        &[
            "recovered",
            "recover",
            "recovery",
            "released",
            "discharged",
            "discharge",
            "cured",
            "healed",
            "survived",
            "出院",
            "治愈",
            "治愈出院",
            "痊愈",
            "康复",
            "已出院",
            "已治愈",
            "解除隔离",
        ],
    ),
    ("died", &["died", "death", "dead", "deceased", "fatal", "死亡", "病亡", "病死", "已死亡"]),
    (
        "in_care",
        &[
            "in_care",
            "in care",
            "isolated",
            "hospitalized",
            "hospitalised",
            "in hospital",
            "in treatment",
            "under treatment",
            "stable",
            "severe",
            "serious",
            "critical",
            "critical condition",
            "critically ill",
            "住院",
            "在院",
            "在治",
            "治疗中",
            "住院治疗",
            "隔离治疗",
            "隔离治疗中",
            "no_outcome",
            "no outcome yet",
        ],
    ),
    // Neither says whether the person is still ill.
    ("", &["other", "其他", "alive"]),
];

const FOUND: Spellings = &[
    (
        "under_care",
        &[
            "under_care",
            "under care",
            "quarantine",
            "in quarantine",
            "isolation",
            "contact tracing",
            "closed loop",
            "隔离管控",
            "隔离点",
            "集中隔离",
            "居家隔离",
            "密接筛查",
            "隔离发现",
            "闭环",
            "封控区",
            "管控区",
            "管控中",
        ],
    ),
    (
        "community",
        &[
            "community",
            "open community",
            "fever clinic",
            "general screening",
            "mass testing",
            "社区",
            "社区筛查",
            "社会面",
            "发热门诊",
            "主动就诊",
            "全员核酸",
            "重点人群筛查",
        ],
    ),
];

const CONTACT_CLASS: Spellings = &[
    (
        "close",
        &[
            "close",
            "close contact",
            "high risk",
            "high_risk",
            "first degree",
            "密接",
            "密切接触者",
            "密切接触",
        ],
    ),
    (
        "secondary",
        &[
            "secondary",
            "contact of contact",
            "secondary contact",
            "second degree",
            "次密接",
            "次密切接触者",
            "密接的密接",
        ],
    ),
    (
        "general",
        &[
            "general",
            "general contact",
            "low risk",
            "low_risk",
            "casual",
            "一般接触者",
            "一般接触",
            "一般密接",
        ],
    ),
    ("", &["unconfirmed", "not_contact"]),
];

const YES_NO: Spellings = &[
    ("yes", &["yes", "y", "true", "1", "是", "有", "household", "同住", "lng_reference_data_category_yes"]),
    ("no", &["no", "n", "false", "0", "否", "non-household", "not household", "非同住"]),
];

/// The canonical word for a cell's text, `Some("")` for "neither of these", `None` when the text is not
/// known.
pub fn word_of(fact: Fact, text: &str) -> Option<&'static str> {
    let spellings = match fact {
        Fact::Sex => SEX,
        Fact::Classification => CLASSIFICATION,
        Fact::Outcome => OUTCOME,
        Fact::Found => FOUND,
        Fact::ContactClass => CONTACT_CLASS,
        Fact::Household => YES_NO,
        _ => return None,
    };
    let folded = fold(text);
    let known = |text: &str| spellings.iter().find(|(_, known)| known.contains(&text)).map(|(word, _)| *word);
    known(&folded).or_else(|| go_data_value(&folded, known))
}

/// Go.Data exports untranslated values as `LNG_REFERENCE_DATA_CATEGORY_<category>_<value>`, both in several
/// words; the longest ending that is known is the value.
fn go_data_value(folded: &str, known: impl Fn(&str) -> Option<&'static str>) -> Option<&'static str> {
    let words: Vec<&str> = folded.strip_prefix("lng_reference_data_category_")?.split('_').collect();
    (1..words.len()).find_map(|first| known(&words[first..].join(" ")))
}

/// How two spellings of one answer are compared: no case, single spaces, no full stop.
pub fn fold(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_end_matches(['.', '。']).to_lowercase()
}

/// Codes explained in the header itself: `Sex (Male as 1 and Female as 2)`, `gender [1=male, 2=female]`,
/// `性别（1男2女）`.
///
/// Returns code and canonical word for each code that the header explains.
pub fn legend(fact: Fact, header: &str) -> Vec<(String, &'static str)> {
    if allowed(fact).is_empty() {
        return Vec::new();
    }
    let tokens = legend_tokens(header);
    let mut found: Vec<(String, &'static str)> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        if token.len() > 2 || !token.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let known = |at: Option<usize>| at.and_then(|at| tokens.get(at)).and_then(|word| word_of(fact, word));
        let joined = |at: Option<usize>| {
            at.and_then(|at| tokens.get(at)).is_some_and(|sign| matches!(sign.as_str(), "=" | "as" | ":"))
        };
        let before = place.checked_sub(1);
        let word = if joined(before) {
            known(place.checked_sub(2))
        } else if joined(Some(place + 1)) {
            known(Some(place + 2))
        } else {
            known(Some(place + 1)).or_else(|| known(before))
        };
        if let Some(word) = word.filter(|word| !word.is_empty()) {
            found.push((token.clone(), word));
        }
    }
    found
}

fn legend_tokens(header: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut last = ' ';
    for letter in header.to_lowercase().chars() {
        let class = class_of(letter);
        match (class, tokens.last_mut()) {
            (' ', _) => {}
            (_, Some(token)) if class == last && class != '=' => token.push(letter),
            _ => tokens.push(letter.to_string()),
        }
        last = class;
    }
    tokens
}

fn class_of(letter: char) -> char {
    match letter {
        '0'..='9' => '0',
        '=' | ':' => '=',
        letter if letter.is_alphabetic() => 'a',
        _ => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_english_words_mean_the_same() {
        for (fact, text, word) in [
            (Fact::Sex, "女", "female"),
            (Fact::Sex, " M ", "male"),
            (Fact::Classification, "确诊病例", "confirmed"),
            (Fact::Classification, "CONFIRMED", "confirmed"),
            (Fact::Outcome, "released", "recovered"),
            (Fact::Outcome, "死亡", "died"),
            (Fact::Outcome, "other", ""),
            (Fact::ContactClass, "次密接", "secondary"),
        ] {
            assert_eq!(word_of(fact, text), Some(word), "{text}");
        }
        let token = "LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_NOT_A_CASE_DISCARDED";
        assert_eq!(word_of(Fact::Classification, token), Some("discarded"));
        assert_eq!(word_of(Fact::Sex, "Gutian County"), None);
    }

    #[test]
    fn every_spelling_leads_to_an_allowed_word_and_to_one_only() {
        for (fact, spellings) in [
            (Fact::Sex, SEX),
            (Fact::Classification, CLASSIFICATION),
            (Fact::Outcome, OUTCOME),
            (Fact::Found, FOUND),
            (Fact::ContactClass, CONTACT_CLASS),
            (Fact::Household, YES_NO),
        ] {
            for (word, known) in spellings {
                assert!(word.is_empty() || allowed(fact).contains(word), "{word}");
                for text in *known {
                    assert_eq!(word_of(fact, text), Some(*word), "{text} is written twice");
                }
            }
        }
    }

    #[test]
    fn a_header_that_explains_its_codes_is_believed() {
        let expected = vec![("1".to_owned(), "male"), ("2".to_owned(), "female")];
        assert_eq!(legend(Fact::Sex, "Index - Sex (Male as 1 and Female as 2)"), expected);
        assert_eq!(legend(Fact::Sex, "gender [1=male, 2=female]"), expected);
        assert_eq!(legend(Fact::Sex, "性别（1男2女）"), expected);
        assert_eq!(legend(Fact::Sex, "sex"), vec![]);
    }
}

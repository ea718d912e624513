//! Identity numbers, other documents and telephones, in one written form each.

use crate::born::Born;
use crate::weights::Agreement;
use base::Day;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// What stands in the field for an identity number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// The seventeen digits of a citizen's number before its check digit.
    ///
    /// # Source
    /// GB 11643-1999: six digits of place, eight of birth, three of order, and a check digit that follows from them.
    /// Numbers of fifteen digits from before 1999 lack the century and the check digit.
    Citizen(String),
    /// A passport, a permit, anything else with six signs or more.
    Document(String),
}

impl Number {
    pub fn of(text: &str) -> Option<Number> {
        let signs: String =
            text.nfkc().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let number = match signs.len() {
            18 if digits(&signs[..17]) && (digits(&signs[17..]) || signs.ends_with('X')) => {
                Number::Citizen(signs[..17].to_owned())
            }
            15 if digits(&signs) => Number::Citizen(format!("{}19{}", &signs[..6], &signs[6..])),
            6.. if signs.bytes().any(|byte| byte.is_ascii_digit()) => return Some(Number::Document(signs)),
            _ => return None,
        };
        // Eighteen digits without a possible birthday are some other document.
        Some(if number.birth().is_some() { number } else { Number::Document(signs) })
    }

    fn birth(&self) -> Option<Day> {
        let Number::Citizen(digits) = self else { return None };
        let year: i16 = digits[6..10].parse().ok()?;
        let (month, day) = (digits[10..12].parse().ok()?, digits[12..14].parse().ok()?);
        Day::of(year, month, day).filter(|_| (1880..2100).contains(&year))
    }

    pub fn born(&self) -> Option<Born> {
        self.birth().map(Born::on)
    }

    pub(crate) fn compared(&self, other: &Number) -> Option<Agreement> {
        match (self, other) {
            (Number::Citizen(a), Number::Citizen(b)) if a == b => Some(Agreement::IdSame),
            (Number::Citizen(a), Number::Citizen(b)) if one_slip(a, b) => Some(Agreement::IdNear),
            (Number::Citizen(_), Number::Citizen(_)) => Some(Agreement::IdDiffers),
            (Number::Document(a), Number::Document(b)) if a == b => Some(Agreement::DocumentSame),
            // Two passports, an old and a new one: says nothing against. A passport beside a citizen's number neither.
            _ => None,
        }
    }
}

/// One sign differs, or two neighbours changed places.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let differ: Vec<usize> = (0..a.len()).filter(|at| a[*at] != b[*at]).collect();
    match differ[..] {
        [_] => true,
        [first, second] => second == first + 1 && a[first] == b[second] && a[second] == b[first],
        _ => false,
    }
}

/// Every telephone a field names, digits only, without the country code of China.
pub fn phones(text: &str) -> BTreeSet<String> {
    let text: String = text.nfkc().collect();
    text.split(['/', ',', ';', '、', '，', '；', '\n', '|']).filter_map(phone).collect()
}

fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = digits.strip_prefix("00").unwrap_or(&digits);
    let national = match rest.strip_prefix("86") {
        Some(after) if after.len() >= 10 => after,
        _ if rest.len() < digits.len() => rest,
        _ => &digits,
    };
    // Landlines are written with and without the zero of long distance when the area code is there.
    let national = if national.len() >= 10 { national.trim_start_matches('0') } else { national };
    let repeated = national.bytes().all(|byte| national.as_bytes()[0] == byte);
    (national.len() >= 7 && !repeated).then(|| national.to_owned())
}

pub(crate) fn phones_compared(a: &BTreeSet<String>, b: &BTreeSet<String>) -> Option<Agreement> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a.intersection(b).next().is_some() {
        return Some(Agreement::PhoneSame);
    }
    let near = a.iter().any(|one| b.iter().any(|other| one_slip(one, other)));
    Some(if near { Agreement::PhoneNear } else { Agreement::PhoneDiffers })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Invented numbers: their check digits are wrong on purpose.
    #[test]
    fn a_citizens_number_is_one_number_in_any_spelling() {
        let new = Number::of("110105 19900307 7713").unwrap();
        assert_eq!(new, Number::of("110105900307771").unwrap(), "fifteen digits of before 1999");
        assert_eq!(
            new,
            Number::of("１１０１０５１９９００３０７７７１Ｘ").unwrap(),
            "full width, another check digit"
        );
        assert_eq!(new.born().and_then(Born::exact), Day::of(1990, 3, 7));
        assert_eq!(Number::of("E1234 5678"), Some(Number::Document("E12345678".into())));
        assert_eq!(Number::of("unknown"), None);
        assert_eq!(Number::of("不详"), None);
    }

    #[test]
    fn one_wrong_digit_is_near_and_two_are_not() {
        let of = |text| Number::of(text).unwrap();
        let number = of("110105199003077713");
        assert_eq!(number.compared(&of("110105199003077813")), Some(Agreement::IdNear));
        assert_eq!(
            number.compared(&of("110150199003077713")),
            Some(Agreement::IdNear),
            "neighbours changed places"
        );
        assert_eq!(number.compared(&of("110105199104077713")), Some(Agreement::IdDiffers));
        assert_eq!(number.compared(&of("E12345678")), None);
    }

    #[test]
    fn a_telephone_is_one_telephone_in_any_spelling() {
        for text in
            ["13900001234", "+86 139 0000 1234", "0086-139-0000-1234", "（86）139-0000-1234", "1390000１234"]
        {
            assert_eq!(phones(text), BTreeSet::from(["13900001234".to_owned()]), "{text}");
        }
        assert_eq!(phones("0354-6222222"), phones("(0354) 622 2222"));
        assert_eq!(phones("13900001234/13800005678").len(), 2);
        assert!(phones("00000000000").is_empty() && phones("无").is_empty());
    }
}

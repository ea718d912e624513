//! Rides in free text: "1月22日乘坐G4857次列车5车12F", "flight UU1580 on 22 Jan", as notices and interviews have them.
//!
//! Deliberately absent: whether the person was aboard; the text says so, and somebody asks.

use super::Seat;
use base::Day;

/// A train or flight a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRide {
    /// `G4857`, `UU1580`: capital letters, no zeros before the number of a flight are lost.
    pub vehicle: String,
    pub is_flight: bool,
    /// The month and day that stand last before it in the same text; none when the text says no day.
    pub month_day: Option<(i8, i8)>,
    pub carriage: Option<u16>,
    pub seat: Option<Seat>,
}

impl ToldRide {
    /// The day it set out, when the text was written about days up to `by`: a month that has not come yet was last year's.
    pub fn day_by(&self, by: Day) -> Option<Day> {
        let (month, day) = self.month_day?;
        let this = Day::of(by.year(), month, day);
        this.filter(|this| *this <= by).or_else(|| Day::of(by.year() - 1, month, day))
    }
}

/// First letters of Chinese train numbers (12306: high speed G, C, D; ordinary Z, T, K, L, Y; suburban S).
const TRAINS: &str = "GCDZTKLYS";

/// Every train and flight a text names, in its order. A word of letters and digits that is longer than a number of a train or
/// flight is neither.
pub fn told_rides(text: &str) -> Vec<ToldRide> {
    let letters: Vec<char> = text.chars().map(plain).collect();
    let mut found = Vec::new();
    let (mut at, mut month_day) = (0, None);
    while at < letters.len() {
        if !letters[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let end =
            letters[at..].iter().position(|c| !c.is_ascii_alphanumeric()).map_or(letters.len(), |n| at + n);
        let word: String = letters[at..end].iter().collect();
        if let Some((told, past)) = month_day_at(&letters, at, end) {
            month_day = Some(told);
            at = past;
            continue;
        }
        let said_to_be_a_train = is_train_word(&letters[..at]) || is_train_word_after(&letters[end..]);
        if let Some(is_flight) = is_vehicle(&word, said_to_be_a_train) {
            let (carriage, seat) = place_aboard(&letters, end);
            found.push(ToldRide { vehicle: word, is_flight, month_day, carriage, seat });
        }
        at = end;
    }
    found
}

/// Full-width letters and digits as plain ones, small letters as capitals.
pub(super) fn plain(c: char) -> char {
    let code = u32::from(c);
    let plain =
        if (0xff01..=0xff5e).contains(&code) { char::from_u32(code - 0xfee0).unwrap_or(c) } else { c };
    plain.to_ascii_uppercase()
}

/// `火车 K68`: the last word before a number says train.
fn is_train_word(before: &[char]) -> bool {
    let mut back = before.iter().rev().skip_while(|c| c.is_whitespace());
    match back.next() {
        Some('车') => matches!(back.next(), Some('火' | '列' | '动')),
        Some('铁') => back.next() == Some(&'高'),
        Some('次') => back.next() == Some(&'车'),
        _ => false,
    }
}

/// `T3次`, `K1列车`.
fn is_train_word_after(behind: &[char]) -> bool {
    let blanks = behind.iter().take_while(|c| c.is_whitespace()).count();
    matches!(&behind[blanks..], ['次', ..] | ['列', '车', ..])
}

/// Whether a word is a flight (`Some(true)`), a train (`Some(false)`), or neither.
fn is_vehicle(word: &str, said_to_be_a_train: bool) -> Option<bool> {
    let digits = word.chars().rev().take_while(char::is_ascii_digit).count();
    let head = &word[..word.len() - digits];
    let train = head.len() == 1 && TRAINS.contains(head) && (1..=4).contains(&digits);
    // `T3` is a terminal, `K1` a bus or a gate: a short number needs the word that says train.
    if train && (digits >= 3 || said_to_be_a_train) {
        return Some(false);
    }
    // Two letters, or a letter and a digit, then three or four digits (IATA designators): CZ3101, 3U8881, 9C8511.
    let designator = |text: &str| text.len() == 2 && text.chars().any(|c| c.is_ascii_alphabetic());
    for number in [4, 3] {
        if word.len() == number + 2 && digits >= number && designator(&word[..2]) {
            return Some(true);
        }
    }
    None
}

/// `1月22日`, `1.22` with a day that can be, `2020-01-22`: the month and day that begin at a number, and where they end.
fn month_day_at(letters: &[char], at: usize, end: usize) -> Option<((i8, i8), usize)> {
    let first = number(letters, at, end)?;
    let separator = letters.get(end)?;
    let second_at = end + 1;
    let second_end =
        second_at + letters[second_at.min(letters.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
    let second = number(letters, second_at, second_end)?;
    match separator {
        '月' if matches!(letters.get(second_end), Some('日' | '号') | None) => {
            sound(first, second).map(|told| (told, second_end))
        }
        // A year before: the next two numbers are month and day.
        '-' | '/' | '.' | '年' if (1900..=2200).contains(&first) => {
            let after_second = letters.get(second_end)?;
            let third_at = second_end + 1;
            let third_end = third_at
                + letters[third_at.min(letters.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
            matches!(after_second, '-' | '/' | '.' | '月').then_some(())?;
            sound(second, number(letters, third_at, third_end)?).map(|told| (told, third_end))
        }
        _ => None,
    }
}

fn number(letters: &[char], from: usize, to: usize) -> Option<u32> {
    let digits = letters.get(from..to)?;
    if digits.is_empty() || digits.len() > 4 || !digits.iter().all(char::is_ascii_digit) {
        return None;
    }
    digits.iter().collect::<String>().parse().ok()
}

/// A leap year, so that 29 February can be.
fn sound(month: u32, day: u32) -> Option<(i8, i8)> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Day::of(2020, month, day).map(|_| (month, day))
}

/// How far behind a train's number its carriage and seat may stand.
const NEAR: usize = 16;

/// `次列车5车12F号`, `(05车厢, 12排)`: carriage and seat that stand soon after the number and before the next comma or full stop.
fn place_aboard(letters: &[char], end: usize) -> (Option<u16>, Option<Seat>) {
    let rest = &letters[end..];
    let stop = rest.iter().position(|c| "。；;，".contains(*c)).unwrap_or(rest.len()).min(NEAR);
    let near = &rest[..stop];
    let (mut carriage, mut seat, mut at) = (None, None, 0);
    while at < near.len() {
        if !near[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let past = at + near[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        let told: Option<u16> = near[at..past].iter().collect::<String>().parse().ok();
        match near.get(past) {
            Some('车') if carriage.is_none() => carriage = told,
            Some('号') if near.get(past + 1) == Some(&'车') => carriage = told,
            Some('排') => seat = told.filter(|row| *row > 0).map(|row| Seat { row, letter: None }),
            Some(letter @ 'A'..='H') if !near.get(past + 1).is_some_and(char::is_ascii_alphanumeric) => {
                seat = told.filter(|row| *row > 0).map(|row| Seat { row, letter: Some(*letter) });
            }
            _ => {}
        }
        at = past;
    }
    (carriage, seat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vehicles(text: &str) -> Vec<String> {
        told_rides(text).into_iter().map(|ride| ride.vehicle).collect()
    }

    #[test]
    fn a_sentence_of_a_notice_names_its_train_with_carriage_and_seat() {
        let told = told_rides("1月20日到武汉，1月22日乘坐Ｇ４８５７次列车（5车12F号）返回，与TJ9同行");
        assert_eq!(told.len(), 1);
        let ride = &told[0];
        assert_eq!((ride.vehicle.as_str(), ride.is_flight, ride.month_day), ("G4857", false, Some((1, 22))));
        assert_eq!((ride.carriage, ride.seat), (Some(5), Some(Seat { row: 12, letter: Some('F') })));
        assert_eq!(ride.day_by("2020-02-01".parse().unwrap()), "2020-01-22".parse().ok());
        assert_eq!(ride.day_by("2021-01-05".parse().unwrap()), "2020-01-22".parse().ok(), "not next week");
    }

    #[test]
    fn flights_have_two_characters_of_their_airline() {
        assert_eq!(
            vehicles("乘坐祥鹏航空UU1580次航班，转3U8881、9C8511、CZ3101"),
            ["UU1580", "3U8881", "9C8511", "CZ3101"]
        );
        assert!(told_rides("flight sk039").iter().all(|ride| ride.is_flight));
    }

    #[test]
    fn numbers_that_are_no_vehicle_stay_numbers() {
        for text in [
            "T3航站楼",
            "K1路公交车",
            "COVID19",
            "2020-01-20T16:00:00.000Z",
            "患者3之妻，59岁",
            "身份证410105199001011234",
            "G12345678",
            "A座1203室",
            "体温38.5",
            "",
        ] {
            assert_eq!(vehicles(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(vehicles("T3次列车，火车 K68，高铁G4，公交车K1"), ["T3", "K68", "G4"]);
    }

    #[test]
    fn a_carriage_is_not_taken_from_the_next_sentence() {
        let told = told_rides("乘D5973。3车的乘客12F另有其人");
        assert_eq!((told[0].carriage, told[0].seat), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,80}") {
            for ride in told_rides(&text) {
                proptest::prop_assert!((2..=6).contains(&ride.vehicle.len()));
            }
        }
    }
}

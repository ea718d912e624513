//! Rides in free text: "1月22日乘坐G4857次列车5车12F", "1月22日 flight UU1580", as notices and interviews have them.
//!
//! Deliberately absent: whether the person was aboard; the text says so, and somebody asks.

use super::Seat;
use super::told_day::{ToldDay, told_day_at};
use base::Day;

/// A train or flight a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRide {
    /// `G4857`, `UU1580`: capital letters, no zeros before the number of a flight are lost.
    pub vehicle: String,
    pub is_flight: bool,
    /// The day that stands last before it in the same text; none when the text says no day.
    pub told_day: Option<ToldDay>,
    pub carriage: Option<u16>,
    pub seat: Option<Seat>,
}

impl ToldRide {
    /// The day it set out, in a row about the day `stated` of a list that speaks of days up to `until`: what the text itself says,
    /// else that of the row. `None` when neither says one, or the text one that has not come yet.
    pub fn day(&self, stated: Option<Day>, until: Day) -> Option<Day> {
        match self.told_day {
            Some(told) => told.near(stated.unwrap_or(until), until),
            None => stated,
        }
    }
}

/// First letters of Chinese train numbers (12306: high speed G, C, D; ordinary Z, T, K, L, Y; suburban S).
const TRAINS: &str = "GCDZTKLYS";

/// Every train and flight a text names, in its order. A word of letters and digits that is longer than a number of a train or
/// flight is neither.
pub fn told_rides(text: &str) -> Vec<ToldRide> {
    let letters: Vec<char> = text.chars().map(plain).collect();
    let mut found = Vec::new();
    let (mut at, mut told_day) = (0, None);
    while at < letters.len() {
        if !letters[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let end =
            letters[at..].iter().position(|c| !c.is_ascii_alphanumeric()).map_or(letters.len(), |n| at + n);
        let word: String = letters[at..end].iter().collect();
        if let Some((told, past)) = told_day_at(&letters, at, end) {
            if !is_of_a_diagnosis(&letters[past..]) {
                told_day = Some(told.after(told_day));
            }
            at = past;
            continue;
        }
        if let Some(is_flight) = is_vehicle(&word, &letters[..at], &letters[end..]) {
            let (carriage, seat) = place_aboard(&letters, end);
            found.push(ToldRide { vehicle: word, is_flight, told_day, carriage, seat });
        }
        at = end;
    }
    found
}

/// `同乘者（1月26日确诊）`: whoever is confirmed that day does not set out on it.
fn is_of_a_diagnosis(behind: &[char]) -> bool {
    matches!(behind, ['日' | '号', '确', '诊', ..] | ['确', '诊', ..])
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

/// `航班G52601`, `飞机 A67107`, `flight G52601`.
fn is_flight_word(before: &[char]) -> bool {
    let before: String = before.iter().collect();
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == ':');
    ["航班", "航班号", "飞机", "FLIGHT"].iter().any(|word| before.ends_with(word))
}

/// `G52601次`, `G52601航班`.
fn is_flight_word_after(behind: &[char]) -> bool {
    let behind: String = behind.iter().skip_while(|c| c.is_whitespace()).take(6).collect();
    ["次", "航班", "FLIGHT"].iter().any(|word| behind.starts_with(word))
}

/// `B1203室`, `D203号楼`: where somebody lives. Not the seat of `G601座位12F`.
fn is_a_room_or_house(behind: &[char]) -> bool {
    let blanks = behind.iter().take_while(|c| c.is_whitespace()).count();
    match &behind[blanks..] {
        ['座', next @ ..] => !matches!(next, ['位' | '号', ..]),
        ['号', '楼', ..] | ['室' | '房' | '栋', ..] => true,
        _ => false,
    }
}

/// First characters of number plates.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// `晋A12345`, `晋A·D1234`: five or six characters behind the letter of the town.
fn is_a_number_plate(word: &str, before: &[char]) -> bool {
    let is_province = |c: &char| PROVINCES.contains(*c);
    match before {
        [.., province] if is_province(province) => (6..=7).contains(&word.len()),
        [.., province, town, '·' | '•' | '・' | '.' | '-' | ' '] if is_province(province) => {
            town.is_ascii_alphabetic() && (5..=6).contains(&word.len())
        }
        _ => false,
    }
}

/// Whether a word is a flight (`Some(true)`), a train (`Some(false)`), or neither, by what stands beside it.
fn is_vehicle(word: &str, before: &[char], behind: &[char]) -> Option<bool> {
    let said_to_be_a_train = is_train_word(before) || is_train_word_after(behind);
    let said_to_fly = is_flight_word(before) || is_flight_word_after(behind);
    if is_a_room_or_house(behind) || (is_a_number_plate(word, before) && !said_to_be_a_train && !said_to_fly)
    {
        return None;
    }
    let digits = word.chars().rev().take_while(char::is_ascii_digit).count();
    let head = &word[..word.len() - digits];
    let train = head.len() == 1 && TRAINS.contains(head) && (1..=4).contains(&digits);
    // `T3` is a terminal, `K1` a bus or a gate: a short number needs the word that says train.
    if train && (digits >= 3 || said_to_be_a_train) {
        return Some(false);
    }
    // Two characters of an airline (IATA designators), then three or four digits: CZ3101, 3U8881, 9C8511. A letter with a digit
    // (G5) looks like any number of a room or a form.
    let designator = |text: &str| {
        let is_letter = |at: usize| text.as_bytes()[at].is_ascii_alphabetic();
        match (is_letter(0), is_letter(1)) {
            (_, true) => true,
            (true, false) => said_to_fly,
            (false, false) => false,
        }
    };
    let flies = |number: usize| word.len() == number + 2 && digits >= number && designator(&word[..2]);
    (flies(4) || flies(3)).then_some(true)
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
        assert_eq!((ride.vehicle.as_str(), ride.is_flight), ("G4857", false));
        assert_eq!((ride.carriage, ride.seat), (Some(5), Some(Seat { row: 12, letter: Some('F') })));
        let day = |stated: Option<&str>, until: &str| {
            ride.day(stated.map(|stated| stated.parse().unwrap()), until.parse().unwrap())
        };
        assert_eq!(day(None, "2020-02-01"), "2020-01-22".parse().ok());
        assert_eq!(day(None, "2021-01-05"), "2020-01-22".parse().ok(), "not next week");
        assert_eq!(day(Some("2020-01-21"), "2020-02-01"), "2020-01-22".parse().ok(), "not last year");
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
    fn the_year_a_text_says_holds_for_the_rides_behind_it() {
        let (stated, until) = ("2022-02-01".parse().ok(), "2022-02-28".parse().unwrap());
        let days: Vec<Option<Day>> = told_rides("2019年12月30日乘G601，1月2日乘G602；G603")
            .iter()
            .map(|ride| ride.day(stated, until))
            .collect();
        assert_eq!(days, ["2019-12-30", "2020-01-02", "2020-01-02"].map(|day| day.parse().ok()));
        assert_eq!(told_rides("乘G601")[0].day(stated, until), stated);
    }

    #[test]
    fn the_day_somebody_was_confirmed_is_not_that_of_the_ride() {
        let told = told_rides("与某县病例（1月26日确诊）同乘K1074次列车");
        assert_eq!((told[0].vehicle.as_str(), told[0].told_day), ("K1074", None));
        assert_eq!(told_rides("1月16日乘K1074，2020-01-26确诊")[0].told_day.unwrap().day, 16);
    }

    #[test]
    fn rooms_houses_and_number_plates_are_no_vehicle() {
        for text in [
            "住B1203室",
            "D203室",
            "Ｄ２０３ 房",
            "D203号楼",
            "C105栋",
            "G101座",
            "晋A12345",
            "晋AD1234",
            "晋A·D1234",
            "晋K D1234",
            "表A1234",
        ] {
            assert_eq!(vehicles(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(
            vehicles("G52601次航班，航班：A91203，Flight G52602，飞机 A67107，G601座位12F，抵京G601"),
            ["G52601", "A91203", "G52602", "A67107", "G601", "G601"]
        );
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

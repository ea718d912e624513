//! Invented people. Nobody can be them: their identity numbers fail the check digit and their telephone
//! numbers lie in a block that is given to no operator.

use base::{Day, Stream, Territory};
use cases::Sex;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    pub name: String,
    pub sex: Sex,
    /// Completed years on the day the scenario begins.
    pub age: u8,
    /// Eighteen characters, wrong on purpose.
    pub id_number: String,
    /// Eleven digits from a block without subscribers.
    pub phone: String,
    /// People with the same word live together.
    pub household: String,
    pub residence: Territory,
}

/// Frequent surnames and plain given names, mixed freely: a name tells nothing about a family in Taigu.
const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "高", "林", "罗", "郑", "梁", "宋", "谢", "唐", "韩", "曹", "许", "邓", "萧", "冯", "程", "蔡", "彭",
    "潘", "袁", "董", "余", "苏", "叶",
];
const GIVEN_FEMALE: &[&str] = &[
    "秀兰", "桂英", "玉梅", "春花", "晓燕", "丽华", "海霞", "雅静", "欣怡", "梓涵", "文静", "小红", "雪梅",
    "美玲", "佳慧", "思雨", "晓雯", "若曦", "静怡", "慧敏",
];
const GIVEN_MALE: &[&str] = &[
    "建国", "志强", "国庆", "永强", "海涛", "晓东", "文斌", "俊杰", "浩然", "子轩", "立军", "明亮", "春生",
    "小龙", "宏伟", "思远", "宇航", "家豪", "振华", "德胜",
];

/// Who is needed: the rest is drawn.
pub(crate) struct Wanted<'a> {
    pub(crate) sex: Sex,
    pub(crate) age: u8,
    pub(crate) surname: Option<&'a str>,
    pub(crate) household: &'a str,
    pub(crate) residence: &'a Territory,
    pub(crate) on: Day,
}

pub(crate) fn surname(chance: &mut Stream) -> &'static str {
    let drawn: &&str = chance.pick(SURNAMES);
    drawn
}

pub(crate) fn invent(wanted: &Wanted<'_>, chance: &mut Stream) -> Person {
    let family = wanted.surname.unwrap_or_else(|| surname(chance));
    let given: &&str = chance.pick(if wanted.sex == Sex::Female { GIVEN_FEMALE } else { GIVEN_MALE });
    // No operator had been given 142 when this was written (2026), and these numbers are never dialled by
    // the program.
    let phone = format!("1420000{:04}", chance.below(10_000));
    Person {
        name: format!("{family}{given}"),
        sex: wanted.sex,
        age: wanted.age,
        id_number: impossible_id_number(wanted, chance),
        phone,
        household: wanted.household.to_owned(),
        residence: wanted.residence.clone(),
    }
}

/// The county's six digits, a birthday that fits the age, a serial number that fits the sex, and a check
/// digit that is off by one to ten, so that a validator refuses it and nobody can own it.
fn impossible_id_number(wanted: &Wanted<'_>, chance: &mut Stream) -> String {
    let county = wanted.residence.at_depth(3);
    // Born between the day before the (age + 1)th and the day of the age-th birthday; 365 days keep well
    // inside.
    let born =
        wanted.on - i32::from(wanted.age) * 365 - i32::from(wanted.age) / 4 - 1 - draw_day(chance, 300);
    let odd_for_men = 2 * chance.below(500) + usize::from(wanted.sex == Sex::Male);
    let first = format!(
        "{}{:04}{:02}{:02}{odd_for_men:03}",
        county.code(),
        born.year(),
        born.month(),
        born.day_of_month()
    );
    let wrong = (check_value(&first).unwrap_or_default() + 1 + chance.below(10)) % 11;
    format!("{first}{}", CHECK_LETTERS[wrong])
}

fn draw_day(chance: &mut Stream, below: usize) -> i32 {
    i32::try_from(chance.below(below)).unwrap_or_default()
}

const CHECK_LETTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Does the last character of an eighteen-character identity number fit the first seventeen?
///
/// # Source
/// GB 11643-1999, after ISO 7064 MOD 11-2: the weight of place i is 2^(17 − i) modulo 11.
pub fn id_number_is_valid(number: &str) -> bool {
    let mut letters: Vec<char> = number.chars().collect();
    let (18, Some(last)) = (letters.len(), letters.pop()) else { return false };
    let first: String = letters.iter().collect();
    check_value(&first).is_some_and(|value| CHECK_LETTERS[value] == last.to_ascii_uppercase())
}

fn check_value(first: &str) -> Option<usize> {
    let mut weight = 1;
    let mut sum = 0;
    for digit in first.chars().rev() {
        weight = weight * 2 % 11;
        sum += digit.to_digit(10)? as usize * weight;
    }
    Some(sum % 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_valid_and_its_neighbours_are_not() {
        // The number printed as an example in GB 11643-1999.
        assert!(id_number_is_valid("11010519491231002X"));
        assert!(!id_number_is_valid("110105194912310021"));
        assert!(!id_number_is_valid("11010519491231002"));
        assert!(!id_number_is_valid("1101051949123100AX"));
    }
}

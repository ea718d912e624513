//! Where a task is done, down to the stairwell, and the order in which somebody walks there.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Street, building and stairwell as they are written on the spot. Never a door: whose door it is, is the person's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    #[serde(default)]
    pub street: String,
    #[serde(default)]
    pub building: String,
    #[serde(default)]
    pub stairwell: String,
}

impl Spot {
    pub fn is_empty(&self) -> bool {
        *self == Spot::default()
    }

    #[must_use]
    pub fn trimmed(&self) -> Spot {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Spot {
            street: plain(&self.street),
            building: plain(&self.building),
            stairwell: plain(&self.stairwell),
        }
    }
}

/// By street, then building, then stairwell; numbers inside the text count as numbers, so that 2 comes before 10. Where nothing
/// is written comes last.
pub fn way_order(one: &Spot, other: &Spot) -> Ordering {
    let pairs =
        [(&one.street, &other.street), (&one.building, &other.building), (&one.stairwell, &other.stairwell)];
    pairs
        .into_iter()
        .map(|(one, other)| one.is_empty().cmp(&other.is_empty()).then_with(|| by_number(one, other)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn by_number(one: &str, other: &str) -> Ordering {
    let (one, other) = (parts(one), parts(other));
    one.cmp(&other)
}

/// A run of digits as a number of any length, then the text between.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(usize, String),
    Text(String),
}

fn parts(text: &str) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    let mut run = String::new();
    let mut in_digits = false;
    let mut close = |run: &mut String, digits: bool| {
        if run.is_empty() {
            return;
        }
        let text = std::mem::take(run);
        found.push(if digits {
            let plain = text.trim_start_matches('0').to_owned();
            Part::Number(plain.len(), plain)
        } else {
            Part::Text(text)
        });
    };
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_digit() != in_digits {
            close(&mut run, in_digits);
            in_digits = letter.is_ascii_digit();
        }
        run.push(letter);
    }
    close(&mut run, in_digits);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spot(street: &str, building: &str, stairwell: &str) -> Spot {
        Spot { street: street.into(), building: building.into(), stairwell: stairwell.into() }
    }

    #[test]
    fn the_way_goes_by_number() {
        let mut way = [
            spot("鼓楼街", "10号楼", "1单元"),
            spot("鼓楼街", "2号楼", "3单元"),
            spot("", "1号楼", ""),
            spot("鼓楼街", "2号楼", "10单元"),
            spot("Bell Street", "B2", ""),
            spot("Bell Street", "b10", ""),
        ];
        way.sort_by(way_order);
        let told: Vec<String> =
            way.iter().map(|one| format!("{} {} {}", one.street, one.building, one.stairwell)).collect();
        assert_eq!(
            told,
            [
                "Bell Street B2 ",
                "Bell Street b10 ",
                "鼓楼街 2号楼 3单元",
                "鼓楼街 2号楼 10单元",
                "鼓楼街 10号楼 1单元",
                " 1号楼 ",
            ]
        );
    }

    proptest! {
        #[test]
        fn it_is_an_order(a in "[a-b0-9 ]{0,6}", b in "[a-b0-9 ]{0,6}", c in "[a-b0-9 ]{0,6}") {
            let spots = [spot(&a, "", ""), spot(&b, "", ""), spot(&c, "", "")];
            let order = |i: usize, j: usize| way_order(&spots[i], &spots[j]);
            prop_assert_eq!(order(0, 1), order(1, 0).reverse());
            if order(0, 1).is_le() && order(1, 2).is_le() {
                prop_assert!(order(0, 2).is_le());
            }
        }
    }
}

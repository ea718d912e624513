//! Two records side by side: the sum of what speaks for and against one person.

use crate::Described;
use crate::names::Name;
use crate::numbers::{Number, phones, phones_compared};
use crate::weights::Agreement;
use base::Territory;
use cases::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// What the score advises. Nothing follows from it by itself: a person decides.
    Verdict, "verdict of a match" { Same = "same", Ask = "ask", Different = "different" }
}

/// Bits from which two records are said to be the same: about one wrong in 250,000 random pairs.
pub const SAME: f64 = 18.0;
/// Bits from which a person is asked.
pub const ASK: f64 = 9.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reason {
    pub word: Agreement,
    /// To a tenth: the shares behind it are known no better.
    pub bits: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub bits: f64,
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
}

/// Symmetric; spelling and order of words do not matter; a field that one side lacks counts nothing.
///
/// # Source
/// Fellegi and Sunter 1969, with the fields taken as independent, except that a birthday is not counted beside the numbers
/// that hold it.
pub fn compare(a: &Described, b: &Described) -> Compared {
    let number = |of: &Described| of.id_number.as_deref().and_then(Number::of);
    let numbers = number(a).zip(number(b)).and_then(|(a, b)| a.compared(&b));
    let citizens = matches!(numbers, Some(Agreement::IdSame | Agreement::IdNear | Agreement::IdDiffers));
    let born = a.born.zip(b.born).filter(|_| !citizens).map(|(a, b)| a.compared(b));
    let name = |of: &Described| of.name.as_deref().and_then(Name::of);
    let telephones = |of: &Described| of.phone.as_deref().map(phones).unwrap_or_default();
    let found = [
        numbers,
        name(a).zip(name(b)).map(|(a, b)| a.compared(&b)),
        phones_compared(&telephones(a), &telephones(b)),
        born,
        a.sex.zip(b.sex).map(|(a, b)| if a == b { Agreement::SexSame } else { Agreement::SexDiffers }),
        a.address.as_deref().zip(b.address.as_deref()).and_then(|(a, b)| addresses_compared(a, b)),
        a.territory.as_ref().zip(b.territory.as_ref()).and_then(|(a, b)| places_compared(a, b)),
    ];
    let found: Vec<Agreement> = found.into_iter().flatten().collect();
    let bits = tenths(found.iter().map(|one| one.bits()).sum());
    let identified = found.iter().any(|one| one.identifies()) && !found.iter().any(|one| one.contradicts());
    let verdict = match bits {
        _ if bits >= SAME && identified => Verdict::Same,
        _ if bits >= ASK => Verdict::Ask,
        _ => Verdict::Different,
    };
    let reasons = found.iter().map(|one| Reason { word: *one, bits: tenths(one.bits()) }).collect();
    Compared { bits, verdict, reasons }
}

fn tenths(bits: f64) -> f64 {
    (bits * 10.0).round() / 10.0
}

/// The same county, or only the same prefecture; a record that knows no more than its province says nothing.
fn places_compared(a: &Territory, b: &Territory) -> Option<Agreement> {
    let known = a.depth().min(b.depth());
    let upto = |depth| known >= depth && a.at_depth(depth) == b.at_depth(depth);
    match known {
        0 | 1 => None,
        _ if upto(3) => Some(Agreement::PlaceSame),
        _ if upto(2) => Some(Agreement::PlaceNear),
        _ => Some(Agreement::PlaceDiffers),
    }
}

/// Pairs of neighbouring signs in common (Dice 1945). A short address is a village: half its people have it.
fn addresses_compared(a: &str, b: &str) -> Option<Agreement> {
    let signs = |text: &str| -> Vec<char> {
        text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (signs(a), signs(b));
    if a.len() < 4 || b.len() < 4 {
        return None;
    }
    let pairs = |signs: &[char]| signs.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>();
    let (first, second) = (pairs(&a), pairs(&b));
    let shared = first.intersection(&second).count() as f64;
    let share = 2.0 * shared / (first.len() + second.len()) as f64;
    let long = a.len().min(b.len()) >= 8;
    Some(match share {
        _ if share >= 0.8 && long => Agreement::AddressSame,
        _ if share >= 0.5 => Agreement::AddressNear,
        _ => Agreement::AddressDiffers,
    })
}

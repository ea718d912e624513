//! Handles: `case_8f2k…` everywhere (URL, log, CSV). Random, never time-ordered: an ordered id tells when someone was reported.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{cmp, fmt, hash, marker::PhantomData, str::FromStr};

/// What an id stands for. The prefix is its first word in text.
pub trait Named {
    const PREFIX: &'static str;
}

/// 128 bits and what they stand for. Chance comes in through the door: `app/` draws the bits.
pub struct Id<T> {
    bits: u128,
    of: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid {1} id; it looks like {1}_ followed by 26 letters and digits")]
pub struct IdError(pub String, pub &'static str);

/// Crockford's base 32: no letter that is mistaken for a digit when read aloud.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<T> Id<T> {
    pub const fn from_bits(bits: u128) -> Id<T> {
        Id { bits, of: PhantomData }
    }

    pub const fn bits(self) -> u128 {
        self.bits
    }
}

impl<T: Named> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0_u8; 26];
        let mut rest = self.bits;
        for letter in text.iter_mut().rev() {
            *letter = LETTERS[(rest & 31) as usize];
            rest >>= 5;
        }
        write!(f, "{}_{}", T::PREFIX, std::str::from_utf8(&text).expect("ASCII letters"))
    }
}

impl<T: Named> FromStr for Id<T> {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Id<T>, IdError> {
        let refuse = || IdError(text.to_owned(), T::PREFIX);
        let letters =
            text.strip_prefix(T::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or_else(refuse)?;
        if letters.len() != 26 || letters.as_bytes()[0] > b'7' {
            return Err(refuse());
        }
        letters
            .bytes()
            .try_fold(0_u128, |bits, letter| {
                let value = LETTERS.iter().position(|known| *known == letter)?;
                Some(bits << 5 | value as u128)
            })
            .map(Id::from_bits)
            .ok_or_else(refuse)
    }
}

impl<T: Named> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

impl<T: Named> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Named> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id<T>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Case;
    impl Named for Case {
        const PREFIX: &'static str = "case";
    }

    proptest! {
        #[test]
        fn an_id_written_down_is_the_id_read_back(bits: u128) {
            let id = Id::<Case>::from_bits(bits);
            prop_assert_eq!(id.to_string().parse::<Id<Case>>().unwrap(), id);
        }
    }

    #[test]
    fn an_id_of_something_else_is_refused() {
        let text = Id::<Case>::from_bits(7).to_string().replace("case", "contact");
        assert!(text.parse::<Id<Case>>().is_err());
        assert!("case_zzzzzzzzzzzzzzzzzzzzzzzzzz".parse::<Id<Case>>().is_err(), "more than 128 bits");
    }
}

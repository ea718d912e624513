//! A count as somebody outside the working team may see it.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// How large a count must be before it is told, which is also the width of the bands it is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    floor: u64,
}

impl Policy {
    /// For colleagues outside the team that works on the cases: nothing from 1 to 4.
    pub const COLLEAGUES: Policy = Policy { floor: 5 };

    /// For everybody: nothing from 1 to 9.
    ///
    /// # Source
    /// Washington State Department of Health, standards for reporting data with small numbers (2018): counts below 10 are
    /// withheld, and complementary ones with them. The CMS cell size policy withholds 1 to 10 and allows zero.
    pub const PUBLIC: Policy = Policy { floor: 10 };

    /// The smallest count that is told, zero apart.
    pub const fn floor(self) -> u64 {
        self.floor
    }

    /// Is this count so small that it must not be known?
    pub const fn is_small(self, count: u64) -> bool {
        0 < count && count < self.floor
    }

    /// The band of a count that is large enough: from a multiple of the floor to just below the next. As wide as the
    /// small counts are, so that the difference of two days in one band still leaves every small number possible.
    pub(crate) const fn band(self, count: u64) -> (u64, u64) {
        let from = count - count % self.floor;
        (from, from + self.floor - 1)
    }
}

/// Nothing else of a protected table can be written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppressed {
    /// Small, or withheld so that a small one cannot be calculated: which of the two is not said.
    Withheld,
    None,
    /// Somewhere in this band, both ends included.
    Between(u64, u64),
}

impl Suppressed {
    /// A count that is told alone and is part of no total. One of a table goes through [`crate::Table`].
    pub const fn alone(count: u64, policy: Policy) -> Suppressed {
        if count == 0 {
            return Suppressed::None;
        }
        if policy.is_small(count) {
            return Suppressed::Withheld;
        }
        let (from, to) = policy.band(count);
        Suppressed::Between(from, to)
    }
}

/// `0`, `{"from": 10, "to": 14}` or `{"withheld": true}`: never a bare small number that could be taken for the count.
impl Serialize for Suppressed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Suppressed::None => serializer.serialize_u64(0),
            Suppressed::Withheld => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("withheld", &true)?;
                map.end()
            }
            Suppressed::Between(from, to) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("from", from)?;
                map.serialize_entry("to", to)?;
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_count_is_withheld_zero_is_told_and_the_rest_is_a_band() {
        let told = |count| serde_json::to_string(&Suppressed::alone(count, Policy::COLLEAGUES)).unwrap();
        assert_eq!(told(0), "0");
        assert_eq!(told(1), r#"{"withheld":true}"#);
        assert_eq!(told(4), told(1));
        assert_eq!(told(5), r#"{"from":5,"to":9}"#);
        assert_eq!(told(9), told(5));
        assert_eq!(told(123), r#"{"from":120,"to":124}"#);
    }
}

//! Where a row belongs: the path of region codes from the top, `14/1407/140726`. It stands on every row.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A path of region codes joined by `/`; the empty path is the whole country.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Territory(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a territory; write region codes from the top down, such as 14/1407/140726")]
pub struct TerritoryError(pub String);

impl Territory {
    pub fn whole() -> Territory {
        Territory(String::new())
    }

    pub fn path(&self) -> &str {
        &self.0
    }

    /// 0 the whole, 1 province, 2 prefecture, 3 county, 4 township.
    pub fn depth(&self) -> usize {
        if self.0.is_empty() { 0 } else { self.0.split('/').count() }
    }

    /// The last code of the path; empty for the whole.
    pub fn code(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The same path cut to `depth` codes.
    pub fn at_depth(&self, depth: usize) -> Territory {
        Territory(self.0.split('/').take(depth).collect::<Vec<_>>().join("/"))
    }

    pub fn child(&self, code: &str) -> Result<Territory, TerritoryError> {
        if self.0.is_empty() { code.parse() } else { format!("{}/{code}", self.0).parse() }
    }

    /// Is `other` this place or inside it?
    pub fn holds(&self, other: &Territory) -> bool {
        self.0.is_empty()
            || other.0 == self.0
            || (other.0.starts_with(&self.0) && other.0.as_bytes().get(self.0.len()) == Some(&b'/'))
    }

    /// The narrowest place that holds all of them; the whole tree when there are none.
    pub fn narrowest_of<'a>(places: impl IntoIterator<Item = &'a Territory>) -> Territory {
        let mut places = places.into_iter();
        let Some(first) = places.next() else { return Territory::whole() };
        places.fold(first.clone(), |held, one| {
            let holds = |depth: &usize| held.at_depth(*depth).holds(one);
            held.at_depth((0..=held.depth()).rev().find(holds).unwrap_or(0))
        })
    }

    /// The half-open range of paths inside this territory, for an index: `first <= path < past`.
    ///
    /// Codes are letters and digits, all of which sort after `/`; `0` follows `/`, so `14/1407` and everything
    /// below it lie in `["14/1407", "14/14070")` and a sibling such as `14/14070` does not.
    pub fn range(&self) -> (String, String) {
        if self.0.is_empty() {
            (String::new(), "~".to_owned())
        } else {
            (self.0.clone(), format!("{}0", self.0))
        }
    }
}

impl FromStr for Territory {
    type Err = TerritoryError;
    fn from_str(text: &str) -> Result<Territory, TerritoryError> {
        let well_formed = text.is_empty()
            || (text.len() <= 80
                && text
                    .split('/')
                    .all(|code| !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric())));
        if well_formed { Ok(Territory(text.to_owned())) } else { Err(TerritoryError(text.to_owned())) }
    }
}

impl TryFrom<String> for Territory {
    type Error = TerritoryError;
    fn try_from(text: String) -> Result<Territory, TerritoryError> {
        text.parse()
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> String {
        territory.0
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_index_range_holds_exactly_what_the_territory_holds(
            outer in "([0-9A-Za-z]{1,4}(/[0-9A-Za-z]{1,4}){0,3})?", inner in "([0-9A-Za-z]{1,4}(/[0-9A-Za-z]{1,4}){0,4})?"
        ) {
            let (outer, inner): (Territory, Territory) = (outer.parse().unwrap(), inner.parse().unwrap());
            let (first, past) = outer.range();
            let in_range = first.as_str() <= inner.path() && inner.path() < past.as_str();
            prop_assert_eq!(outer.holds(&inner), in_range);
        }
    }

    #[test]
    fn a_county_is_inside_its_prefecture_and_not_inside_its_neighbour() {
        let prefecture: Territory = "14/1407".parse().unwrap();
        assert!(prefecture.holds(&"14/1407/140726".parse().unwrap()));
        assert!(!prefecture.holds(&"14/14070".parse().unwrap()));
        assert!("14//1407".parse::<Territory>().is_err());
        assert_eq!("14/1407/140726".parse::<Territory>().unwrap().at_depth(2), prefecture);
    }
}

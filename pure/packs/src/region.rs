//! One place of a region pack.

use base::Territory;
use serde::Serialize;

/// How far down the hierarchy a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Province,
    Prefecture,
    County,
    Township,
}

impl Level {
    pub const ALL: [Level; 4] = [Level::Province, Level::Prefecture, Level::County, Level::Township];

    /// 1 to 4, the depth of its territory.
    pub fn depth(self) -> usize {
        self as usize + 1
    }

    pub fn at_depth(depth: usize) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.depth() == depth)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    pub territory: Territory,
    pub level: Level,
    /// Full name, such as 太谷区.
    pub zh: String,
    /// As people write it, such as 太谷.
    pub zh_short: String,
    /// Pinyin, joined, such as `Taigu`.
    pub en: String,
    /// Residents; `None` where the census table does not go down to this level.
    pub population: Option<u64>,
    /// Area centroid, degrees, longitude then latitude (WGS 84).
    pub centroid: Option<(f64, f64)>,
}

impl Region {
    pub fn code(&self) -> &str {
        self.territory.code()
    }
}

//! What is said to others about the situation. So far the public bulletin: a text of the leading group and the counts by
//! place, in bands, as they were at that moment. A bulletin once published is withdrawn, never changed.

pub mod changes;
pub mod http;

use base::Named;

pub struct Bulletin;
impl Named for Bulletin {
    const PREFIX: &'static str = "bulletin";
}

pub(crate) const SCHEMA: &str = "
CREATE TABLE briefing_bulletin (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  at INTEGER NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT NOT NULL,
  counts TEXT NOT NULL,
  withdrawn TEXT
) STRICT;
CREATE INDEX briefing_bulletin_at ON briefing_bulletin (territory, at);
";

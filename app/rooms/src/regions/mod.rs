//! Which places there are: the shipped region pack, or the department's own boundaries and codes.

pub mod changes;
mod geojson;
pub mod http;
mod places;

pub use geojson::read as read_boundaries;
pub(crate) use places::UTC_OFFSET_MINUTES;
pub use places::{Atlas, Places};

pub(crate) const SCHEMA: &str = "
CREATE TABLE regions_own (
  path TEXT PRIMARY KEY,
  zh TEXT NOT NULL,
  en TEXT NOT NULL,
  population INTEGER,
  lon REAL,
  lat REAL,
  shape TEXT,
  seq INTEGER NOT NULL
) STRICT;
";

//! Will this database keep what it acknowledges? Asked before anybody is served.

use crate::{Engine, Error, Place, Result, archive, params};
use std::path::Path;

/// Something about the ground the database stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worry {
    /// Nobody should be served from this.
    Refuse(String),
    /// The operator should know.
    Warn(String),
}

/// A page of the database is read in about a microsecond when the disk has it at hand: so much keeps the start short.
const QUICKLY: u64 = 128 * 1024 * 1024;

pub struct Health {
    pub worries: Vec<Worry>,
}

impl Health {
    /// `whole`: reads every page and index, however large.
    pub fn of(place: &Place, whole: bool) -> Result<Health> {
        let mut engine = place.open(false)?;
        let mut worries = Vec::new();
        match place {
            Place::Folder(folder) => {
                worries.extend(of_the_disk(folder));
                worries.extend(of_the_pages(&mut engine, whole)?);
            }
            Place::Postgres { .. } => worries.extend(of_the_server(&mut engine)?),
        }
        Ok(Health { worries })
    }
}

/// SQLite's locks and its shared memory do not work between machines.
fn of_the_disk(folder: &Path) -> Option<Worry> {
    let (kind, network) = archive::kind_of_disk(folder)?;
    Some(if network {
        Worry::Refuse(format!(
            "{} lies on {kind}, where two machines can write at once and damage it; choose a local disk, or PostgreSQL",
            folder.display()
        ))
    } else {
        Worry::Warn(format!(
            "{} lies in memory ({kind}): a restart of the machine loses everything",
            folder.display()
        ))
    })
}

fn of_the_pages(engine: &mut Engine, whole: bool) -> Result<Option<Worry>> {
    let size = engine
        .rows("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", params![])?;
    let size = size.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
    if !whole && size > QUICKLY {
        return Ok(None);
    }
    let check = if whole { "PRAGMA integrity_check(3)" } else { "PRAGMA quick_check(3)" };
    let found = engine.rows(check, params![])?;
    let found: Vec<String> = found.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
    Ok((found != ["ok"]).then(|| {
        Worry::Refuse(format!(
            "the database file is damaged ({}); restore a backup with `quell restore`",
            found.join("; ")
        ))
    }))
}

/// What each setting must be, what it costs when it is not, and whether that is worse than a worry.
const SERVER: [(&str, &str, &str, bool); 4] = [
    ("fsync", "on", "a power cut can destroy the database", true),
    ("full_page_writes", "on", "a power cut can leave half-written pages", true),
    ("data_sync_retry", "off", "a failed flush is tried again as if nothing had happened", true),
    ("data_checksums", "on", "a damaged page is not noticed", false),
];

fn of_the_server(engine: &mut Engine) -> Result<Vec<Worry>> {
    let mut worries = Vec::new();
    let mut setting = |name: &str| -> Result<String> {
        let row = engine.rows("SELECT current_setting($1)", params![name])?;
        row.first().ok_or_else(|| Error::Shape("no setting".to_owned()))?.text(0)
    };
    for (name, wanted, cost, refuse) in SERVER {
        let found = setting(name)?;
        if found != wanted {
            let told = format!("PostgreSQL has {name} = {found}: {cost}; set it to {wanted}");
            worries.push(if refuse { Worry::Refuse(told) } else { Worry::Warn(told) });
        }
    }
    let version: i64 = setting("server_version_num")?.parse().unwrap_or(0);
    if version < 150_000 {
        worries.push(Worry::Refuse("PostgreSQL is older than 15; use 15 or newer".to_owned()));
    }
    Ok(worries)
}

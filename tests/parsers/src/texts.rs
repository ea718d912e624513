//! Texts: mappings, packs, boundaries, what people wrote about who met whom, and the words of an address.

use base::{Day, Id, Moment, Territory};
use linelist::MapFile;
use packs::{Disease, Regions, Roles};
use store::{Sealed, Sent};
use trace::KnownIds;

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

pub fn map_file(bytes: &[u8]) {
    let _ = MapFile::read(&text(bytes));
}

pub fn boundaries(bytes: &[u8]) {
    let _ = rooms::regions::read_boundaries(bytes);
}

/// The regions of a pack and their neighbours, parted by a line of dashes.
pub fn region_table(bytes: &[u8]) {
    let text = text(bytes);
    let (regions, neighbours) = text.split_once("\n---\n").unwrap_or((&text, "code,neighbour\n"));
    let _ = Regions::read(packs::shipped::SHANXI.0, regions, neighbours);
}

pub fn disease_pack(bytes: &[u8]) {
    let _ = Disease::read("fuzz", &text(bytes));
}

pub fn role_pack(bytes: &[u8]) {
    if let Ok(roles) = Roles::read(&text(bytes)) {
        for role in &roles.roles {
            for separation in &roles.separations {
                let [one, other] = separation.never_together;
                assert!(!(role.may(one) && role.may(other)), "a role holds what no role may hold together");
            }
        }
    }
}

/// The first line names the cases there are; the rest is what somebody wrote.
pub fn mentions(bytes: &[u8]) {
    let text = text(bytes);
    let (ids, told) = text.split_once('\n').unwrap_or(("TJ1 TJ2 病例3", &text));
    let known = KnownIds::new(ids.split_whitespace().take(50));
    let _ = trace::mentions(told, &known);
}

/// No value comes from nowhere: a row holds at most a count and a p-value.
pub fn streams(bytes: &[u8]) {
    if let Ok(held) = analysis::read_streams(bytes) {
        assert!((1..=held.rows).contains(&held.streams) && held.steps > 0, "{held:?}");
        assert!(held.values <= 2 * held.rows, "{held:?}");
    }
}

pub fn fusion_settings(bytes: &[u8]) {
    let _ = analysis::read_settings(bytes);
}

/// What stands in addresses and in bodies: what is read is written as it was read.
pub fn small_words(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(day.to_string().parse(), Ok(day));
    }
    if let Ok(territory) = text.parse::<Territory>() {
        assert_eq!(territory.to_string().parse(), Ok(territory));
    }
    if let Ok(id) = text.parse::<Id<Sent>>() {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    let _ = serde_json::from_slice::<Moment>(bytes);
    let _ = serde_json::from_slice::<Sealed<String>>(bytes);
}

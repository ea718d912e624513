//! What everybody may know of how the house bears its load: made at most once a second, whoever asks and how often.

use super::{Class, Feature, House, Load, open, second_of};
use axum::body::Bytes;
use base::Moment;
use serde_json::{Value, json};
use std::sync::Mutex;

/// What was last told, and in which second.
#[derive(Default)]
pub(super) struct Told {
    status: Mutex<Option<(i64, Bytes)>>,
    telemetry: Mutex<Option<(i64, Bytes)>>,
}

impl Told {
    pub fn forget(&self) {
        *open(&self.status) = None;
    }
}

fn in_this_second(kept: &Mutex<Option<(i64, Bytes)>>, second: i64, made: impl FnOnce() -> Value) -> Bytes {
    let mut kept = open(kept);
    match &*kept {
        Some((at, bytes)) if *at == second => bytes.clone(),
        _ => {
            let bytes = Bytes::from(made().to_string());
            *kept = Some((second, bytes.clone()));
            bytes
        }
    }
}

impl Load {
    pub(super) fn telemetry(&self) -> Bytes {
        let second = second_of(House::clock());
        in_this_second(&self.told.telemetry, second, || open(&self.counts).told(second))
    }

    pub(super) fn status(&self, house: &House) -> Bytes {
        let now = house.now();
        in_this_second(&self.told.status, second_of(now), || self.standing_told(house, now))
    }

    fn standing_told(&self, house: &House, now: Moment) -> Value {
        let atlas = house.places.now();
        let known = open(&self.known);
        let off: Vec<Value> = Feature::ALL
            .iter()
            .filter_map(|feature| {
                let by_hand = known.switches.iter().find(|one| one.feature == *feature && one.ends > now);
                let own = open(&self.standing).since[*feature as usize];
                let (since, by) = match by_hand {
                    Some(said) if said.off => (said.since, "hand"),
                    Some(_) => return None,
                    None => (own?, "pressure"),
                };
                let (en, zh) = feature.why();
                Some(json!({
                    "feature": feature.word(), "since": since, "by": by, "why_en": en, "why_zh": zh,
                    "reason": by_hand.map(|said| &said.reason), "ends": by_hand.map(|said| said.ends),
                }))
            })
            .collect();
        let outages: Vec<Value> = known
            .outages
            .iter()
            .map(|outage| {
                let place = atlas.at(&outage.territory);
                json!({
                    "from": outage.from, "until": outage.until, "what": outage.what, "told": outage.told,
                    "territory": outage.territory,
                    "zh": place.map(|place| &place.zh), "en": place.map(|place| &place.en),
                })
            })
            .collect();
        json!({ "at": now, "off": off, "outages": outages, "minute": self.last_minute(), "demo": house.settings.demo })
    }

    /// By class, what came in the last whole minute and how many were told to come again.
    fn last_minute(&self) -> Value {
        let second = second_of(House::clock());
        let counts = open(&self.counts);
        let of = |class: &Class| {
            let sum = counts.sum(*class, second - 60, second);
            json!({ "class": class.word(), "arrived": sum.arrived, "refused": sum.refused, "failed": sum.failed })
        };
        Class::ALL.iter().map(of).collect()
    }
}

//! The last picture of each board, for when boards are not counted anew.

use super::{Feature, open};
use crate::App;
use crate::reply::{Failure, Reply};
use axum::Json;
use base::Moment;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use store::Scope;

/// Older than this a picture misleads more than it helps.
const OLDEST_MS: i64 = 15 * 60_000;
const MOST: usize = 256;

#[derive(Default)]
pub(crate) struct Pictures(Mutex<HashMap<String, (Moment, Arc<Value>)>>);

impl Pictures {
    fn kept(&self, key: &str, now: Moment) -> Option<(Moment, Arc<Value>)> {
        open(&self.0).get(key).filter(|(at, _)| now.0 - at.0 < OLDEST_MS).cloned()
    }

    fn keep(&self, key: String, now: Moment, picture: Arc<Value>) {
        let mut all = open(&self.0);
        if all.len() >= MOST && !all.contains_key(&key) {
            all.retain(|_, (at, _)| now.0 - at.0 < OLDEST_MS);
            if all.len() >= MOST
                && let Some(oldest) = all.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone())
            {
                all.remove(&oldest);
            }
        }
        all.insert(key, (now, picture));
    }
}

/// What `drawn` tells, or, while boards are not counted anew, the last that was told to whoever sees exactly as much: then with
/// `kept_at`. Nobody is shown what another scope was told.
pub(crate) async fn picture(
    house: &App,
    scope: &Scope,
    asked: &str,
    drawn: impl Future<Output = Result<Value, Failure>>,
) -> Reply<Value> {
    let now = house.now();
    let key = format!("{asked}|{scope:?}");
    if house.load.is_off(Feature::Boards, now)
        && let Some((at, kept)) = house.load.pictures.kept(&key, now)
    {
        let mut kept = Value::clone(&kept);
        kept["kept_at"] = json!(at);
        return Ok(Json(kept));
    }
    let fresh = Arc::new(drawn.await?);
    house.load.pictures.keep(key, now, fresh.clone());
    Ok(Json(Arc::unwrap_or_clone(fresh)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_grow_old_and_take_no_more_room() {
        let pictures = Pictures::default();
        for number in 0..MOST as i64 + 20 {
            pictures.keep(number.to_string(), Moment(number), Arc::new(json!(number)));
        }
        assert_eq!(open(&pictures.0).len(), MOST);
        assert!(pictures.kept("0", Moment(300)).is_none(), "the oldest went first");
        assert_eq!(pictures.kept("275", Moment(300)).map(|(at, _)| at), Some(Moment(275)));
        assert!(pictures.kept("275", Moment(275 + OLDEST_MS)).is_none());
    }
}

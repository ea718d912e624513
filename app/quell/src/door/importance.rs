//! What comes first when there is too much: a case that must be reported before the work at doors, that before pictures of
//! the situation, those before copies of everything. Each kind has places of its own, so that a flood of one leaves the
//! others alone, and is told to come again when its places and the bench before them are full.

use crate::door::refusals::Refusal;
use axum::http::Method;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Somebody is ill, a result is there, a person goes: what is lost here is lost for the outbreak.
    Critical,
    /// The daily work: lists, one case, contacts, signing in.
    Field,
    /// Pictures of the whole.
    Picture,
    /// Files in and out, proofs over everything.
    Bulk,
}

/// Writes that are never made to wait behind others. The laboratory's come here when they come to be.
const CRITICAL: [&str; 5] = ["report-case", "classify-case", "amend-case", "report-result", "release-result"];

/// Pages of the daily work; every other page is a picture.
const FIELD: [&str; 7] = ["state", "session", "live", "cases", "contacts", "subjects", "regions"];

const BULK: [&str; 3] = ["export", "imports", "backups"];

impl Importance {
    /// `path` begins with `/api/`. A route nobody thought of is field work when it writes and a picture when it reads.
    pub fn of(method: &Method, path: &str) -> Importance {
        let mut parts = path.trim_start_matches("/api/").split('/');
        let (room, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let reads = method == Method::GET || method == Method::HEAD;
        match room {
            "changes" if CRITICAL.contains(&rest) => Importance::Critical,
            "session" if method == Method::DELETE => Importance::Critical,
            // Looking at an import is a page; making it run is not.
            "imports" if reads && !path.contains("/report.") => Importance::Picture,
            room if BULK.contains(&room) => Importance::Bulk,
            "journal" if rest == "verify" || rest == "export" => Importance::Bulk,
            "regions" if !reads => Importance::Bulk,
            // Strangers' work stands behind everybody else's.
            "public" => Importance::Picture,
            room if FIELD.contains(&room) => Importance::Field,
            _ if reads => Importance::Picture,
            _ => Importance::Field,
        }
    }
}

/// The places of one kind of work, and the bench before them.
struct Lane {
    places: Arc<Semaphore>,
    bench: AtomicUsize,
    most_waiting: usize,
    patience: Duration,
    again_s: u64,
}

impl Lane {
    fn new(places: usize, most_waiting: usize, patience_ms: u64, again_s: u64) -> Lane {
        Lane {
            places: Arc::new(Semaphore::new(places)),
            bench: AtomicUsize::new(0),
            most_waiting,
            patience: Duration::from_millis(patience_ms),
            again_s,
        }
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let busy = Refusal::Busy { seconds: self.again_s };
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        let seat = Seat::at(&self.bench, self.most_waiting).ok_or(busy)?;
        let place = timeout(self.patience, self.places.clone().acquire_owned()).await;
        drop(seat);
        place.ok().and_then(Result::ok).ok_or(busy)
    }
}

/// A seat on the bench; free again when whoever waited goes in, gives up or is gone.
struct Seat<'a>(&'a AtomicUsize);

impl Seat<'_> {
    fn at(bench: &AtomicUsize, most: usize) -> Option<Seat<'_>> {
        let sitting = bench.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(bench);
        (sitting < most).then_some(seat)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub struct Lanes {
    critical: Lane,
    field: Lane,
    picture: Lane,
    bulk: Lane,
}

impl Default for Lanes {
    /// Four threads read: pictures may keep three questions waiting behind each, and then the next one is told to come again.
    fn default() -> Lanes {
        Lanes {
            critical: Lane::new(256, 1_024, 10_000, 1),
            field: Lane::new(64, 256, 2_000, 2),
            picture: Lane::new(12, 64, 1_000, 5),
            bulk: Lane::new(4, 8, 500, 10),
        }
    }
}

impl Lanes {
    pub async fn enter(&self, importance: Importance) -> Result<OwnedSemaphorePermit, Refusal> {
        let lane = match importance {
            Importance::Critical => &self.critical,
            Importance::Field => &self.field,
            Importance::Picture => &self.picture,
            Importance::Bulk => &self.bulk,
        };
        lane.enter().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_wait_is_known_by_its_route() {
        for (method, path, importance) in [
            ("POST", "/api/changes/report-case", Importance::Critical),
            ("POST", "/api/changes/classify-case", Importance::Critical),
            ("DELETE", "/api/session", Importance::Critical),
            ("POST", "/api/session", Importance::Field),
            ("POST", "/api/changes/add-contact", Importance::Field),
            ("GET", "/api/cases/case_x", Importance::Field),
            ("POST", "/api/subjects/subject_x/open", Importance::Field),
            ("GET", "/api/situation", Importance::Picture),
            ("GET", "/api/chains", Importance::Picture),
            ("GET", "/api/imports", Importance::Picture),
            ("GET", "/api/something-new", Importance::Picture),
            ("POST", "/api/something-new", Importance::Field),
            ("POST", "/api/imports", Importance::Bulk),
            ("GET", "/api/imports/import_x/report.csv", Importance::Bulk),
            ("GET", "/api/export/cases.csv", Importance::Bulk),
            ("GET", "/api/journal/verify", Importance::Bulk),
            ("GET", "/api/journal", Importance::Picture),
        ] {
            assert_eq!(Importance::of(&method.parse().unwrap(), path), importance, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_flood_of_pictures_keeps_no_case_waiting() {
        let lanes = Lanes::default();
        let mut places = Vec::new();
        while let Ok(place) = lanes.picture.places.clone().try_acquire_owned() {
            places.push(place);
        }
        let seats: Vec<_> = std::iter::from_fn(|| Seat::at(&lanes.picture.bench, 64)).collect();
        assert_eq!(seats.len(), 64);
        assert!(matches!(lanes.enter(Importance::Picture).await, Err(Refusal::Busy { seconds: 5 })));
        assert!(lanes.enter(Importance::Critical).await.is_ok());
        assert!(lanes.enter(Importance::Field).await.is_ok());
        drop((places, seats));
        assert!(lanes.enter(Importance::Picture).await.is_ok(), "afterwards everything is as before");
        assert_eq!(lanes.picture.bench.load(Ordering::Relaxed), 0);
    }
}

//! What comes with a request, read before anybody works on it: forms whole and within seconds, files as they come and never
//! slower than a bad line. So a visitor who sends a byte now and then waits alone, and holds no place inside.

use crate::door::refusals::Refusal;
use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::http::{HeaderMap, Method, header};
use futures_util::StreamExt;
use rooms::load::Class;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The longest form is the mapping of a wide list, some hundred kilobytes.
const FORM_BYTES: usize = 1_000_000;
const FORM_WITHIN: Duration = Duration::from_secs(15);

/// The rooms themselves say more kindly that a file is too large, a little earlier.
const FILE_BYTES: usize = 201_000_000;
const FILE_PATIENCE: Duration = Duration::from_secs(20);
/// After that a file comes at 20 kB a second or is let go.
const FILE_BYTES_A_MS: usize = 20;

/// Who is signed in nowhere has no long form to fill in.
const STRANGERS_FORM_BYTES: usize = 128 * 1024;

/// A family's secrets. Whoever says that a restriction on them is wrong says so at length.
const SECRETS: &str = "/api/public/results";
const SECRETS_BYTES: usize = 8 * 1024;

/// Nobody knows by a cookie alone whether somebody is signed in, and what is open to everybody is a stranger's form with a cookie too.
fn longest(class: Class, path: &str, signed: bool) -> usize {
    match class {
        Class::Results if path == SECRETS => SECRETS_BYTES,
        Class::Results => STRANGERS_FORM_BYTES,
        _ if signed => FORM_BYTES,
        _ => STRANGERS_FORM_BYTES,
    }
}

/// Forms of a class that lie in memory at once, in kB; sixty-four megabytes all together. Strangers' heaps of paper take no room from a table
/// where people are sampled.
fn room_kb(class: Class) -> usize {
    1024 * match class {
        Class::Urgent => 8,
        Class::Sampling => 24,
        Class::Laboratory | Class::Work => 12,
        Class::Results | Class::Display => 2,
        Class::Extras => 4,
    }
}

/// One address takes at most this part of a room: forms that come a byte at a time would keep everybody else out.
const PART_OF_ONE_ADDRESS: usize = 8;

pub struct Bodies {
    rooms: Vec<Arc<Room>>,
}

struct Room {
    most_kb: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    kb: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// What one form takes of a room; given back when it is answered or given up.
pub struct Held {
    room: Arc<Room>,
    /// Nobody in particular, for what comes through a proxy that does not say.
    by: Option<IpAddr>,
    kb: usize,
}

impl Default for Bodies {
    fn default() -> Bodies {
        Bodies { rooms: Class::ALL.iter().map(|class| Room::of(room_kb(*class))).collect() }
    }
}

impl Room {
    fn of(most_kb: usize) -> Arc<Room> {
        Arc::new(Room { most_kb, taken: Mutex::default() })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Whether there is room for so much more.
    fn takes(&mut self, kb: usize) -> bool {
        let mut taken = self.room.taken();
        let theirs = self.by.map_or(0, |by| taken.by_address.get(&by).copied().unwrap_or(0));
        // A form of the longest kind always fits where nobody else is.
        let most_of_one =
            (self.room.most_kb / PART_OF_ONE_ADDRESS).max(FORM_BYTES.div_ceil(1024)).min(self.room.most_kb);
        if taken.kb + kb > self.room.most_kb || (self.by.is_some() && theirs + kb > most_of_one) {
            return false;
        }
        taken.kb += kb;
        if let Some(by) = self.by {
            taken.by_address.insert(by, theirs + kb);
        }
        self.kb += kb;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.kb -= self.kb;
        let Some(by) = self.by else { return };
        let left = taken.by_address.get(&by).copied().unwrap_or(0).saturating_sub(self.kb);
        if left == 0 {
            taken.by_address.remove(&by);
        } else {
            taken.by_address.insert(by, left);
        }
    }
}

/// Whether this is where files come in: whatever may be longer than a form.
pub fn is_file(method: &Method, path: &str) -> bool {
    const FILES: [&str; 6] = [
        "/api/imports",
        "/api/regions/import",
        "/api/reports/file",
        "/api/rosters/file",
        "/api/registered-visits/file",
        "/api/restrictions/list",
    ];
    let run = path.strip_prefix("/api/lab/runs/").and_then(|rest| rest.strip_suffix("/file"));
    let of_a_run = run.is_some_and(|run| !run.is_empty() && !run.contains('/'));
    method == Method::POST && (of_a_run || FILES.contains(&path))
}

/// Where a telephone sends what it wrote without a network, over a thin line, and a laboratory a morning's messages: packed once,
/// and unpacked by their room, which stops at eight megabytes.
const PACKED: [&str; 2] = ["/api/lab/tubes", "/api/lab/messages"];

/// Nothing else unpacks a request: a kilobyte cannot become a gigabyte.
pub fn unpacked(path: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let told: Vec<&[u8]> =
        headers.get_all(header::CONTENT_ENCODING).iter().map(|word| word.as_bytes()).collect();
    let plain = told.iter().all(|word| word.eq_ignore_ascii_case(b"identity"));
    let once = PACKED.contains(&path) && told == [b"gzip"];
    if plain || once { Ok(()) } else { Err(Refusal::Encoded) }
}

impl Bodies {
    /// The whole form, and the memory it counts for until it is answered; `busy` says when to come again where there is none left.
    pub async fn form(
        &self,
        (class, path): (Class, &str),
        signed: bool,
        by: Option<IpAddr>,
        body: Body,
        busy: impl Fn() -> Refusal,
    ) -> Result<(Bytes, Option<Held>), Refusal> {
        let most = longest(class, path, signed);
        let too_large = Refusal::TooLarge { kilobytes: most / 1000 };
        if body.size_hint().lower() > most as u64 {
            return Err(too_large);
        }
        if body.is_end_stream() {
            return Ok((Bytes::new(), None));
        }
        let ends = Instant::now() + FORM_WITHIN;
        let mut stream = body.into_data_stream();
        let mut form: Vec<u8> = Vec::new();
        let mut held = Held { room: self.rooms[class.place()].clone(), by, kb: 0 };
        while let Some(block) = timeout_at(ends, stream.next()).await.map_err(|_| Refusal::TooSlow)? {
            let block = block.map_err(|_| Refusal::Broken)?;
            if form.len() + block.len() > most {
                return Err(too_large);
            }
            if !held.takes((form.len() + block.len()).div_ceil(1024) - form.len().div_ceil(1024)) {
                return Err(busy());
            }
            form.extend_from_slice(&block);
        }
        Ok((form.into(), Some(held)))
    }
}

struct Coming {
    stream: BodyDataStream,
    begun: Instant,
    bytes: usize,
}

/// A file as it comes in, cut off when it is too large or too slow; the room that reads it says so.
pub fn file(body: Body) -> Body {
    let coming = Coming { stream: body.into_data_stream(), begun: Instant::now(), bytes: 0 };
    Body::from_stream(futures_util::stream::unfold(Some(coming), |coming| async {
        let mut coming = coming?;
        let line = u64::try_from(coming.bytes / FILE_BYTES_A_MS).unwrap_or(u64::MAX);
        let ends = coming.begun + FILE_PATIENCE + Duration::from_millis(line);
        let block = match timeout_at(ends, coming.stream.next()).await {
            Err(_) => return Some((Err(axum::Error::new("too slow")), None)),
            Ok(block) => block?,
        };
        coming.bytes += block.as_ref().map_or(0, Bytes::len);
        if coming.bytes > FILE_BYTES {
            return Some((Err(axum::Error::new("too large")), None));
        }
        Some((block, Some(coming)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(size: usize, count: usize) -> Body {
        let piece = Bytes::from(vec![b'x'; size]);
        Body::from_stream(futures_util::stream::iter(
            std::iter::repeat_n(piece, count).map(Ok::<_, std::convert::Infallible>),
        ))
    }

    const ELSEWHERE: &str = "/api/changes/report-case";
    const BUSY: Refusal = Refusal::Busy { seconds: 2, before: 0 };

    async fn form(
        bodies: &Bodies,
        class: Class,
        by: Option<u8>,
        body: Body,
    ) -> Result<(Bytes, Option<Held>), Refusal> {
        let by = by.map(|last| IpAddr::from([10, 0, 0, last]));
        bodies.form((class, ELSEWHERE), class != Class::Results, by, body, || BUSY).await
    }

    #[tokio::test]
    async fn a_form_has_a_largest_size_whether_it_says_so_or_not() {
        let bodies = Bodies::default();
        let taken = || bodies.rooms[Class::Work.place()].taken().kb;
        let (read, held) = form(&bodies, Class::Work, Some(1), pieces(1_000, 500)).await.unwrap();
        assert_eq!((read.len(), taken()), (500_000, 489));
        drop(held);
        for body in [pieces(1_000, 1_001), Body::from(vec![b'x'; FORM_BYTES + 1])] {
            let refused = form(&bodies, Class::Work, Some(1), body).await.err();
            assert_eq!(refused, Some(Refusal::TooLarge { kilobytes: 1_000 }));
        }
        let secrets =
            bodies.form((Class::Results, SECRETS), true, None, pieces(1_000, 9), || BUSY).await.err();
        assert_eq!(secrets, Some(Refusal::TooLarge { kilobytes: 8 }), "a family's secrets are not longer");
        assert_eq!(taken(), 0, "memory is given back");
        assert!(bodies.rooms[Class::Work.place()].taken().by_address.is_empty());
        assert!(form(&bodies, Class::Work, Some(1), Body::empty()).await.unwrap().0.is_empty());
    }

    #[tokio::test]
    async fn an_appeal_of_the_length_its_page_allows_comes_in() {
        let bodies = Bodies::default();
        let appeal = format!(r#"{{"secret":"0123456789","text":"{}"}}"#, "冤".repeat(4_000));
        assert!(appeal.len() > 12_000);
        let path = "/api/public/me/appeal";
        let class = Class::of(&Method::POST, path, false);
        for signed in [false, true] {
            let came = bodies.form((class, path), signed, None, appeal.clone().into(), || BUSY).await;
            assert_eq!(came.map(|(form, _)| form.len()), Ok(appeal.len()));
        }
        let most = longest(class, path, true);
        assert!(most < longest(Class::Work, ELSEWHERE, true), "a cookie makes nobody's form longer");
        assert!(Room::of(room_kb(class)).most_kb > 8 * most / 1_024, "and several fit beside each other");
    }

    /// What the API says is a file is one here, or a form by choice.
    #[test]
    fn every_file_may_be_longer_than_a_form() {
        // Lists of a telephone and of a laboratory, packed or short; a plan is a table of posts.
        let forms = [
            "/api/tasks/done",
            "/api/followup/checks",
            "/api/lab/paper-list",
            "/api/lab/plan",
            PACKED[0],
            PACKED[1],
        ];
        let api = rooms::openapi();
        let files: Vec<&String> = api["paths"]
            .as_object()
            .expect("paths")
            .iter()
            .filter(|(_, told)| !told["post"]["requestBody"]["content"]["application/octet-stream"].is_null())
            .map(|(path, _)| path)
            .collect();
        assert!(files.len() >= 13, "{files:?}");
        for path in files {
            let asked = path.replace("{id}", "run_0123");
            assert!(is_file(&Method::POST, &asked) != forms.contains(&path.as_str()), "{path}");
            assert!(!is_file(&Method::GET, &asked), "{path}");
        }
        assert!(
            !is_file(&Method::POST, "/api/lab/runs//file")
                && !is_file(&Method::POST, "/api/lab/runs/a/b/file")
        );
    }

    #[tokio::test]
    async fn many_forms_together_do_not_fill_the_memory() {
        let bodies = Bodies { rooms: Class::ALL.iter().map(|_| Room::of(100)).collect() };
        let (_, first) = form(&bodies, Class::Display, None, pieces(1_024, 80)).await.unwrap();
        assert_eq!(form(&bodies, Class::Display, None, pieces(1_024, 80)).await.err(), Some(BUSY));
        let other = form(&bodies, Class::Sampling, None, pieces(1_024, 80)).await;
        assert!(other.is_ok(), "others have their own room");
        drop(first);
        assert!(form(&bodies, Class::Display, None, pieces(1_024, 80)).await.is_ok());
    }

    #[tokio::test]
    async fn one_address_leaves_room_for_the_others() {
        let bodies = Bodies::default();
        let mut held = Vec::new();
        while let Ok((_, one)) = form(&bodies, Class::Urgent, Some(1), pieces(1_000, 900)).await {
            held.push(one);
            assert!(held.len() < 8, "of the room for reports of cases one address has a part");
        }
        assert!(form(&bodies, Class::Urgent, Some(2), pieces(1_000, 900)).await.is_ok());
        drop(held);
        assert!(form(&bodies, Class::Urgent, Some(1), pieces(1_000, 900)).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_is_cut_off_past_its_bound() {
        let read = |body| axum::body::to_bytes(body, usize::MAX);
        assert_eq!(read(file(pieces(1_000_000, 3))).await.unwrap().len(), 3_000_000);
        assert!(read(file(pieces(10_000_000, 21))).await.is_err());
    }

    #[test]
    fn what_is_packed_is_not_unpacked() {
        let headers =
            |value: &'static str| HeaderMap::from_iter([(header::CONTENT_ENCODING, value.parse().unwrap())]);
        for path in [ELSEWHERE, PACKED[0], PACKED[1]] {
            assert!(
                unpacked(path, &HeaderMap::new()).is_ok() && unpacked(path, &headers("identity")).is_ok()
            );
            for packed in ["br", "zstd", "identity, gzip", "gzip, gzip"] {
                assert_eq!(unpacked(path, &headers(packed)), Err(Refusal::Encoded), "{path} {packed}");
            }
        }
        assert_eq!(unpacked(ELSEWHERE, &headers("gzip")), Err(Refusal::Encoded));
        for path in PACKED {
            assert_eq!(unpacked(path, &headers("gzip")), Ok(()));
        }
        let mut twice = headers("gzip");
        twice.append(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        assert_eq!(unpacked(PACKED[0], &twice), Err(Refusal::Encoded), "packed twice");
    }
}

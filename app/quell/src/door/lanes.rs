//! Places to be worked on, a bench before them, and word of when to come again. Each class of work has its own, so that a flood of one
//! leaves the others alone; while somebody of a higher class has to wait, a lower one takes only a few of its places. So does a class of
//! which most are sent away: the house is busy saying so, more at once would only wait for each other inside, and whoever is let in is to be
//! done about as soon as on a calm day.
//!
//! A bench is short on purpose: whoever sits on it waits no longer than the work before them takes. Everybody else is told a time that
//! follows from how many were told one before them and how fast they are worked on, so that they come back one after the other.

use crate::door::refusals::Refusal;
use rooms::load::{Class, Happened, Load};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Places, seats before them, how long a seat is kept, how many places are open while there is too much to do, and for how long somebody is
/// sent away at most.
#[derive(Debug, Clone, Copy)]
struct Shape {
    places: usize,
    seats: usize,
    patience: Duration,
    few: usize,
    longest_s: f64,
}

const fn shape(places: usize, seats: usize, patience_ms: u64, few: usize) -> Shape {
    Shape { places, seats, patience: Duration::from_millis(patience_ms), few, longest_s: A_PERSON_WAITS_S }
}

/// A person at a page comes back some time in the second half of it, however long the line: it may be gone before. Less than this, and
/// a crowd of a few minutes would come back so often that the house is as busy as it was with telling them so.
const A_PERSON_WAITS_S: f64 = 900.0;

/// A telephone sends by itself, and what it holds is kept there. Told to come sooner than its turn can be, it would only ask in vain: two
/// million tubes that wait come back as slowly as they can be taken.
const A_TELEPHONE_WAITS_S: f64 = 3_600.0;

const fn sent_by_telephones(shape: Shape) -> Shape {
    Shape { longest_s: A_TELEPHONE_WAITS_S, ..shape }
}

/// Four threads read and one writes. Writes are taken up together, so many of them have places; pictures are read one by one, and more of
/// them at once than there are threads would only wait inside. Benches hold at most what the places work off in about their own time. Of
/// samplers' places so many stay open under pressure that a commit of them still costs little more than its tubes.
fn shape_of(class: Class) -> Shape {
    match class {
        // A case is never sent away.
        Class::Urgent => shape(256, 1_024, 10_000, 256),
        Class::Sampling => sent_by_telephones(shape(64, 16, 2_000, 8)),
        Class::Laboratory => shape(32, 16, 10_000, 2),
        Class::Work => shape(24, 128, 2_000, 8),
        Class::Results => shape(8, 64, 1_000, 1),
        Class::Display => shape(4, 32, 1_000, 1),
        Class::Extras => shape(2, 6, 500, 1),
    }
}

/// Up to five hundred tubes in one request, after hours without a network: few at once, each some commits long, and nobody stands and waits.
const BUNDLES: Shape = sent_by_telephones(shape(4, 24, 20_000, 4));
const BUNDLE: &str = "/api/lab/tubes";
const ONE_TUBE: &str = "/api/changes/register-tube";

/// Tubes are sent by telephones; whoever asks where they may stand is a person at a page, of the same class.
fn most_s(path: &str) -> f64 {
    if [BUNDLE, ONE_TUBE].contains(&path) { A_TELEPHONE_WAITS_S } else { A_PERSON_WAITS_S }
}

/// Of the measured pace so much is promised. Once the crowd is gone those who come for the first time are about half of it, as on any
/// morning; with more promised, the house would stay as full as it was until the last of the crowd had come back.
const PROMISED: f64 = 0.2;

/// A class is under pressure after so many milliseconds in which so many times as many were sent away as came in. Less than that is no
/// reason to do less at once: few places take in fewer, and would keep the pressure up that they were meant for.
const LOOKED_AT_MS: u64 = 250;
const SENT_AWAY_PER_ONE: u64 = 3;
/// Where few come, chance alone sends some of them away.
const SENT_AWAY_BY_CHANCE: u64 = 8;

/// Until something was measured.
const FIRST_GUESS: Duration = Duration::from_millis(20);

struct Lane {
    shape: Shape,
    places: Arc<Semaphore>,
    /// How many of its places are open, free or taken.
    open: AtomicUsize,
    lately: Mutex<Lately>,
    pressed: AtomicBool,
    bench: AtomicUsize,
    /// How long one is worked on, as a moving mean of about sixteen.
    mean_us: AtomicU64,
    /// Until when places are promised, in seconds since the door opened.
    promised: Mutex<f64>,
    sent_away: AtomicU64,
    opened: Instant,
}

/// Who came since the class was last looked at.
#[derive(Debug, Default)]
struct Lately {
    since_ms: u64,
    came_in: u64,
    sent_away: u64,
}

/// A place; free again when whoever has it is done, gives up or is gone.
pub struct Place {
    lane: Arc<Lane>,
    since: Instant,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let took = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mean = self.lane.mean_us.load(Ordering::Relaxed);
        self.lane.mean_us.store(mean - mean / 16 + took / 16, Ordering::Relaxed);
        if self.lane.closes_a_place()
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
        }
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

impl Lane {
    fn of(shape: Shape) -> Arc<Lane> {
        Arc::new(Lane {
            shape,
            places: Arc::new(Semaphore::new(shape.places)),
            open: AtomicUsize::new(shape.places),
            lately: Mutex::default(),
            pressed: AtomicBool::new(false),
            bench: AtomicUsize::new(0),
            mean_us: AtomicU64::new(u64::try_from(FIRST_GUESS.as_micros()).unwrap_or(u64::MAX)),
            promised: Mutex::new(0.0),
            sent_away: AtomicU64::new(0),
            opened: Instant::now(),
        })
    }

    fn waiting(&self) -> usize {
        self.bench.load(Ordering::Relaxed)
    }

    fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    fn counts(&self, came_in: bool) {
        let now_ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let waited_ms = now_ms.saturating_sub(lately.since_ms);
        if waited_ms >= LOOKED_AT_MS {
            let many = SENT_AWAY_PER_ONE * lately.came_in + SENT_AWAY_BY_CHANCE;
            // Nobody has come for a while: what was then is over.
            let pressed = waited_ms < 2 * LOOKED_AT_MS && lately.sent_away > many;
            self.pressed.store(pressed, Ordering::Relaxed);
            *lately = Lately { since_ms: now_ms, ..Lately::default() };
        }
        if came_in {
            lately.came_in += 1;
        } else {
            lately.sent_away += 1;
        }
    }

    /// Under pressure a bench only bridges the moment until the next one comes: a quarter of the open places.
    fn seats(&self) -> usize {
        let Shape { seats, few, .. } = self.shape;
        if self.is_pressed() { seats.min(few.div_ceil(4)) } else { seats }
    }

    /// Whether the place that becomes free is given to nobody else for now.
    fn closes_a_place(&self) -> bool {
        let fewer = |open| (open > self.shape.few).then(|| open - 1);
        self.is_pressed() && self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok()
    }

    /// When the pressure is over, all its places are open again.
    fn opens(&self) {
        if self.open.load(Ordering::Relaxed) < self.shape.places && !self.is_pressed() {
            let open = self.open.swap(self.shape.places, Ordering::Relaxed);
            self.places.add_permits(self.shape.places - open);
        }
    }

    fn is_full(&self) -> bool {
        self.places.available_permits() == 0 && self.waiting() >= self.seats()
    }

    fn busy_places(&self) -> usize {
        self.open.load(Ordering::Relaxed).saturating_sub(self.places.available_permits())
    }

    /// So many a second when all of so many places are taken (Little's law).
    fn pace(&self, places: usize) -> f64 {
        let mean_s = self.mean_us.load(Ordering::Relaxed).max(50) as f64 / 1e6;
        places as f64 / mean_s
    }

    /// When to come again: after everybody who was told a time before, at the pace of the places that are open now.
    fn busy(&self, places: usize, most_s: f64) -> Refusal {
        self.counts(false);
        let pace = self.pace(places.min(self.open.load(Ordering::Relaxed)));
        let now = self.opened.elapsed().as_secs_f64();
        let wait = {
            let mut promised = self.promised.lock().unwrap_or_else(PoisonError::into_inner);
            let soonest = now + self.waiting() as f64 / pace;
            *promised = (promised.max(soonest) + 1.0 / (PROMISED * pace)).min(now + self.shape.longest_s);
            *promised - now
        };
        let before = (wait * PROMISED * pace) as u64;
        let number = self.sent_away.fetch_add(1, Ordering::Relaxed);
        // Evenly spread, whatever comes after what (Weyl's sequence of the golden ratio).
        let spread = (number as f64 * 0.618_033_988_749_895).fract();
        let wait = if wait >= most_s - 1.0 {
            most_s * (0.5 + spread / 2.0)
        } else {
            (wait * (1.0 + spread / 4.0)).min(most_s)
        };
        Refusal::Busy { seconds: wait.ceil().max(1.0) as u64, before }
    }

    async fn enter(self: &Arc<Self>, most_s: f64, waits: impl FnOnce(usize)) -> Result<Place, Refusal> {
        self.opens();
        let place = |permit| {
            self.counts(true);
            Place { lane: self.clone(), since: Instant::now(), permit: Some(permit) }
        };
        if let Ok(permit) = self.places.clone().try_acquire_owned() {
            return Ok(place(permit));
        }
        let Some(seat) = Seat::at(&self.bench, self.seats()) else {
            waits(self.seats());
            return Err(self.busy(self.shape.places, most_s));
        };
        waits(self.waiting());
        let permit = timeout(self.shape.patience, self.places.clone().acquire_owned()).await;
        drop(seat);
        permit.ok().and_then(Result::ok).map(place).ok_or_else(|| self.busy(self.shape.places, most_s))
    }
}

pub struct Lanes {
    lanes: Vec<Arc<Lane>>,
    bundles: Arc<Lane>,
}

impl Default for Lanes {
    fn default() -> Lanes {
        Lanes {
            lanes: Class::ALL.iter().map(|class| Lane::of(shape_of(*class))).collect(),
            bundles: Lane::of(BUNDLES),
        }
    }
}

impl Lanes {
    fn lane(&self, class: Class, path: &str) -> &Arc<Lane> {
        if path == BUNDLE { &self.bundles } else { &self.lanes[class.place()] }
    }

    /// Somebody of a higher class sits and waits; a morning without a network that is sent now is sampling too.
    fn must_share(&self, class: Class) -> bool {
        let higher = &self.lanes[..class.place()];
        higher.iter().any(|higher| higher.waiting() > 0)
            || (class > Class::Sampling && self.bundles.waiting() > 0)
    }

    fn gives_way(&self, class: Class) -> bool {
        let lane = &self.lanes[class.place()];
        lane.shape.few < lane.shape.places && lane.busy_places() >= lane.shape.few && self.must_share(class)
    }

    pub fn busy(&self, class: Class, path: &str) -> Refusal {
        let lane = self.lane(class, path);
        lane.busy(if self.must_share(class) { lane.shape.few } else { lane.shape.places }, most_s(path))
    }

    /// Said before anything that came with the request is read: what cannot be taken in should cost nobody anything.
    pub fn hopeless(&self, class: Class, path: &str) -> Result<(), Refusal> {
        let lane = self.lane(class, path);
        if lane.is_full() || self.gives_way(class) { Err(self.busy(class, path)) } else { Ok(()) }
    }

    pub async fn enter(&self, class: Class, path: &str, load: &Load) -> Result<Place, Refusal> {
        let lane = self.lane(class, path);
        lane.enter(most_s(path), |waiting| load.note(class, Happened::Waits { waiting, seats: lane.seats() }))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn enters(lanes: &Lanes, class: Class) -> Result<Place, Refusal> {
        lanes.hopeless(class, "/api/x")?;
        lanes.enter(class, "/api/x", &Load::default()).await
    }

    fn fill(lane: &Lane) -> Vec<OwnedSemaphorePermit> {
        std::iter::from_fn(|| lane.places.clone().try_acquire_owned().ok()).collect()
    }

    #[tokio::test]
    async fn a_flood_of_a_lower_class_keeps_no_higher_one_waiting() {
        let lanes = Lanes::default();
        let full = |class: &Class| {
            let lane = &lanes.lanes[class.place()];
            let seats: Vec<_> = std::iter::from_fn(|| Seat::at(&lane.bench, lane.shape.seats)).collect();
            assert_eq!(seats.len(), lane.shape.seats);
            (fill(lane), seats)
        };
        let mut held = Vec::new();
        for class in Class::ALL.iter().rev() {
            for higher in &Class::ALL[..=class.place()] {
                assert!(
                    enters(&lanes, *higher).await.is_ok(),
                    "{higher} while what is below {class} is full"
                );
            }
            held.push(full(class));
            assert!(matches!(enters(&lanes, *class).await, Err(Refusal::Busy { .. })), "{class} is full");
        }
        let whole = lanes.enter(Class::Sampling, BUNDLE, &Load::default()).await;
        assert!(whole.is_ok(), "a morning without a network has places of its own");
        drop((held, whole));
        for class in Class::ALL {
            assert!(enters(&lanes, *class).await.is_ok(), "afterwards everything is as before");
            assert_eq!(lanes.lanes[class.place()].waiting(), 0);
        }
    }

    #[tokio::test]
    async fn while_somebody_higher_waits_a_lower_class_takes_only_a_few_places() {
        let lanes = Lanes::default();
        let first = enters(&lanes, Class::Display).await;
        let seat = Seat::at(&lanes.lanes[Class::Sampling.place()].bench, 1);
        assert!(enters(&lanes, Class::Display).await.is_err());
        assert!(enters(&lanes, Class::Urgent).await.is_ok(), "what is higher does not give way");
        drop(seat);
        let bundle = Seat::at(&lanes.bundles.bench, 1);
        assert!(enters(&lanes, Class::Display).await.is_err(), "a morning's tubes are sampling");
        drop(bundle);
        assert!(enters(&lanes, Class::Display).await.is_ok());
        drop(first);
    }

    #[tokio::test]
    async fn whoever_gives_way_is_told_the_time_of_the_few_places_left() {
        let seconds = |lanes: &Lanes| match lanes.busy(Class::Results, "/api/public/results") {
            Refusal::Busy { seconds, .. } => seconds,
            other => panic!("{other:?}"),
        };
        let last_of = |lanes: &Lanes| (0..2_000).map(|_| seconds(lanes)).max().unwrap();
        let (calm, pressed) = (Lanes::default(), Lanes::default());
        let seat = Seat::at(&pressed.lanes[Class::Sampling.place()].bench, 1);
        let (all, few) = (last_of(&calm), last_of(&pressed));
        assert!((6 * all..=10 * all).contains(&few), "one place instead of eight: {few} s after {all} s");
        drop(seat);
    }

    #[test]
    fn whoever_is_sent_away_comes_after_those_before_and_a_crowd_does_not_come_back_as_one() {
        let lane = Lane::of(shape(2, 1, 1_000, 2));
        lane.mean_us.store(100_000, Ordering::Relaxed);
        let told: Vec<(u64, u64)> = (0..160)
            .map(|_| match lane.busy(2, A_PERSON_WAITS_S) {
                Refusal::Busy { seconds, before } => (seconds, before),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told[0].0, 1);
        let last = told[159];
        assert!((40..=52).contains(&last.0), "160 at 20 a second, of which a fifth is promised: {last:?}");
        assert!((155..=165).contains(&last.1), "{last:?}");
        for second in 2..=16 {
            let coming = told.iter().filter(|(seconds, _)| *seconds == second).count();
            assert!((1..=10).contains(&coming), "{coming} come back in second {second}");
        }
        let far: Vec<u64> = (0..100_000)
            .filter_map(|_| match lane.busy(2, A_PERSON_WAITS_S) {
                Refusal::Busy { seconds, .. } => Some(seconds),
                _ => None,
            })
            .collect();
        assert!(far.iter().all(|seconds| *seconds as f64 <= A_PERSON_WAITS_S));
        let late = far[90_000..].iter().filter(|seconds| (450..675).contains(*seconds)).count();
        assert!((4_000..6_000).contains(&late), "at the end they are spread over minutes: {late}");
    }

    #[test]
    fn only_a_tube_is_sent_away_for_longer_than_a_person_waits() {
        let lanes = Lanes::default();
        let seconds = |path: &str| match lanes.busy(Class::Sampling, path) {
            Refusal::Busy { seconds, .. } => seconds as f64,
            other => panic!("{other:?}"),
        };
        let tubes = (0..2_000_000).map(|_| seconds(ONE_TUBE)).fold(0.0, f64::max);
        assert!(tubes > 2.0 * A_PERSON_WAITS_S && tubes <= A_TELEPHONE_WAITS_S, "{tubes}");
        let posts = seconds("/api/lab/posts");
        assert!((0.5 * A_PERSON_WAITS_S..=A_PERSON_WAITS_S).contains(&posts), "{posts}");
        assert!(seconds(ONE_TUBE) > A_PERSON_WAITS_S, "the line is as long as it was");
    }

    #[tokio::test]
    async fn while_people_are_sent_away_fewer_are_worked_on_at_once_and_afterwards_all_places_are_open() {
        let lane = Lane::of(shape(8, 4, 1_000, 2));
        let mut inside = Vec::new();
        while let Ok(place) = lane.places.clone().try_acquire_owned() {
            inside.push(Place { lane: lane.clone(), since: Instant::now(), permit: Some(place) });
        }
        assert_eq!((inside.len(), lane.seats()), (8, 4));
        lane.pressed.store(true, Ordering::Relaxed);
        inside.clear();
        let (free, busy, seats) = (lane.places.available_permits(), lane.busy_places(), lane.seats());
        assert_eq!((free, busy, seats), (2, 0, 1), "a quarter of each");
        let enters = || lane.enter(A_PERSON_WAITS_S, |_| ());
        let (one, two) = (enters().await, enters().await);
        assert!(one.is_ok() && two.is_ok() && lane.places.available_permits() == 0);
        drop((one, two));
        assert_eq!(lane.places.available_permits(), 2, "never fewer");
        lane.pressed.store(false, Ordering::Relaxed);
        let one = enters().await;
        assert_eq!((lane.places.available_permits(), lane.busy_places(), lane.seats()), (7, 1, 4));
        drop(one);
        assert_eq!(lane.places.available_permits(), 8);
    }

    #[test]
    fn a_class_is_under_pressure_when_most_are_sent_away_and_no_longer() {
        let pressed_after = |came_in: u64, sent_away: u64, waited_ms: u64| {
            let lane = Lane::of(shape(8, 4, 1_000, 2));
            let opened = Instant::now().checked_sub(Duration::from_millis(waited_ms)).unwrap();
            let lane = Lane { opened, ..Arc::into_inner(lane).unwrap() };
            *lane.lately.lock().unwrap() = Lately { since_ms: 0, came_in, sent_away };
            lane.counts(true);
            lane.is_pressed()
        };
        assert!(pressed_after(100, 900, LOOKED_AT_MS));
        assert!(!pressed_after(100, 200, LOOKED_AT_MS), "a third comes in: no reason to do less at once");
        assert!(!pressed_after(0, 5, LOOKED_AT_MS), "chance");
        assert!(!pressed_after(100, 900, LOOKED_AT_MS / 2), "not yet");
        assert!(!pressed_after(100, 900, 3 * LOOKED_AT_MS), "nobody has come since");
    }

    #[tokio::test]
    async fn the_pace_is_measured() {
        let lane = Lane::of(shape(4, 1, 1_000, 4));
        assert!((lane.pace(4) - 200.0).abs() < 1.0);
        for _ in 0..200 {
            drop(lane.enter(A_PERSON_WAITS_S, |_| ()).await);
        }
        assert!(lane.pace(4) > 1_000.0, "{}", lane.pace(4));
    }
}

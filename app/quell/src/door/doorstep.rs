//! Between the wire and HTTP: whoever cannot be taken in is told so by the first line of what they ask. In a crowd that is nine of ten, and
//! each word spared to them is work done for somebody inside.
//!
//! Only what is certain is answered here: a request that came whole, of known length, when nobody of that conversation is inside. Everything
//! else goes on as it came. The length of each request is followed, so that what comes after it is known to be the next.

use httparse::{Header, Request, Status};
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// What can be seen of a request from the doorstep.
pub struct Asked<'a> {
    pub method: &'a str,
    /// As it was sent, with what follows the path.
    pub target: &'a str,
    /// It came with a session or a token; whether that holds is asked in the rooms.
    pub signed: bool,
}

/// The whole answer for whoever has to come again; `None` for whoever may come in.
pub type Porter = dyn Fn(&Asked<'_>) -> Option<Vec<u8>> + Send + Sync;

/// Slow senders of headers are let go: 1,000 of them would otherwise hold 1,000 conversations for ever. Who is idle may wait as long before
/// they ask again.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// Read at once. A tube of ten people and its headers have two kilobytes.
const BLOCK_BYTES: usize = 4 * 1024;

pub struct Doorstep<S> {
    wire: S,
    porter: Arc<Porter>,
    /// Bytes of a request's headers.
    most_bytes: usize,
    place: Place,
    /// Set when an answer from inside was handed over whole.
    answered: Answered,
    /// Came, and nobody inside has it yet.
    came: Vec<u8>,
    /// Told to come again, and how much of that has left.
    word: Vec<u8>,
    told: usize,
    /// The last time when a new request could begin.
    since: Instant,
    ends: Pin<Box<Sleep>>,
}

/// Lines of a request's headers: a browser's request has some twenty.
pub const MOST_LINES: usize = 64;

/// Where a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// What comes next is a new request.
    Outside,
    /// A request is worked on, of which so much is still to come.
    Inside {
        left: usize,
    },
    /// What cannot be followed is the last that is heard of this conversation.
    Last,
    Over,
}

/// Shared with the answer that is on its way.
#[derive(Clone, Default)]
pub struct Answered(Arc<AtomicBool>);

impl Answered {
    pub fn tell(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_told(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn forget(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What is to be done with what came.
enum Judged {
    NotWhole,
    /// `None`: it cannot be known where it ends.
    In {
        length: Option<usize>,
    },
    Away {
        length: usize,
        word: Vec<u8>,
    },
}

impl<S> Doorstep<S> {
    pub fn before(wire: S, porter: Arc<Porter>, most_bytes: usize, answered: Answered) -> Doorstep<S> {
        let since = Instant::now();
        Doorstep {
            wire,
            porter,
            most_bytes,
            place: Place::Outside,
            answered,
            came: Vec::new(),
            word: Vec::new(),
            told: 0,
            since,
            ends: Box::pin(sleep_until(since + HEAD_WITHIN)),
        }
    }

    fn judged(&self) -> Judged {
        const NOT_FOLLOWED: Judged = Judged::In { length: None };
        let mut lines = [const { MaybeUninit::<Header<'_>>::uninit() }; MOST_LINES];
        let mut request = Request::new(&mut []);
        let head = match request.parse_with_uninit_headers(&self.came, &mut lines) {
            Ok(Status::Complete(head)) => head,
            Ok(Status::Partial) if self.came.len() < self.most_bytes => return Judged::NotWhole,
            // HTTP itself says what is wrong with it.
            Ok(Status::Partial) | Err(_) => return NOT_FOLLOWED,
        };
        let (Some(method), Some(target), Some(1), Some(followed)) =
            (request.method, request.path, request.version, Followed::of(request.headers))
        else {
            return NOT_FOLLOWED;
        };
        let length = head.saturating_add(followed.body);
        if length <= self.came.len() {
            let asked = Asked { method, target, signed: followed.signed };
            if let Some(word) = (self.porter)(&asked) {
                return Judged::Away { length, word };
            }
        }
        Judged::In { length: Some(length) }
    }

    /// As much of what came as belongs to the request inside and fits.
    fn hands_in(&mut self, most: usize, into: &mut ReadBuf<'_>) -> usize {
        let count = self.came.len().min(most).min(into.remaining());
        into.put_slice(&self.came[..count]);
        self.came.drain(..count);
        count
    }

    fn is_outside_again(&mut self) {
        self.place = Place::Outside;
        self.since = Instant::now();
    }

    /// An idle sender's time; the clock is only set when it has run out.
    fn waits(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        while self.ends.as_mut().poll(context).is_ready() {
            let end = self.since + HEAD_WITHIN;
            if Instant::now() >= end {
                return Poll::Ready(Error::new(ErrorKind::TimedOut, "nothing whole was asked in time"));
            }
            self.ends.as_mut().reset(end);
        }
        Poll::Pending
    }
}

/// What follows from the headers; `None` of them, where it is better left to others to say.
struct Followed {
    body: usize,
    signed: bool,
}

impl Followed {
    fn of(lines: &[Header<'_>]) -> Option<Followed> {
        let mut length = None;
        let mut signed = false;
        for line in lines {
            let is = |name: &str| line.name.eq_ignore_ascii_case(name);
            if is("content-length") {
                let digits = std::str::from_utf8(line.value).ok()?;
                let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                if length.is_some() || !plain {
                    return None;
                }
                length = Some(digits.parse().ok()?);
            } else if ["transfer-encoding", "expect", "connection", "upgrade"].into_iter().any(is)
                && !line.value.eq_ignore_ascii_case(b"keep-alive")
            {
                return None;
            }
            signed |= is("cookie") || is("authorization");
        }
        Some(Followed { body: length.unwrap_or(0), signed })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Doorstep<S> {
    fn tells(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while self.told < self.word.len() {
            let left = &self.word[self.told..];
            let taken = ready!(Pin::new(&mut self.wire).poll_write(context, left))?;
            if taken == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.told += taken;
        }
        ready!(Pin::new(&mut self.wire).poll_flush(context))?;
        self.word = Vec::new();
        self.told = 0;
        Poll::Ready(Ok(()))
    }

    /// `false`: nobody sends anything any more.
    fn listens(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        let mut block = [MaybeUninit::uninit(); BLOCK_BYTES];
        let mut block = ReadBuf::uninit(&mut block);
        ready!(Pin::new(&mut self.wire).poll_read(context, &mut block))?;
        self.came.extend_from_slice(block.filled());
        Poll::Ready(Ok(!block.filled().is_empty()))
    }

    /// Until somebody may come in.
    fn stands_outside(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            if !self.word.is_empty() {
                ready!(self.tells(context))?;
                self.is_outside_again();
            }
            let judged = if self.came.is_empty() { Judged::NotWhole } else { self.judged() };
            match judged {
                Judged::Away { length, word } => {
                    self.came.drain(..length);
                    self.word = word;
                    continue;
                }
                Judged::In { length } => {
                    self.answered.forget();
                    self.place = length.map_or(Place::Last, |left| Place::Inside { left });
                    return Poll::Ready(Ok(()));
                }
                Judged::NotWhole => {}
            }
            match self.listens(context) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) => {
                    self.place = Place::Last;
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                Poll::Pending => return self.waits(context).map(Err),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Doorstep<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = self.get_mut();
        if this.place == Place::Outside {
            ready!(this.stands_outside(context))?;
        }
        match this.place {
            Place::Outside | Place::Over => Poll::Ready(Ok(())),
            Place::Last if this.came.is_empty() => Pin::new(&mut this.wire).poll_read(context, into),
            Place::Last => {
                this.hands_in(usize::MAX, into);
                Poll::Ready(Ok(()))
            }
            Place::Inside { left } => {
                if this.came.is_empty() {
                    // Asked for when nothing more of it is to come, it is asked whether somebody is still there.
                    if !ready!(this.listens(context))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                let count = this.hands_in(left, into);
                this.place = Place::Inside { left: left - count };
                // The next request waits until this one is answered, and is woken then.
                if left == 0 { Poll::Pending } else { Poll::Ready(Ok(())) }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Doorstep<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.wire).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    /// HTTP asks for it when it has nothing more to write: after an answer's last byte, the conversation is outside again.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(Pin::new(&mut self.wire).poll_flush(context))?;
        if self.answered.is_told() {
            match self.place {
                Place::Inside { left: 0 } => {
                    self.is_outside_again();
                }
                Place::Last => {
                    self.place = Place::Over;
                }
                _ => return Poll::Ready(Ok(())),
            }
            // HTTP reads on by itself only when it did not have to wait for the wire; and a read is what starts the clock.
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    const MOST_BYTES: usize = 1_024;
    const AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
    const TUBE: &[u8] =
        b"POST /api/changes/register-tube HTTP/1.1\r\nhost: q\r\ncontent-length: 4\r\n\r\ntube";
    const CASE: &[u8] = b"POST /api/changes/report-case HTTP/1.1\r\nhost: q\r\ncontent-length: 4\r\n\r\ncase";

    /// Samplers have to come again; nobody else has.
    fn doorstep() -> (Doorstep<DuplexStream>, DuplexStream, Answered) {
        let (wire, there) = duplex(64 * 1_024);
        let porter = |asked: &Asked<'_>| asked.target.ends_with("tube").then(|| AWAY.to_vec());
        let answered = Answered::default();
        (Doorstep::before(wire, Arc::new(porter), MOST_BYTES, answered.clone()), there, answered)
    }

    /// What has come in, as far as it has.
    async fn inside(doorstep: &mut Doorstep<DuplexStream>) -> Vec<u8> {
        let mut bytes = vec![0; 4_096];
        tokio::select! {
            biased;
            count = doorstep.read(&mut bytes) => bytes.truncate(count.unwrap()),
            () = tokio::task::yield_now() => bytes.clear(),
        }
        bytes
    }

    async fn told(there: &mut DuplexStream) -> Vec<u8> {
        let mut bytes = vec![0; AWAY.len()];
        there.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    #[tokio::test]
    async fn whoever_cannot_be_taken_in_is_told_before_http_hears_of_it() {
        let (mut doorstep, mut there, _) = doorstep();
        for _ in 0..3 {
            there.write_all(TUBE).await.unwrap();
            assert!(inside(&mut doorstep).await.is_empty());
            assert_eq!(told(&mut there).await, AWAY);
        }
        there.write_all(CASE).await.unwrap();
        assert_eq!(inside(&mut doorstep).await, CASE);
    }

    #[tokio::test]
    async fn what_is_sent_ahead_is_judged_when_its_turn_comes_and_no_word_falls_into_an_answer() {
        let (mut doorstep, mut there, answered) = doorstep();
        there.write_all(&[TUBE, CASE, TUBE, CASE].concat()).await.unwrap();
        assert_eq!(inside(&mut doorstep).await, CASE);
        assert_eq!(told(&mut there).await, AWAY, "the first tube, before the case came in");
        assert!(inside(&mut doorstep).await.is_empty(), "the case is worked on");
        doorstep.write_all(b"half ").await.unwrap();
        doorstep.flush().await.unwrap();
        assert!(inside(&mut doorstep).await.is_empty(), "and its answer is on the way");
        doorstep.write_all(b"whole").await.unwrap();
        answered.tell();
        assert!(inside(&mut doorstep).await.is_empty(), "handed over, and not yet taken by the wire");
        doorstep.flush().await.unwrap();
        assert_eq!(inside(&mut doorstep).await, CASE);
        let mut all = vec![0; 10 + AWAY.len()];
        there.read_exact(&mut all).await.unwrap();
        assert_eq!(all, [b"half whole", AWAY].concat());
    }

    #[tokio::test]
    async fn a_request_that_comes_in_pieces_comes_in_whole() {
        let (mut doorstep, mut there, answered) = doorstep();
        for byte in &CASE[..CASE.len() - 4] {
            assert!(inside(&mut doorstep).await.is_empty());
            there.write_all(&[*byte]).await.unwrap();
        }
        let head = inside(&mut doorstep).await;
        there.write_all(b"case").await.unwrap();
        assert_eq!([head, inside(&mut doorstep).await].concat(), CASE);
        answered.tell();
        doorstep.flush().await.unwrap();

        // A tube whose people are still on the way is let in: what has not come cannot be passed over.
        there.write_all(&TUBE[..TUBE.len() - 2]).await.unwrap();
        assert_eq!(inside(&mut doorstep).await, &TUBE[..TUBE.len() - 2]);
        there.write_all(b"beGET / HTTP/1.1\r\n").await.unwrap();
        assert_eq!(inside(&mut doorstep).await, b"be");
        assert!(inside(&mut doorstep).await.is_empty(), "the next one waits for the answer");
    }

    #[tokio::test]
    async fn what_cannot_be_followed_is_left_to_http_and_is_the_last() {
        let tube = |line: &str| format!("POST /tube HTTP/1.1\r\n{line}\r\n\r\n").into_bytes();
        for odd in [
            tube("transfer-encoding: chunked"),
            tube("content-length: 4\r\ncontent-length: 5"),
            tube("content-length: +4"),
            tube("content-length: 99999999999999999999999"),
            tube("expect: 100-continue"),
            tube("connection: close"),
            b"POST /tube HTTP/1.0\r\n\r\n".to_vec(),
            b"no request at all\r\n\r\n".to_vec(),
            vec![b'x'; 2_000],
        ] {
            let (mut doorstep, mut there, answered) = doorstep();
            there.write_all(&odd).await.unwrap();
            assert_eq!(inside(&mut doorstep).await, odd);
            there.write_all(TUBE).await.unwrap();
            assert_eq!(inside(&mut doorstep).await, TUBE, "whatever follows may belong to it");
            answered.tell();
            doorstep.flush().await.unwrap();
            there.write_all(TUBE).await.unwrap();
            assert_eq!(doorstep.read(&mut [0; 8]).await.unwrap(), 0, "{}", String::from_utf8_lossy(&odd));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_a_head_too_slowly_or_nothing_is_let_go_and_who_is_told_to_come_again_has_time() {
        let (mut doorstep, mut there, _) = doorstep();
        let reading = tokio::spawn(async move { doorstep.read(&mut [0; 8]).await.unwrap_err().kind() });
        for _ in 0..4 {
            tokio::time::sleep(HEAD_WITHIN * 3 / 4).await;
            there.write_all(TUBE).await.unwrap();
            assert_eq!(told(&mut there).await, AWAY);
        }
        let since = Instant::now();
        for byte in &CASE[..7] {
            tokio::time::sleep(HEAD_WITHIN / 8).await;
            there.write_all(&[*byte]).await.unwrap();
        }
        assert_eq!(reading.await.unwrap(), ErrorKind::TimedOut);
        assert!(since.elapsed() < HEAD_WITHIN + Duration::from_millis(100), "{:?}", since.elapsed());
    }

    struct Woken(std::sync::atomic::AtomicUsize);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn after_an_answer_the_next_request_is_waited_for_by_the_clock() {
        let (mut doorstep, mut there, answered) = doorstep();
        there.write_all(CASE).await.unwrap();
        assert_eq!(inside(&mut doorstep).await, CASE);
        let woken = Arc::new(Woken(Default::default()));
        let waker = std::task::Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        let mut flush = || assert!(Pin::new(&mut doorstep).poll_flush(&mut context).is_ready());
        flush();
        assert_eq!(woken.0.load(Ordering::Relaxed), 0, "nothing is answered yet");
        answered.tell();
        flush();
        flush();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1, "HTTP is to read again, once");
    }

    #[tokio::test]
    async fn whoever_leaves_is_seen_to_leave_wherever_they_are() {
        let (mut outside, there, _) = doorstep();
        drop(there);
        assert_eq!(outside.read(&mut [0; 8]).await.unwrap(), 0);
        let (mut doorstep, mut there, _) = doorstep();
        there.write_all(CASE).await.unwrap();
        assert_eq!(inside(&mut doorstep).await, CASE);
        drop(there);
        assert_eq!(doorstep.read(&mut [0; 8]).await.unwrap(), 0, "its work can be given up");
    }
}

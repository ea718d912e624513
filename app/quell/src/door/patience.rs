//! Who takes an answer too slowly is let go. A visitor may read as slowly as a bad telephone line does; one who reads a
//! byte now and then holds a connection, and the database snapshot behind a long export, for ever.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// How long an answer may be stuck before it is looked at how much of it was taken.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(10);

/// Of an answer that is stuck, this much must be taken in that time: 1 kB a second.
const TAKEN_AT_LEAST: usize = 10_000;

/// Time is only counted between a write that had to wait and the moment when everything written was taken.
pub struct Patient<S> {
    wire: S,
    every: Duration,
    stuck: Option<Stuck>,
}

struct Stuck {
    ends: Pin<Box<Sleep>>,
    taken: usize,
}

/// A wire that can be cut: what was sent and not taken is thrown away, instead of waiting in the system for minutes.
pub trait Cut {
    fn cut(&self);
}

impl Cut for TcpStream {
    fn cut(&self) {
        // Where it cannot be asked for, the system gives up by itself, later.
        let _ = self.set_zero_linger();
    }
}

impl<S: Cut> Patient<S> {
    pub fn with(wire: S) -> Patient<S> {
        Patient { wire, every: LOOKED_AT_EVERY, stuck: None }
    }

    fn waits(&mut self, context: &mut Context<'_>) -> Result<()> {
        let every = self.every;
        let stuck =
            self.stuck.get_or_insert_with(|| Stuck { ends: Box::pin(tokio::time::sleep(every)), taken: 0 });
        while stuck.ends.as_mut().poll(context).is_ready() {
            if stuck.taken < TAKEN_AT_LEAST {
                self.wire.cut();
                return Err(Error::new(ErrorKind::TimedOut, "the visitor does not take the answer"));
            }
            stuck.taken = 0;
            stuck.ends.as_mut().reset(Instant::now() + every);
        }
        Ok(())
    }

    fn wrote(&mut self, context: &mut Context<'_>, outcome: Poll<Result<usize>>) -> Poll<Result<usize>> {
        match outcome {
            Poll::Pending => match self.waits(context) {
                Ok(()) => Poll::Pending,
                Err(fault) => Poll::Ready(Err(fault)),
            },
            Poll::Ready(Ok(bytes)) => {
                if let Some(stuck) = &mut self.stuck {
                    stuck.taken += bytes;
                }
                Poll::Ready(Ok(bytes))
            }
            failed => failed,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.wire).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Cut + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.wire).poll_write(context, bytes);
        self.wrote(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.wire).poll_write_vectored(context, parts);
        self.wrote(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let outcome = Pin::new(&mut self.wire).poll_flush(context);
        if let Poll::Ready(Ok(())) = outcome {
            self.stuck = None;
        }
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    impl Cut for DuplexStream {
        fn cut(&self) {}
    }

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn who_takes_nothing_or_a_byte_at_a_time_is_let_go() {
        let (wire, mut there) = duplex(64);
        let mut here = Patient { wire, every: SOON, stuck: None };
        let fault = here.write_all(&[7; 200]).await.unwrap_err();
        assert_eq!(fault.kind(), ErrorKind::TimedOut);

        // One byte for every time it is waited: always something, never enough.
        let (wire, mut slowly) = duplex(64);
        let mut here = Patient { wire, every: SOON, stuck: None };
        let reading = tokio::spawn(async move {
            while slowly.read_u8().await.is_ok() {
                tokio::time::sleep(SOON / 10).await;
            }
        });
        let fault = here.write_all(&[7; 100_000]).await.unwrap_err();
        assert_eq!(fault.kind(), ErrorKind::TimedOut);
        reading.abort();
        assert!(there.read_u8().await.is_ok(), "what was sent before can still be read");
    }

    #[tokio::test]
    async fn time_counts_only_while_an_answer_waits() {
        let (wire, mut there) = duplex(64);
        let mut here = Patient { wire, every: SOON, stuck: None };
        let reading = tokio::spawn(async move {
            let mut bytes = vec![0; 100_000];
            there.read_exact(&mut bytes).await.map(|_| there)
        });
        here.write_all(&[7; 100_000]).await.unwrap();
        here.flush().await.unwrap();
        assert!(reading.await.unwrap().is_ok());
        assert!(here.stuck.is_none(), "an answer that was taken starts no clock");
    }
}

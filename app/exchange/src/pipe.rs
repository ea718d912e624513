//! Rows from a reader that borrows what it reads: it runs in a thread of its own and hands batches over a
//! short pipe.
//!
//! Streaming readers of zipped formats hold on to their archive, so they cannot be stored beside it in one
//! iterator.

use crate::{FileError, header::Numbered};
use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Rows handed over at once: enough to make the hand-over free, few enough to stay small.
const BATCH: usize = 256;
/// Batches that may wait; the reader stops when nobody takes them.
const WAITING: usize = 4;

enum Parcel {
    Rows(Vec<Numbered>),
    Failed(FileError),
    End,
}

/// Where a reader puts its rows. It stops when the rows are no longer wanted.
pub struct Sink {
    batch: Vec<Numbered>,
    to: SyncSender<Parcel>,
}

/// Nobody wants more rows.
pub struct Enough;

impl Sink {
    pub fn put(&mut self, row: Numbered) -> Result<(), Enough> {
        self.batch.push(row);
        if self.batch.len() < BATCH { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), Enough> {
        let batch = std::mem::take(&mut self.batch);
        self.to.send(Parcel::Rows(batch)).map_err(|_| Enough)
    }
}

/// The rows that `read` puts into its sink. `read` returns when the file ends, fails, or nobody listens any
/// more.
pub fn rows(
    read: impl FnOnce(&mut Sink) -> Result<(), FileError> + Send + 'static,
) -> impl Iterator<Item = Result<Numbered, FileError>> + Send {
    let (to, from) = sync_channel(WAITING);
    let work = move || {
        let mut sink = Sink { batch: Vec::with_capacity(BATCH), to };
        let result = read(&mut sink);
        // Rows read before a fault are good rows. A listener that went away wants neither them nor the fault.
        let last = match result {
            Ok(()) => Parcel::End,
            Err(fault) => Parcel::Failed(fault),
        };
        if sink.flush().is_ok() {
            let _ = sink.to.send(last);
        }
    };
    let started = thread::Builder::new().name("read rows".to_owned()).spawn(work);
    Taken { from, batch: Vec::new().into_iter(), ended: started.is_err(), lost: started.is_err() }
}

struct Taken {
    from: Receiver<Parcel>,
    batch: std::vec::IntoIter<Numbered>,
    ended: bool,
    /// The reader could not be started.
    lost: bool,
}

impl Iterator for Taken {
    type Item = Result<Numbered, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if std::mem::take(&mut self.lost) {
                return Some(Err(FileError::Damaged { reason: "no thread to read it".to_owned() }));
            }
            if let Some(row) = self.batch.next() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.from.recv() {
                Ok(Parcel::Rows(batch)) => self.batch = batch.into_iter(),
                Ok(Parcel::Failed(fault)) => {
                    self.ended = true;
                    return Some(Err(fault));
                }
                Ok(Parcel::End) => self.ended = true,
                // The reader broke down without a word: the file did what no file should.
                Err(_) => {
                    self.ended = true;
                    return Some(Err(FileError::Damaged { reason: "its reader broke down".to_owned() }));
                }
            }
        }
    }
}

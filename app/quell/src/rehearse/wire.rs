//! A connection that asks one thing after another: as much of HTTP/1.1 as this program's own answers need, and nothing that costs the
//! machine on which both run more than it must.

use httparse::{EMPTY_HEADER, Response, Status};
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Answer {
    pub status: u16,
    pub retry_after_s: Option<u64>,
    pub body: Vec<u8>,
}

pub struct Wire {
    address: String,
    stream: Option<TcpStream>,
    /// Of the answer that is coming.
    came: Vec<u8>,
}

/// An answer's first lines.
struct Head {
    status: u16,
    retry_after_s: Option<u64>,
    /// Where the body begins.
    ends: usize,
    /// `None`: in blocks.
    length: Option<usize>,
    stays: bool,
}

impl Wire {
    pub fn to(address: &str) -> Wire {
        Wire { address: address.to_owned(), stream: None, came: Vec::new() }
    }

    /// A connection that was closed while it was idle is opened again, once.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        let was_open = self.stream.is_some();
        match self.once(request).await {
            Err(_) if was_open => {
                self.stream = None;
                self.once(request).await
            }
            told => told,
        }
    }

    async fn once(&mut self, request: &[u8]) -> Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request).await?;
        self.came.clear();
        let head = loop {
            more(&mut stream, &mut self.came).await?;
            if let Some(head) = head_of(&self.came)? {
                break head;
            }
        };
        let body = match head.length {
            Some(length) => {
                while self.came.len() < head.ends + length {
                    more(&mut stream, &mut self.came).await?;
                }
                self.came[head.ends..head.ends + length].to_vec()
            }
            None => in_blocks(&mut stream, &mut self.came, head.ends).await?,
        };
        if head.stays {
            self.stream = Some(stream);
        }
        Ok(Answer { status: head.status, retry_after_s: head.retry_after_s, body })
    }
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

async fn more(stream: &mut TcpStream, came: &mut Vec<u8>) -> Result<()> {
    came.reserve(4_096);
    match stream.read_buf(came).await? {
        0 => Err(broken("the answer broke off")),
        _ => Ok(()),
    }
}

/// `None` until all of it came.
fn head_of(came: &[u8]) -> Result<Option<Head>> {
    let mut lines = [EMPTY_HEADER; 48];
    let mut answer = Response::new(&mut lines);
    let Status::Complete(ends) = answer.parse(came).map_err(|_| broken("headers"))? else { return Ok(None) };
    let status = answer.code.ok_or_else(|| broken("no status"))?;
    let mut head = Head { status, retry_after_s: None, ends, length: Some(0), stays: true };
    for line in answer.headers.iter() {
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        let number = || std::str::from_utf8(line.value).ok()?.parse::<usize>().ok();
        match () {
            () if is("content-length") => head.length = Some(number().ok_or_else(|| broken("length"))?),
            () if is("transfer-encoding") => head.length = None,
            () if is("retry-after") => head.retry_after_s = number().map(|seconds| seconds as u64),
            () if is("connection") => head.stays = !line.value.eq_ignore_ascii_case(b"close"),
            () => {}
        }
    }
    Ok(Some(head))
}

/// The body of an answer whose length nobody knew when it began (RFC 9112, 7.1).
async fn in_blocks(stream: &mut TcpStream, came: &mut Vec<u8>, mut at: usize) -> Result<Vec<u8>> {
    const LINE_END: usize = 2;
    let mut body = Vec::new();
    loop {
        match httparse::parse_chunk_size(&came[at..]).map_err(|_| broken("block"))? {
            Status::Partial => more(stream, came).await?,
            Status::Complete((head, size)) => {
                let from = at + head;
                let to = from + usize::try_from(size).map_err(|_| broken("block"))?;
                while came.len() < to + LINE_END {
                    more(stream, came).await?;
                }
                body.extend_from_slice(&came[from..to]);
                if size == 0 {
                    return Ok(body);
                }
                at = to + LINE_END;
            }
        }
    }
}

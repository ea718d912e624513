//! A connection that asks one thing after another: as much of HTTP/1.1 as this program's own answers need, and nothing that costs the
//! machine on which both run more than it must.

use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub struct Answer {
    pub status: u16,
    pub retry_after_s: Option<u64>,
    pub body: Vec<u8>,
}

pub struct Wire {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Wire {
    pub fn to(address: &str) -> Wire {
        Wire { address: address.to_owned(), stream: None }
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
                BufReader::new(stream)
            }
        };
        stream.write_all(request).await?;
        let (answer, stays) = read(&mut stream).await?;
        if stays {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

async fn read(stream: &mut BufReader<TcpStream>) -> Result<(Answer, bool)> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let mut answer =
        Answer { status: status.ok_or_else(|| broken("no status"))?, retry_after_s: None, body: Vec::new() };
    let (mut length, mut chunked, mut stays) = (0_usize, false, true);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(broken("headers broke off"));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(|_| broken("length"))?,
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "retry-after" => answer.retry_after_s = value.parse().ok(),
            "connection" => stays = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    if !chunked {
        answer.body.resize(length, 0);
        stream.read_exact(&mut answer.body).await?;
        return Ok((answer, stays));
    }
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(|_| broken("block"))?;
        let from = answer.body.len();
        answer.body.resize(from + size + 2, 0);
        stream.read_exact(&mut answer.body[from..]).await?;
        answer.body.truncate(from + size);
        if size == 0 {
            return Ok((answer, stays));
        }
    }
}

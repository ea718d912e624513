//! HTTP over one connection that stays open. No answer is `None`: the other side is gone, and whether it heard is unknown.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Wire {
    address: String,
    stream: BufReader<TcpStream>,
}

pub struct Answer {
    pub status: u16,
    pub cookie: Option<String>,
    pub body: Value,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Badge {
    pub cookie: String,
    pub csrf: String,
}

impl Wire {
    pub fn to(address: &str) -> Option<Wire> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_nodelay(true).ok()?;
        Some(Wire { address: address.to_owned(), stream: BufReader::new(stream) })
    }

    pub fn ask(&mut self, method: &str, path: &str, badge: Option<&Badge>, body: &[u8]) -> Option<Answer> {
        let who = badge
            .map(|badge| format!("Cookie: {}\r\nX-Quell-CSRF: {}\r\n", badge.cookie, badge.csrf))
            .unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{who}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(&[head.as_bytes(), body].concat()).ok()?;
        self.hear()
    }

    fn hear(&mut self) -> Option<Answer> {
        let (mut status, mut cookie, mut length) = (0, None, 0);
        for at in 0.. {
            let mut line = String::new();
            if self.stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if at == 0 {
                status = line.split(' ').nth(1)?.parse().ok()?;
            } else if line.is_empty() {
                break;
            } else if let Some((name, value)) = line.split_once(": ") {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.parse().ok()?,
                    "set-cookie" if cookie.is_none() => cookie = value.split(';').next().map(str::to_owned),
                    _ => {}
                }
            }
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).ok()?;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).ok()? };
        Some(Answer { status, cookie, body })
    }
}

//! A visitor over HTTP/1.1: one kept connection, a session, the CSRF token. Only what the benchmarks need of HTTP.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;

pub struct Visitor {
    wire: BufReader<TcpStream>,
    cookie: String,
    csrf: String,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What stands above a body.
struct Head {
    status: u16,
    cookie: Option<String>,
    length: Option<usize>,
    chunked: bool,
}

impl Visitor {
    pub fn new(address: &str) -> Result<Visitor> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Visitor {
            wire: BufReader::with_capacity(64 * 1024, stream),
            cookie: String::new(),
            csrf: String::new(),
        })
    }

    /// A visitor who is signed in.
    pub fn signed_in(address: &str, login: &str, password: &str) -> Result<Visitor> {
        let mut visitor = Visitor::new(address)?;
        let form = json!({ "login": login, "password": password });
        let answer = visitor.post("/api/session", &form.to_string())?;
        let state: Value = serde_json::from_slice(&answer.body)?;
        match state["csrf"].as_str() {
            Some(csrf) if answer.status == 200 => visitor.csrf = csrf.to_owned(),
            _ => return Err(Error::other(format!("{login} is not let in: {state}"))),
        }
        Ok(visitor)
    }

    /// The same person on a connection of their own.
    pub fn elsewhere(&self, address: &str) -> Result<Visitor> {
        let fresh = Visitor::new(address)?;
        Ok(Visitor { cookie: self.cookie.clone(), csrf: self.csrf.clone(), ..fresh })
    }

    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.ask("GET", path, "")?;
        self.whole()
    }

    pub fn post(&mut self, path: &str, body: &str) -> Result<Answer> {
        self.ask("POST", path, body)?;
        self.whole()
    }

    /// Gets a long answer and hands on its pieces as they come. Returns the status.
    pub fn stream(&mut self, path: &str, mut piece: impl FnMut(&[u8])) -> Result<u16> {
        self.ask("GET", path, "")?;
        let head = self.head()?;
        self.body(&head, &mut piece)?;
        Ok(head.status)
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<()> {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: quell\r\ncontent-length: {}\r\n", body.len());
        if !self.cookie.is_empty() {
            request.push_str(&format!("cookie: {}\r\nx-quell-csrf: {}\r\n", self.cookie, self.csrf));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.wire.get_mut().write_all(request.as_bytes())
    }

    fn whole(&mut self) -> Result<Answer> {
        let head = self.head()?;
        let mut body = Vec::with_capacity(head.length.unwrap_or_default());
        self.body(&head, &mut |piece| body.extend_from_slice(piece))?;
        Ok(Answer { status: head.status, body })
    }

    fn head(&mut self) -> Result<Head> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status =
            status.ok_or_else(|| Error::new(ErrorKind::InvalidData, format!("no status in `{first}`")))?;
        let mut head = Head { status, cookie: None, length: None, chunked: false };
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.trim().parse().ok(),
                "transfer-encoding" => head.chunked = value.trim().eq_ignore_ascii_case("chunked"),
                "set-cookie" => head.cookie = value.trim().split(';').next().map(str::to_owned),
                _ => {}
            }
        }
        if let Some(cookie) = &head.cookie {
            self.cookie.clone_from(cookie);
        }
        Ok(head)
    }

    fn body(&mut self, head: &Head, piece: &mut dyn FnMut(&[u8])) -> Result<()> {
        if !head.chunked {
            return self.take(head.length.unwrap_or(0), piece);
        }
        loop {
            let size = self.line()?;
            let size = usize::from_str_radix(size.trim(), 16)
                .map_err(|fault| Error::new(ErrorKind::InvalidData, format!("size of a chunk: {fault}")))?;
            self.take(size, piece)?;
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn take(&mut self, mut left: usize, piece: &mut dyn FnMut(&[u8])) -> Result<()> {
        let mut buffer = [0; 16 * 1024];
        while left > 0 {
            let most = left.min(buffer.len());
            let read = self.wire.read(&mut buffer[..most])?;
            if read == 0 {
                return Err(Error::new(ErrorKind::UnexpectedEof, "the answer broke off"));
            }
            piece(&buffer[..read]);
            left -= read;
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.wire.read_line(&mut line)? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the connection was closed"));
        }
        Ok(line.trim_end().to_owned())
    }
}

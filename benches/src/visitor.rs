//! A visitor over HTTP/1.1: one kept connection, a session, the CSRF token. Only what the benchmarks need of HTTP.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct Visitor {
    wire: BufReader<TcpStream>,
    cookies: BTreeMap<String, String>,
    csrf: String,
    /// Where this visitor says to come from, to a program that takes us for its proxy.
    from: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What stands above a body.
struct Head {
    status: u16,
    cookies: Vec<String>,
    length: Option<usize>,
    chunked: bool,
}

impl Visitor {
    pub fn new(address: &str) -> Result<Visitor> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        // A program that says nothing any more ends the benchmark instead of holding it for ever.
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Visitor {
            wire: BufReader::with_capacity(64 * 1024, stream),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            from: None,
        })
    }

    /// A visitor who is signed in.
    pub fn signed_in(address: &str, login: &str, password: &str) -> Result<Visitor> {
        let mut visitor = Visitor::new(address)?;
        visitor.signs_in(login, password)?;
        Ok(visitor)
    }

    /// The same through a proxy that says where the visitor comes from.
    pub fn signed_in_from(address: &str, from: &str, login: &str, password: &str) -> Result<Visitor> {
        let mut visitor = Visitor { from: Some(from.to_owned()), ..Visitor::new(address)? };
        visitor.signs_in(login, password)?;
        Ok(visitor)
    }

    /// Comes in anew at the same browser, which remembers having been here.
    pub fn signs_in(&mut self, login: &str, password: &str) -> Result<()> {
        self.cookies.remove("quell");
        let form = json!({ "login": login, "password": password });
        let answer = self.post("/api/session", &form.to_string())?;
        let state: Value = serde_json::from_slice(&answer.body)?;
        match state["csrf"].as_str() {
            Some(csrf) if answer.status == 200 => self.csrf = csrf.to_owned(),
            _ => return Err(Error::other(format!("{login} is not let in: {state}"))),
        }
        Ok(())
    }

    /// An attempt from somewhere, by a browser that remembers nothing; only its status.
    pub fn tries(&mut self, from: &str, login: &str, password: &str) -> Result<u16> {
        self.cookies.clear();
        self.from = Some(from.to_owned());
        let form = json!({ "login": login, "password": password });
        Ok(self.post("/api/session", &form.to_string())?.status)
    }

    /// The same person on a connection of their own.
    pub fn elsewhere(&self, address: &str) -> Result<Visitor> {
        let fresh = Visitor::new(address)?;
        Ok(Visitor { cookies: self.cookies.clone(), csrf: self.csrf.clone(), ..fresh })
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
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.push_str(&format!("cookie: {}\r\nx-quell-csrf: {}\r\n", cookies.join("; "), self.csrf));
        }
        if let Some(from) = &self.from {
            request.push_str(&format!("x-forwarded-for: {from}\r\n"));
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
        let mut head = Head { status, cookies: Vec::new(), length: None, chunked: false };
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.trim().parse().ok(),
                "transfer-encoding" => head.chunked = value.trim().eq_ignore_ascii_case("chunked"),
                "set-cookie" => head.cookies.extend(value.trim().split(';').next().map(str::to_owned)),
                _ => {}
            }
        }
        for (name, value) in head.cookies.iter().filter_map(|cookie| cookie.split_once('=')) {
            self.cookies.insert(name.to_owned(), value.to_owned());
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

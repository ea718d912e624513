//! `quell serve` on a free port, and a person who talks to it over the wire.

use crate::desk::{Desk, PATIENCE};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex};

pub struct Served {
    child: Child,
    address: String,
    said: Heard,
}

/// What the program printed after it began to listen.
#[derive(Clone, Default)]
pub struct Heard(Arc<(Mutex<String>, Condvar)>);

impl Heard {
    fn listen(&self, lines: impl Iterator<Item = std::io::Result<String>> + Send + 'static) {
        let heard = self.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.0.0.lock().unwrap().push_str(&(line + "\n"));
                heard.0.1.notify_all();
            }
        });
    }

    pub fn text(&self) -> String {
        self.0.0.lock().unwrap().clone()
    }

    pub fn has(&self, words: &str) -> bool {
        self.0.0.lock().unwrap().contains(words)
    }

    /// Waits until it has been said.
    #[track_caller]
    pub fn waits_for(&self, words: &str) {
        let (text, told) = &*self.0;
        let (text, late) =
            told.wait_timeout_while(text.lock().unwrap(), PATIENCE, |text| !text.contains(words)).unwrap();
        assert!(!late.timed_out(), "it never said `{words}`, only: {text}");
    }
}

pub const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub cookie: Option<String>,
    pub body: Value,
}

impl Served {
    pub fn on(desk: &Desk) -> Served {
        Served::with(desk, &[])
    }

    pub fn with(desk: &Desk, more: &[&str]) -> Served {
        Served::by(desk.start(&[&SERVE, more].concat()))
    }

    /// As `child` serves, however it was started.
    pub fn by(mut child: Child) -> Served {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.by_ref().find_map(|line| {
            let line = line.ok()?;
            let url = line.strip_prefix("Listening on ")?;
            url.split_once("://").map(|(_, address)| address.to_owned())
        });
        // Whatever it says later must not fill the pipe and stop it.
        let (said, rest) = (Heard::default(), BufReader::new(child.stderr.take().unwrap()).lines());
        said.listen(lines);
        said.listen(rest);
        Served { child, address: address.expect("it says where it listens"), said }
    }

    /// Signal 9: no farewell, no flush.
    pub fn killed(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `None` when the program was gone before it had answered.
    pub fn ask(&self, method: &str, path: &str, person: Option<&Visitor>, body: &Value) -> Option<Answer> {
        ask(&self.address, method, path, person, body)
    }

    pub fn address(&self) -> String {
        self.address.clone()
    }

    pub fn said(&self) -> &Heard {
        &self.said
    }

    /// When it ended by itself: with which code.
    pub fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone)]
pub struct Visitor {
    cookie: String,
    csrf: String,
}

impl Visitor {
    pub fn signing_in(served: &Served, login: &str, password: &str) -> Visitor {
        let form = json!({ "login": login, "password": password });
        let answer = served.ask("POST", "/api/session", None, &form).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let csrf = answer.body["csrf"].as_str().unwrap().to_owned();
        Visitor { cookie: answer.cookie.expect("a cookie"), csrf }
    }
}

/// Asks for something long, and leaves what comes after its first words where it is.
pub fn begins(address: &str, path: &str, person: &Visitor) -> TcpStream {
    let mut wire = TcpStream::connect(address).expect("a place in the crowd");
    wire.set_read_timeout(Some(PATIENCE)).unwrap();
    let Visitor { cookie, .. } = person;
    let asked = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n");
    wire.write_all(asked.as_bytes()).unwrap();
    let mut first = [0; 12];
    wire.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200", "{path}");
    wire
}

pub fn ask(
    address: &str,
    method: &str,
    path: &str,
    person: Option<&Visitor>,
    body: &Value,
) -> Option<Answer> {
    let mut wire = TcpStream::connect(address).ok()?;
    wire.set_read_timeout(Some(PATIENCE)).ok()?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let who = person
        .map(|person| format!("Cookie: {}\r\nX-Quell-CSRF: {}\r\n", person.cookie, person.csrf))
        .unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{who}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    wire.write_all(head.as_bytes()).ok()?;
    let mut text = Vec::new();
    wire.read_to_end(&mut text).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let retry_after = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("retry-after").then(|| value.to_owned())
    });
    let cookie = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let cookie = value.split(';').next()?;
        name.eq_ignore_ascii_case("set-cookie").then(|| cookie.to_owned())
    });
    // A short answer comes in one piece; a cut one does not parse, and was then not given.
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).ok()? };
    Some(Answer { status, retry_after, cookie, body })
}

//! A thousand visitors who send their headers a byte at a time, a thousand who send a form so, and a thousand who do not take
//! their answers. All are let go within the door's limits, and whoever works meanwhile hardly notices.

use crate::desk::{Desk, PATIENCE};
use crate::served::{Served, Visitor};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a slow visitor sends or takes a byte.
const NOW_AND_THEN: Duration = Duration::from_millis(500);

/// The last slow visitor is gone by then: twice the longest limit of the door (an answer not taken, 10 seconds, looked at
/// twice), and the time a busy machine takes to take in three thousand and let go of them.
const GONE_WITHIN: Duration = Duration::from_secs(100);

/// Of each kind. Where the system lets a program open few files, fewer come, and it is said.
fn crowd() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let files = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(1_024);
    let crowd = 1_000.min((files - 200) / 4);
    if crowd < 1_000 {
        println!(
            "skipped: slow visitors beyond {crowd} of each kind; this system lets a program open {files} files"
        );
    }
    crowd
}

/// When the last of them was let go, counted from when the first had come.
fn slow(address: &str, first: &str, again: Option<u8>) -> JoinHandle<Duration> {
    let (address, first) = (address.to_owned(), first.as_bytes().to_owned());
    std::thread::spawn(move || {
        let mut here: Vec<TcpStream> = (0..crowd())
            .map(|_| {
                let mut wire = TcpStream::connect(&address).expect("a place in the crowd");
                wire.write_all(&first).expect("the first bytes are taken");
                wire.set_nonblocking(true).unwrap();
                wire
            })
            .collect();
        let since = Instant::now();
        while !here.is_empty() {
            here.retain_mut(|wire| is_held(wire, again));
            assert!(since.elapsed() < PATIENCE, "{} are still there", here.len());
            std::thread::sleep(NOW_AND_THEN);
        }
        since.elapsed()
    })
}

fn is_held(wire: &mut TcpStream, again: Option<u8>) -> bool {
    if !matches!(wire.take_error(), Ok(None)) {
        return false;
    }
    let held = |fault: std::io::Error| fault.kind() == ErrorKind::WouldBlock;
    // One byte of what came; a door that closed has an end, or resets what was not read.
    let listens = match wire.read(&mut [0; 1]) {
        Ok(bytes) => bytes > 0,
        Err(fault) => held(fault),
    };
    listens && again.is_none_or(|byte| wire.write(&[byte]).map_or_else(held, |_| true))
}

/// Works without pause until told to stop: how long each request took.
fn works(served: &Served, person: &Visitor, while_so: impl Fn(usize) -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    while while_so(times.len()) {
        let begun = Instant::now();
        let answer = served.ask("GET", "/api/cases", Some(person), &Value::Null).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times
}

fn p99_ms(times: &[Duration]) -> f64 {
    times[times.len() * 99 / 100].as_secs_f64() * 1_000.0
}

#[test]
fn three_thousand_slow_visitors_are_let_go_and_nobody_else_waits() {
    let desk = Desk::of("slow");
    let told = desk.quell(&["account", "create", "wang.li", "--role", "epidemiologist", "--territory", "14"]);
    let password = told.out.split_whitespace().last().expect("a password").to_owned();
    let served = Served::with(&desk, &["--account-rate", "100000"]);
    let person = Visitor::signing_in(&served, "wang.li", &password);
    let quiet = p99_ms(&works(&served, &person, |so_far| so_far < 500));

    let form = format!(
        "POST /api/session HTTP/1.1\r\nHost: q\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{}",
        json!("a")
    );
    // Answers of some kilobytes each, until no buffer between here and there takes any more.
    let many = "GET /api/state HTTP/1.1\r\nHost: q\r\n\r\n".repeat(400);
    let crowds = [
        ("headers", slow(&served.address(), "GET / HTTP/1.1\r\nHost: q\r\nX-Slow: ", Some(b'a'))),
        ("a form", slow(&served.address(), &form, Some(b'a'))),
        ("answers", slow(&served.address(), &many, None)),
    ];
    let busy = works(&served, &person, |so_far| {
        so_far < 500 || crowds.iter().any(|(_, crowd)| !crowd.is_finished())
    });
    println!("p99 of {} requests: {:.1} ms, {quiet:.1} ms before", busy.len(), p99_ms(&busy));
    for (what, crowd) in crowds {
        let last = crowd.join().expect("the slow are let go");
        println!("the last who was slow with {what} was let go after {:.1} s", last.as_secs_f64());
        assert!(last < GONE_WITHIN, "{what}: {last:?}");
    }
    // A thread of three thousand connections on the same two cores takes its share; a held place would cost seconds.
    assert!(p99_ms(&busy) < 1_000.0, "others waited {:.1} ms, {quiet:.1} ms before", p99_ms(&busy));
}

#[test]
fn what_the_door_refuses_is_said_in_both_languages_and_shows_nothing_inside() {
    let desk = Desk::of("refused");
    let served = Served::with(&desk, &["--proxy", "127.0.0.1", "--address-rate", "5"]);
    let raw = |request: &str| -> String {
        let mut wire = TcpStream::connect(served.address()).unwrap();
        wire.set_read_timeout(Some(PATIENCE)).unwrap();
        wire.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = wire.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let from = |address: &str, head: &str, body: &str| {
        raw(&format!(
            "{head} HTTP/1.1\r\nHost: q\r\nConnection: close\r\nX-Forwarded-For: {address}\r\nContent-Length: {}\r\n{body}",
            body.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len())
        ))
    };
    let large = format!("\r\n{}", "x".repeat(1_000_001));
    for (answer, status, code) in [
        (
            from("192.0.2.1", "POST /api/session", "Sec-Fetch-Site: cross-site\r\n\r\n{}"),
            403,
            "request.other_site",
        ),
        (from("192.0.2.2", "POST /api/session", "Content-Encoding: gzip\r\n\r\nxx"), 415, "request.encoded"),
        (from("192.0.2.3", "POST /api/session", &format!("X: y\r\n{large}")), 413, "request.too_large"),
        (from("192.0.2.4", "GET /api/nowhere", "\r\n"), 404, "request.no_such_address"),
        (from("192.0.2.5", "PUT /api/session", "\r\n"), 405, "request.wrong_method"),
        (from("192.0.2.6", "POST /api/session", "X: y\r\n\r\n{\"login\":"), 422, "request.unreadable"),
        (
            from("192.0.2.7", "POST /api/session", &format!("X: y\r\n\r\n{}", "[".repeat(100_000))),
            422,
            "request.unreadable",
        ),
    ] {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{code}: {head}");
        let told: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{code}: {body}"));
        assert_eq!(told["code"], code, "{body}");
        assert!(
            told["en"].as_str().is_some_and(|text| text.contains(';')) && told["zh"].is_string(),
            "{body}"
        );
        for guard in [
            "content-security-policy",
            "x-content-type-options",
            "cache-control: no-store",
            "x-frame-options",
        ] {
            assert!(head.contains(guard), "{code} lacks {guard}: {head}");
        }
        for inside in ["/src/", ".rs", "SELECT ", "panicked", "rusqlite", "axum"] {
            assert!(!body.contains(inside), "{body}");
        }
    }
    let long = raw(&format!("GET / HTTP/1.1\r\nHost: q\r\nX: {}\r\n\r\n", "x".repeat(20_000)));
    assert!(long.starts_with("HTTP/1.1 431"), "{long}");
    let many = raw(&format!("GET / HTTP/1.1\r\nHost: q\r\n{}\r\n", "X: y\r\n".repeat(100)));
    assert!(many.starts_with("HTTP/1.1 431"), "{many}");

    // Fifty at once and then five a second, by the address the named proxy tells; what stands further left is the visitor's own.
    let statuses = |line: &dyn Fn(usize) -> String| -> Vec<String> {
        (0..60).map(|at| from(&line(at), "GET /api/state", "\r\n")[9..12].to_owned()).collect()
    };
    let spoofed = statuses(&|at| format!("203.0.113.{at}, 198.51.100.9"));
    assert!(spoofed[..50].iter().all(|status| status == "200"), "{spoofed:?}");
    assert!(spoofed[50..].iter().any(|status| status == "429"), "{spoofed:?}");
    let others = statuses(&|at| format!("198.51.100.{}", at + 10));
    assert!(others.iter().all(|status| status == "200"), "{others:?}");
}

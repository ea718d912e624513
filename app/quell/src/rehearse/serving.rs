//! The program beside us, and how somebody signs in to it.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

pub const PASSWORD: &str = "a rehearsal and nothing else";

pub struct Serving {
    child: Child,
    pub address: String,
    /// Held open: a program whose words nobody takes any more breaks off.
    _told: BufReader<ChildStdout>,
}

impl Serving {
    pub fn start(room: &Path, database: Option<&str>) -> Result<Serving, String> {
        let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
        let mut command = Command::new(program);
        // Many people come from one machine here; each says where from, as behind a proxy.
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--account-rate",
            "1000000",
            "--proxy",
            "127.0.0.1",
        ]);
        command.arg("--data").arg(room);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|fault| format!("serving did not begin: {fault}"))?;
        let mut told = BufReader::new(child.stdout.take().ok_or("its output is not there")?);
        let mut line = String::new();
        while told.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if let Some(address) = line.trim_end().strip_prefix("Listening on http://") {
                let address = address.trim_end_matches('/').to_owned();
                return Ok(Serving { child, address, _told: told });
            }
            line.clear();
        }
        Err("serving ended before it listened".to_owned())
    }

    /// A crowd from outside takes none of the house's cores: the house has all but the last, this program the last. `false` on a
    /// machine of one core, or one that cannot keep them apart (`taskset` of util-linux).
    pub fn apart(&self) -> bool {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let keeps = |process: u32, to: &str| {
            let words = ["--all-tasks", "--cpu-list", "--pid", to, &process.to_string()];
            let kept = Command::new("taskset").args(words).stdout(Stdio::null()).status();
            kept.is_ok_and(|status| status.success())
        };
        cores > 1
            && keeps(self.child.id(), &format!("0-{}", cores - 2))
            && keeps(std::process::id(), &(cores - 1).to_string())
    }

    pub fn killed(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn stop(mut self) {
        self.killed();
    }

    /// Most memory it ever held, in megabytes of 2^20 (`VmHWM`, proc(5)); `None` where the system does not say.
    pub fn peak_resident_mb(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1_024.0)
    }
}

/// A rehearsal that fails leaves nothing running.
impl Drop for Serving {
    fn drop(&mut self) {
        self.killed();
    }
}

/// Cookie and token of a session.
#[derive(Debug, Clone)]
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

pub fn agent() -> ureq::Agent {
    let patience = std::time::Duration::from_secs(30);
    ureq::Agent::config_builder().timeout_global(Some(patience)).http_status_as_error(false).build().into()
}

pub fn signed_in(agent: &ureq::Agent, address: &str, login: &str) -> Option<Session> {
    let form = json!({ "login": login, "password": PASSWORD }).to_string();
    let mut answer = agent.post(format!("http://{address}/api/session")).send(&form).ok()?;
    let cookie = answer.headers().get("set-cookie")?.to_str().ok()?.split(';').next()?.to_owned();
    let state: Value = serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?;
    Some(Session { cookie, csrf: state["csrf"].as_str()?.to_owned() })
}

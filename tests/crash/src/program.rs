//! The real program: started, asked on its command line, killed.

use crate::database::Database;
use crate::wire::{Badge, Wire};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub struct Program<'a> {
    pub binary: &'a Path,
    pub data: PathBuf,
    pub database: &'a Database,
}

pub struct Serving {
    child: Child,
    pub address: String,
}

impl Program<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.binary);
        command
            .args(arguments)
            .arg("--data")
            .arg(&self.data)
            .env_remove("QUELL_DATABASE")
            .stdin(Stdio::null());
        if let Some(url) = self.database.url() {
            command.arg("--database").arg(url);
        }
        command
    }

    /// What it printed, or what it complained of.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let told = self.command(arguments).output().map_err(|fault| fault.to_string())?;
        if told.status.success() {
            return Ok(String::from_utf8_lossy(&told.stdout).into_owned());
        }
        Err(format!("`quell {}`: {}", arguments.join(" "), String::from_utf8_lossy(&told.stderr)))
    }

    pub fn serve(&self) -> Result<Serving, String> {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|fault| fault.to_string())?;
        let out = child.stdout.take().ok_or("its output is not piped")?;
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("Listening on http://").map(str::to_owned));
        // Whatever it says later must not fill the pipe and stop it.
        std::thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Ok(Serving { child, address }),
            None => {
                let _ = child.wait();
                Err("the server ended before it listened".to_owned())
            }
        }
    }

    /// An account that may report cases, and its badge: sessions outlive the program.
    pub fn clerk(&self, serving: &Serving, password: &str) -> Result<Badge, String> {
        let form = json!({ "login": "clerk", "password": password }).to_string();
        let mut wire = Wire::to(&serving.address).ok_or("nobody listens")?;
        let answer = wire.ask("POST", "/api/session", None, form.as_bytes()).ok_or("no answer")?;
        let csrf = answer.body["csrf"].as_str().ok_or_else(|| answer.body.to_string())?.to_owned();
        Ok(Badge { cookie: answer.cookie.ok_or("no cookie")?, csrf })
    }
}

impl Serving {
    /// Signal 9: no farewell, no flush.
    pub fn killed(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! A folder of its own for one test, the program run in it, and what it said.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for a busy machine, and the end of any waiting.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Desk(PathBuf);

pub struct Told {
    pub ok: bool,
    pub out: String,
    pub err: String,
    /// The most memory the program held, in kB; where the system does not tell, 0.
    pub most_kb: u64,
}

impl Desk {
    pub fn of(test: &str) -> Desk {
        let desk = std::env::temp_dir().join(format!("quell-program-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&desk).unwrap();
        Desk(desk)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with this desk's database.
    pub fn quell(&self, arguments: &[&str]) -> Told {
        self.told_by(self.start(arguments), arguments)
    }

    /// The program with another folder of this desk.
    pub fn quell_in(&self, folder: &str, arguments: &[&str]) -> Told {
        let mut command = self.command(&[], arguments);
        let data = self.path(folder);
        self.told_by(command.arg("--data").arg(data).spawn().unwrap(), arguments)
    }

    /// The program as it is, without a folder.
    pub fn quell_alone(&self, arguments: &[&str]) -> Told {
        self.told_by(self.command(&[], arguments).spawn().unwrap(), arguments)
    }

    pub fn told_by(&self, mut child: Child, arguments: &[&str]) -> Told {
        let out = child.stdout.take().map(reader);
        let err = child.stderr.take().map(reader);
        let (since, mut most_kb) = (Instant::now(), 0);
        let status = loop {
            most_kb = most_kb.max(memory_kb(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if since.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("`quell {}` never ends", arguments.join(" "));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let text = |thread: Option<std::thread::JoinHandle<String>>| thread.unwrap().join().unwrap();
        Told { ok: status.success(), out: text(out), err: text(err), most_kb }
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.start_under(&[], &[], arguments)
    }

    /// Under another program (`strace …`), and in another environment.
    pub fn start_under(&self, over: &[&str], environment: &[(&str, &str)], arguments: &[&str]) -> Child {
        let mut command = self.command(over, arguments);
        command.envs(environment.iter().copied()).arg("--data").arg(self.path("data")).spawn().unwrap()
    }

    fn command(&self, over: &[&str], arguments: &[&str]) -> Command {
        let words = [over, &[env!("CARGO_BIN_EXE_quell")], arguments].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env_remove("QUELL_DATABASE").env_remove("QUELL_KEY_FILE");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Imports a file and gives its report, with its account checked.
    pub fn import(&self, file: &str, more: &[&str]) -> Value {
        let report = self.path("report.json");
        let arguments = [&["import", file, "--report", report.to_str().unwrap()], more].concat();
        let told = self.quell(&arguments);
        assert!(told.ok, "{file}: {}", told.err);
        let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        assert_eq!(account(&report).iter().sum::<u64>(), report["rows"].as_u64().unwrap(), "{report}");
        report
    }

    pub fn journal_verifies(&self) {
        let told = self.quell(&["journal", "verify"]);
        assert!(told.ok && told.out.contains("each follows from the one before"), "{}{}", told.out, told.err);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Created, updated, unchanged, skipped, failed.
pub fn account(report: &Value) -> [u64; 5] {
    ["created", "updated", "unchanged", "skipped", "failed"].map(|name| report[name].as_u64().expect(name))
}

pub fn shared(part: &str) -> Option<String> {
    let root = std::env::var("QUELL_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let found = root.join("data").join(part);
    if !found.exists() {
        println!("skipped: {part} is not here; set QUELL_SHARED to the folder that holds data/{part}");
        return None;
    }
    found.to_str().map(str::to_owned)
}

fn reader(mut pipe: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = pipe.read_to_string(&mut text);
        text
    })
}

/// The high-water mark of resident memory, as Linux keeps it for a living process.
fn memory_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Moments and amounts that look like chance and are the same every time (Knuth's MMIX generator).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

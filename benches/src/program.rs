//! The real program, release build, as a process of its own on a free port.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder that goes away with the benchmark.
pub struct Room(PathBuf);

impl Room {
    pub fn new(name: &str) -> Room {
        let folder = target_folder().join("bench").join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        crate::or_stop(std::fs::create_dir_all(&folder), "making a folder");
        Room(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where cargo puts what it builds: this benchmark runs from `<target>/release/deps`. On a real disk, unlike a temporary
/// folder, which may be memory: durable writes must meet what they promise.
pub fn target_folder() -> PathBuf {
    let here = crate::or_stop(std::env::current_exe(), "finding this program");
    here.ancestors().nth(3).map_or_else(|| PathBuf::from("target"), Path::to_path_buf)
}

pub struct Program {
    child: Child,
    pub address: String,
}

impl Program {
    /// `QUELL_BIN`, or the release build beside this benchmark, made now when it is not there or old.
    pub fn binary() -> PathBuf {
        if let Some(named) = std::env::var_os("QUELL_BIN") {
            return PathBuf::from(named);
        }
        eprintln!("Building quell");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo).args(["build", "--release", "--package", "quell"]).status();
        if !crate::or_stop(built, "building quell").success() {
            eprintln!("quell does not build; see above");
            std::process::exit(1);
        }
        target_folder().join("release/quell")
    }

    /// Starts `quell serve` and waits until it says where it listens.
    pub fn serve(binary: &Path, more: &[&str]) -> Program {
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--account-rate", "1000000"])
            .args(more)
            .stdout(Stdio::piped());
        let mut child = crate::or_stop(command.spawn(), "starting quell serve");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("Listening on http://").map(str::to_owned));
        // Whatever else it prints is read, so that it never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(address) = address else {
            eprintln!("quell serve ended before it listened");
            std::process::exit(1)
        };
        Program { child, address }
    }

    /// Most memory it ever held, in megabytes of 2^20 (`VmHWM`, proc(5)).
    pub fn peak_resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse::<f64>().ok());
        kb.map_or(f64::NAN, |kb| kb / 1_024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

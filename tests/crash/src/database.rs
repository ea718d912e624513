//! The database under the program: a file, or a PostgreSQL cluster of our own that can be killed as a whole.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

pub enum Database {
    Sqlite { file: PathBuf },
    Postgres(Cluster),
}

pub struct Cluster {
    programs: PathBuf,
    home: PathBuf,
    /// PostgreSQL refuses to run as root.
    owner: Option<nix::unistd::User>,
    port: u16,
    postmaster: Option<Child>,
}

impl Database {
    pub fn url(&self) -> Option<String> {
        match self {
            Database::Sqlite { .. } => None,
            Database::Postgres(cluster) => Some(cluster.url()),
        }
    }

    /// The answers of a question with one column of text, asked past the program.
    pub fn texts(&self, sql: &str) -> Result<Vec<String>, String> {
        match self {
            Database::Sqlite { file } => {
                use rusqlite::{Connection, OpenFlags};
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
                let disk = Connection::open_with_flags(file, flags).map_err(|fault| fault.to_string())?;
                let mut rows = disk.prepare(sql).map_err(|fault| fault.to_string())?;
                let texts = rows.query_map([], |row| row.get(0)).map_err(|fault| fault.to_string())?;
                texts.collect::<rusqlite::Result<_>>().map_err(|fault| fault.to_string())
            }
            Database::Postgres(cluster) => {
                let mut client = cluster.connect().map_err(|fault| fault.to_string())?;
                let rows = client.query(sql, &[]).map_err(|fault| fault.to_string())?;
                Ok(rows.iter().map(|row| row.get(0)).collect())
            }
        }
    }
}

impl Cluster {
    /// `Err`: why there is none here.
    pub fn programs() -> Result<PathBuf, String> {
        let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map(|all| all.filter_map(|one| one.ok().map(|one| one.path().join("bin"))).collect())
            .unwrap_or_default();
        found.retain(|folder| folder.join("initdb").exists());
        found.sort();
        found
            .pop()
            .ok_or_else(|| "no PostgreSQL server here; install it: apt-get install postgresql".to_owned())
    }

    pub fn make(programs: &Path, home: &Path) -> Result<Cluster, String> {
        let owner = if nix::unistd::geteuid().is_root() {
            let named = |name| nix::unistd::User::from_name(name).ok().flatten();
            Some(named("postgres").or_else(|| named("nobody")).ok_or("no user to run PostgreSQL as")?)
        } else {
            None
        };
        fs::create_dir_all(home).map_err(|fault| fault.to_string())?;
        if let Some(owner) = &owner {
            std::os::unix::fs::chown(home, Some(owner.uid.as_raw()), Some(owner.gid.as_raw()))
                .map_err(|fault| fault.to_string())?;
        }
        let programs = programs.to_path_buf();
        let mut cluster = Cluster { programs, home: home.to_path_buf(), owner, port: 0, postmaster: None };
        let mut initdb = cluster.command("initdb");
        initdb.args(["-U", "quell", "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums", "-D"]);
        let told = initdb.arg(cluster.data()).output().map_err(|fault| fault.to_string())?;
        if !told.status.success() {
            return Err(String::from_utf8_lossy(&told.stderr).into_owned());
        }
        cluster.start()?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = match &self.owner {
            None => Command::new(program),
            Some(owner) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={}", owner.uid)).arg(format!("--regid={}", owner.gid));
                command.arg("--clear-groups").arg("--").arg(program);
                command
            }
        };
        command.current_dir(&self.home).stdin(Stdio::null());
        command
    }

    pub fn url(&self) -> String {
        format!("postgres://quell@127.0.0.1:{}/postgres", self.port)
    }

    pub fn connect(&self) -> Result<postgres::Client, postgres::Error> {
        postgres::Client::connect(&self.url(), postgres::NoTls)
    }

    /// Starts the server and waits until it has recovered.
    pub fn start(&mut self) -> Result<(), String> {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if self.start_once()? {
                return Ok(());
            }
            // A process of the killed server may still be going; PostgreSQL then refuses to start beside it.
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("PostgreSQL does not start; see {}", self.home.join("log").display()))
    }

    fn start_once(&mut self) -> Result<bool, String> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|held| held.local_addr());
        self.port = free.map_err(|fault| fault.to_string())?.port();
        let log = fs::File::create(self.home.join("log")).map_err(|fault| fault.to_string())?;
        let mut server = self.command("postgres");
        server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-k", ""]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "max_wal_size=96MB",
            "min_wal_size=32MB",
            "shared_buffers=32MB",
            // One flush of the whole file system before recovery instead of one for each of a thousand files.
            "recovery_init_sync_method=syncfs",
        ] {
            server.args(["-c", setting]);
        }
        let mut child =
            server.stdout(Stdio::null()).stderr(log).spawn().map_err(|fault| fault.to_string())?;
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if child.try_wait().map_err(|fault| fault.to_string())?.is_some() {
                return Ok(false);
            }
            if self.connect().is_ok() {
                self.postmaster = Some(child);
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        let _ = child.wait();
        Ok(false)
    }

    /// Signal 9 to the server and to every process of its: each is the leader of a group of its own.
    pub fn killed(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        let children = children_of(postmaster.id());
        let _ = postmaster.kill();
        for child in children {
            let _ = kill(Pid::from_raw(child), Signal::SIGKILL);
        }
        let _ = postmaster.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.killed();
    }
}

fn children_of(parent: u32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers
        .filter(|number| {
            let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            // After the name in parentheses: state, then the parent.
            let after = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            after.split(' ').nth(1) == Some(&parent.to_string())
        })
        .collect()
}

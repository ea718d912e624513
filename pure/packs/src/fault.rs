//! What is wrong with a pack: which pack, which key, and what to do about it.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The pack as its author knows it, such as `diseases/measles`.
    pub pack: String,
    /// The key inside it, dotted, or `line 7`.
    pub key: String,
    pub problem: String,
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pack {}, {}: {}; {}", self.pack, self.key, self.problem, self.remedy)
    }
}

/// All of them at once, because an author who is told one fault at a time loads a pack ten times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

/// Gathers faults of one pack while it is checked.
pub(crate) struct Check<'a> {
    pack: &'a str,
    faults: Vec<Fault>,
}

impl<'a> Check<'a> {
    pub(crate) fn of(pack: &'a str) -> Check<'a> {
        Check { pack, faults: Vec::new() }
    }

    pub(crate) fn fault(&mut self, key: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault {
            pack: self.pack.to_owned(),
            key: key.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    pub(crate) fn unless(&mut self, holds: bool, key: &str, problem: &str, remedy: &str) {
        if !holds {
            self.fault(key, problem, remedy);
        }
    }

    /// A text that people read must say something.
    pub(crate) fn said(&mut self, text: &str, key: &str) {
        self.unless(!text.trim().is_empty(), key, "is empty", "write it out, in the language of the key");
    }

    pub(crate) fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(value) } else { Err(Faults(self.faults)) }
    }

    pub(crate) fn into_faults(self) -> Faults {
        Faults(self.faults)
    }
}

/// Reads TOML into a shape; a wrong shape is one fault with the line it is on.
pub(crate) fn read_toml<T: serde::de::DeserializeOwned>(pack: &str, text: &str) -> Result<T, Faults> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let mut check = Check::of(pack);
        check.fault(
            &format!("line {line}"),
            error.message().to_owned(),
            "compare with a pack that comes with Quell, such as packs/diseases/measles.toml",
        );
        check.into_faults()
    })
}

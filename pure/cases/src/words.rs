//! Closed lists of the room, each with one spelling for file, table, URL and screen.

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a {what}; use one of: {allowed}")]
pub struct UnknownWord {
    pub what: &'static str,
    pub found: String,
    pub allowed: String,
}

#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;
            fn from_str(text: &str) -> Result<$name, $crate::UnknownWord> {
                $name::ALL.iter().copied().find(|word| word.word() == text).ok_or_else(|| $crate::UnknownWord {
                    what: $what,
                    found: text.to_owned(),
                    allowed: $name::ALL.iter().map(|word| word.word()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

words! {
    Sex, "sex" { Female = "female", Male = "male", Other = "other" }
}

words! {
    /// Where a case was when found. The share found under care is the first of the three numbers Quell is judged by.
    Found, "way of being found" {
        /// Already isolated, watched or in a closed loop.
        UnderCare = "under_care",
        /// In the open community: the chain was ahead of the tracing.
        Community = "community",
    }
}

words! {
    Outcome, "outcome" { InCare = "in_care", Recovered = "recovered", Died = "died" }
}

words! {
    /// Why somebody says that this case infected that one.
    Evidence, "kind of evidence" {
        /// The list or the investigator names the infector.
        Named = "named",
        /// Read out of free text ("family of TJ9"); a candidate until somebody confirms it.
        Text = "text",
        /// A contact record joins the two.
        Contact = "contact",
        /// They shared a place and a time.
        Overlap = "overlap",
        /// A model's estimate.
        Inferred = "inferred",
    }
}

words! {
    /// The nine kinds of exposure by which contacts are judged.
    ExposureKind, "kind of exposure" {
        Household = "household",
        Care = "care",
        Aerosol = "aerosol",
        NearWork = "near_work",
        Dining = "dining",
        Visitor = "visitor",
        Transport = "transport",
        Contaminated = "contaminated",
        Other = "other",
    }
}

words! {
    /// Close, contact of contact, general (密接, 次密接, 一般接触).
    ContactClass, "contact class" { Close = "close", Secondary = "secondary", General = "general" }
}

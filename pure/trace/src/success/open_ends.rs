//! Where a chain is open: cases nobody knows the source of, and contacts nobody has reached.

/// What is known of how a case was infected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// Infected outside the territory.
    Imported,
    /// A person has confirmed who infected it.
    Confirmed,
    /// Reconstruction has somebody of the list as the source, with this probability, 0 to 1; nobody confirmed it.
    Supported {
        probability: f64,
    },
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceOfCase {
    pub source: Source,
    /// Contacts named or found, and those of them who were reached.
    pub contacts: u32,
    pub contacts_reached: u32,
}

/// Places in the list of cases.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenEnds {
    /// Backward: no source, or none likely enough.
    pub without_source: Vec<usize>,
    /// Forward: contacts who were not reached, and how many.
    pub contacts_not_reached: Vec<(usize, u32)>,
    /// How many sources are expected to be missing: those unknown count whole, others by the doubt in them.
    pub expected_missing: f64,
}

/// A source counts as known from `least_support` on.
pub fn open_ends(cases: &[SourceOfCase], least_support: f64) -> OpenEnds {
    let missing = |source: Source| match source {
        Source::Imported | Source::Confirmed => 0.0,
        Source::Supported { probability } => 1.0 - probability,
        Source::Unknown => 1.0,
    };
    let open = |source: Source| match source {
        Source::Imported | Source::Confirmed => false,
        Source::Supported { probability } => probability < least_support,
        Source::Unknown => true,
    };
    let numbered = || cases.iter().enumerate();
    let not_reached = |case: &SourceOfCase| case.contacts.saturating_sub(case.contacts_reached);
    OpenEnds {
        without_source: numbered().filter(|(_, case)| open(case.source)).map(|(at, _)| at).collect(),
        contacts_not_reached: numbered()
            .map(|(at, case)| (at, not_reached(case)))
            .filter(|(_, many)| *many > 0)
            .collect(),
        expected_missing: cases.iter().map(|case| missing(case.source)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_open_backward_and_forward() {
        let case = |source, contacts, contacts_reached| SourceOfCase { source, contacts, contacts_reached };
        let cases = [
            case(Source::Imported, 4, 4),
            case(Source::Supported { probability: 0.9 }, 3, 1),
            case(Source::Supported { probability: 0.6 }, 0, 0),
            case(Source::Unknown, 2, 2),
            case(Source::Confirmed, 1, 0),
        ];
        let ends = open_ends(&cases, 0.8);
        assert_eq!(ends.without_source, [2, 3]);
        assert_eq!(ends.contacts_not_reached, [(1, 2), (4, 1)]);
        assert!((ends.expected_missing - 1.5).abs() < 1e-12);
    }
}

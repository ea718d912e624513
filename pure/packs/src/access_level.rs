//! How closely records of a disease are kept. A disease that shames or endangers those who have it needs more than a
//! role and a territory.

cases::words! {
    /// From the least to the most closely kept; each includes what stands before it.
    AccessLevel, "access level" {
        /// Role and territory decide.
        Open = "open",
        /// Every reading of one record is written into the journal.
        Audited = "audited",
        /// Records are read only for a purpose that opens identities, a name only when a second person agrees; everybody
        /// else sees counts of events, small ones suppressed.
        Protected = "protected",
        /// Only accounts an administrator named for this disease, for a time; nobody else sees that there is anything.
        Closed = "closed",
    }
}

#[cfg(test)]
mod tests {
    use super::AccessLevel;

    #[test]
    fn a_closer_level_is_a_greater_one() {
        let ordered = [AccessLevel::Open, AccessLevel::Audited, AccessLevel::Protected, AccessLevel::Closed];
        assert!(ordered.is_sorted());
    }
}

//! How long air keeps what a case breathed out.

/// Minutes after the source has left until `share_removed` (0 to 1, such as 0.99) of what it left in the air of a room is gone,
/// at `air_changes` an hour and with perfect mixing. `None` without any change of air, or for a share that is never reached.
///
/// Real rooms mix badly and take longer, up to some three times. The germ may die sooner; that is the disease's to say.
///
/// # Source
/// CDC 2003, Guidelines for environmental infection control in health-care facilities, appendix B, table B.1
/// (docs/sources.md#cdc-air-2003).
pub fn minutes_to_clear(air_changes: f64, share_removed: f64) -> Option<u32> {
    let reachable = air_changes > 0.0 && (0.0..1.0).contains(&share_removed);
    reachable.then(|| (-(1.0 - share_removed).ln() / air_changes * 60.0).ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table B.1: air changes an hour, minutes to 99 % and to 99.9 %. It rounds to the nearest minute, we to the safe side.
    #[test]
    fn the_minutes_are_those_of_the_table() {
        for (air_changes, to_99, to_999) in
            [(2.0, 138, 207), (4.0, 69, 104), (6.0, 46, 69), (8.0, 35, 52), (12.0, 23, 35), (20.0, 14, 21)]
        {
            for (share, minutes) in [(0.99, to_99), (0.999, to_999)] {
                let ours = minutes_to_clear(air_changes, share).unwrap();
                assert!((minutes..=minutes + 1).contains(&ours), "{air_changes}: {ours}, {minutes}");
            }
        }
    }

    #[test]
    fn air_that_never_changes_never_clears() {
        assert_eq!(minutes_to_clear(0.0, 0.99), None);
        assert_eq!(minutes_to_clear(6.0, 1.0), None);
        assert_eq!(minutes_to_clear(f64::NAN, 0.99), None);
    }
}

//! Where a condition ceases to hold between two ends.

/// The last place at which it still held and the first at which it no longer did, to the last digit. It holds at `yes` and not at
/// `no`, whichever is higher.
pub(crate) fn turn(mut yes: f64, mut no: f64, holds: impl Fn(f64) -> bool) -> (f64, f64) {
    for _ in 0..100 {
        let middle = f64::midpoint(yes, no);
        if middle == yes || middle == no {
            break;
        }
        if holds(middle) { yes = middle } else { no = middle }
    }
    (yes, no)
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn it_is_found_from_either_side_to_the_last_digit() {
        let root = 2.0_f64.sqrt();
        for (yes, no, holds) in
            [(0.0, 2.0, (|x| x * x < 2.0) as fn(f64) -> bool), (2.0, 0.0, |x| x * x >= 2.0)]
        {
            let (last, first) = turn(yes, no, holds);
            assert!(holds(last) && !holds(first) && (last - first).abs() <= f64::EPSILON);
            assert!((last - root).abs() <= f64::EPSILON);
        }
    }
}

//! Finding the lowest point of a smooth function of two parameters, without derivatives.

type Point = [f64; 2];

/// The minimum near `start` with steps of `step`, or `None` when it had not settled after 2,000 evaluations.
///
/// # Source
/// Nelder and Mead 1965, "A simplex method for function minimization", The Computer Journal 7:308-313,
/// doi:10.1093/comjnl/7.4.308, with their coefficients: reflection 1, expansion 2, contraction and shrinkage
/// ½.
pub(crate) fn minimise(f: impl Fn(Point) -> f64, start: Point, step: Point) -> Option<(Point, f64)> {
    let evaluate = |point: Point| (point, f(point));
    let mut corners =
        [evaluate(start), evaluate([start[0] + step[0], start[1]]), evaluate([start[0], start[1] + step[1]])];
    for _ in 0..1_000 {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        if settled(&corners) {
            return Some(corners[0]);
        }
        let centre = between(corners[0].0, corners[1].0, 0.5);
        let worst = corners[2];
        // Beyond the centre, away from the worst corner: `reach` 1 mirrors it.
        let at = |reach: f64| evaluate(between(centre, worst.0, -reach));
        let mirrored = at(1.0);
        if mirrored.1 < corners[0].1 {
            let further = at(2.0);
            corners[2] = if further.1 < mirrored.1 { further } else { mirrored };
        } else if mirrored.1 < corners[1].1 {
            corners[2] = mirrored;
        } else {
            let closer = at(if mirrored.1 < worst.1 { 0.5 } else { -0.5 });
            if closer.1 < worst.1.min(mirrored.1) {
                corners[2] = closer;
            } else {
                let best = corners[0].0;
                corners[1] = evaluate(between(best, corners[1].0, 0.5));
                corners[2] = evaluate(between(best, corners[2].0, 0.5));
            }
        }
    }
    None
}

/// Heights equal to 1e-10 and corners within 1e-6 of each other: both, because a valley is flat along its
/// floor.
fn settled(corners: &[(Point, f64); 3]) -> bool {
    let flat = (corners[2].1 - corners[0].1).abs() <= 1e-10 * (1.0 + corners[0].1.abs());
    let small = corners[1..].iter().all(|corner| {
        (0..2).all(|i| (corner.0[i] - corners[0].0[i]).abs() <= 1e-6 * (1.0 + corners[0].0[i].abs()))
    });
    flat && small
}

fn between(a: Point, b: Point, share: f64) -> Point {
    [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_bent_valley_is_found() {
        // Rosenbrock 1960, the usual hard case: minimum 0 at (1, 1).
        let valley = |[x, y]: Point| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
        let ([x, y], height) = minimise(valley, [-1.2, 1.0], [0.5, 0.5]).unwrap();
        assert!((x - 1.0).abs() < 1e-4 && (y - 1.0).abs() < 1e-4 && height < 1e-8, "{x} {y} {height}");
    }

    #[test]
    fn a_slope_without_a_bottom_is_not_answered() {
        assert_eq!(minimise(|[x, _]| -x, [0.0, 0.0], [1.0, 1.0]), None);
    }
}

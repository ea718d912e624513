//! The final size: which share of people an outbreak will have infected when nothing is done and nothing changes.
//!
//! Deliberately absent: time, and chance; a small outbreak may die out long before.

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// People.
    pub size: f64,
    /// Share of them that can be infected at the start, 0 to 1.
    pub susceptible: f64,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FinalSizeError {
    #[error("{rows} rows and {groups} groups; the table needs one row and one column for every group")]
    Shape { rows: usize, groups: usize },
    #[error("`{value}` people infected by one case is no number of people; give 0 or more")]
    Infections { value: f64 },
    #[error(
        "a group of {size} people with a susceptible share of {susceptible} is none; sizes are above 0, shares 0 to 1"
    )]
    Group { size: f64, susceptible: f64 },
}

/// The share of each group that is infected in the end, of all its people. `infections[i][j]` is how many people of
/// group i one case of group j infects when everybody is susceptible (the next-generation matrix).
///
/// z_i = s_i (1 − exp(−Σ_j K_ij n_j z_j / n_i)); the largest solution, which is the one above 0 when there is one.
///
/// # Source
/// Kermack and McKendrick 1927, Proc R Soc A 115:700-721, doi:10.1098/rspa.1927.0118; several groups: Andreasen 2011,
/// Bull Math Biol 73:2305-2321, doi:10.1007/s11538-010-9623-3. z − s(1 − e^…) is convex, so that Newton's steps from
/// z = s fall to the largest solution without passing it.
pub fn final_size(infections: &[Vec<f64>], groups: &[Group]) -> Result<Vec<f64>, FinalSizeError> {
    refuse_the_senseless(infections, groups)?;
    let n = groups.len();
    // The force on group i per share of group j infected.
    let force: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| infections[i][j] * groups[j].size / groups[i].size).collect())
        .collect();
    let mut share: Vec<f64> = groups.iter().map(|group| group.susceptible).collect();
    // At the threshold itself Newton's steps only halve; 200 of them end at the last digit anyway.
    for _ in 0..200 {
        let escape: Vec<f64> = force
            .iter()
            .map(|row| (-row.iter().zip(&share).map(|(force, share)| force * share).sum::<f64>()).exp())
            .collect();
        let excess: Vec<f64> = (0..n).map(|i| share[i] - groups[i].susceptible * (1.0 - escape[i])).collect();
        let slope: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| f64::from(u8::from(i == j)) - groups[i].susceptible * escape[i] * force[i][j])
                    .collect()
            })
            .collect();
        let Some(step) = solve(slope, excess) else { break };
        let mut moved = 0.0_f64;
        for (share, step) in share.iter_mut().zip(step) {
            let next = (*share - step).clamp(0.0, 1.0);
            moved = moved.max((next - *share).abs());
            *share = next;
        }
        if moved < 1e-15 {
            break;
        }
    }
    Ok(share)
}

fn refuse_the_senseless(infections: &[Vec<f64>], groups: &[Group]) -> Result<(), FinalSizeError> {
    let square = infections.len() == groups.len() && infections.iter().all(|row| row.len() == groups.len());
    if !square || groups.is_empty() {
        return Err(FinalSizeError::Shape { rows: infections.len(), groups: groups.len() });
    }
    if let Some(value) = infections.iter().flatten().copied().find(|value| !(0.0..1e6).contains(value)) {
        return Err(FinalSizeError::Infections { value });
    }
    let bad = |group: &&Group| {
        !(group.size > 0.0 && group.size.is_finite() && (0.0..=1.0).contains(&group.susceptible))
    };
    match groups.iter().find(bad) {
        Some(Group { size, susceptible }) => {
            Err(FinalSizeError::Group { size: *size, susceptible: *susceptible })
        }
        None => Ok(()),
    }
}

/// Gaussian elimination with the largest pivot; `None` when there is none.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|x, y| a[*x][column].abs().total_cmp(&a[*y][column].abs()))?;
        if a[pivot][column].abs() < 1e-300 {
            return None;
        }
        a.swap(column, pivot);
        b.swap(column, pivot);
        let pivot = a[column].clone();
        for row in column + 1..n {
            let factor = a[row][column] / pivot[column];
            for (cell, above) in a[row].iter_mut().zip(&pivot) {
                *cell -= factor * above;
            }
            b[row] -= factor * b[column];
        }
    }
    for row in (0..n).rev() {
        for place in row + 1..n {
            b[row] -= a[row][place] * b[place];
        }
        b[row] /= a[row][row];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alone(reproduction: f64, susceptible: f64) -> f64 {
        final_size(&[vec![reproduction]], &[Group { size: 1_000.0, susceptible }]).unwrap()[0]
    }

    /// Keeling and Rohani 2008, Modeling Infectious Diseases, 2.1.1.2: R0 of 2 infects about 80 %; three digits from
    /// the equation.
    #[test]
    fn a_reproduction_number_of_two_infects_four_fifths() {
        assert!((alone(2.0, 1.0) - 0.796_812).abs() < 1e-6);
        assert!((alone(1.5, 1.0) - 0.582_812).abs() < 1e-6);
        assert!(alone(0.9, 1.0) < 1e-12 && alone(1.0, 1.0) < 1e-7 && alone(2.0, 0.5) < 1e-7);
    }

    #[test]
    fn a_table_that_is_not_square_is_refused() {
        let group = Group { size: 10.0, susceptible: 1.0 };
        assert!(
            final_size(&[vec![1.0]], &[group, group])
                .unwrap_err()
                .to_string()
                .contains("one column for every")
        );
        assert!(final_size(&[vec![-1.0]], &[group]).is_err());
    }

    proptest! {
        #[test]
        fn the_equation_holds_in_every_group(
            k in proptest::collection::vec(0.0..4.0_f64, 9),
            size in proptest::collection::vec(10.0..1e6_f64, 3),
            susceptible in proptest::collection::vec(0.1..1.0_f64, 3),
        ) {
            let infections: Vec<Vec<f64>> = k.chunks(3).map(<[f64]>::to_vec).collect();
            let groups: Vec<Group> =
                size.iter().zip(&susceptible).map(|(size, s)| Group { size: *size, susceptible: *s }).collect();
            let share = final_size(&infections, &groups).unwrap();
            for i in 0..3 {
                let force: f64 = (0..3).map(|j| infections[i][j] * size[j] * share[j] / size[i]).sum();
                prop_assert!((share[i] - susceptible[i] * -(-force).exp_m1()).abs() < 1e-9, "{share:?}");
            }
        }

        #[test]
        fn groups_that_mix_at_random_are_one_group(r in 0.5..6.0_f64, part in 0.05..0.95_f64) {
            let infections = [vec![r * part, r * part], vec![r * (1.0 - part), r * (1.0 - part)]];
            let groups = [part, 1.0 - part].map(|size| Group { size, susceptible: 1.0 });
            let share = final_size(&infections, &groups).unwrap();
            prop_assert!((share[0] - alone(r, 1.0)).abs() < 1e-6 && (share[1] - alone(r, 1.0)).abs() < 1e-6);
        }
    }
}

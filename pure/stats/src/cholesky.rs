//! Square roots of symmetric matrices, and what they solve. Matrices are rows one after another.
//!
//! Deliberately absent: matrices that are not symmetric.

/// L with L Lᵀ = the matrix, in its lower triangle.
#[derive(Debug, Clone)]
pub struct Cholesky {
    size: usize,
    lower: Vec<f64>,
    /// Rows that are sums of the rows before them, and are left out.
    aliased: Vec<bool>,
}

impl Cholesky {
    /// `None` unless the matrix is positive definite.
    pub fn of(matrix: &[f64], size: usize) -> Option<Cholesky> {
        let root = Cholesky::leaving_out_aliased(matrix, size)?;
        root.aliased.iter().all(|aliased| !aliased).then_some(root)
    }

    /// Rows that add nothing to those before them (a pivot below 1e-11 of their own length) are left out: what is solved for is 0
    /// there. `None` when the matrix is no sum of squares at all.
    ///
    /// # Source
    /// Golub and Van Loan 2013, Matrix Computations, algorithm 4.2.1 (row by row).
    pub fn leaving_out_aliased(matrix: &[f64], size: usize) -> Option<Cholesky> {
        let mut lower = vec![0.0; size * size];
        let mut aliased = vec![false; size];
        for row in 0..size {
            for column in 0..=row {
                let products: f64 =
                    (0..column).map(|k| lower[row * size + k] * lower[column * size + k]).sum();
                let left = matrix[row * size + column] - products;
                if !left.is_finite() {
                    return None;
                }
                if column < row {
                    lower[row * size + column] =
                        if aliased[column] { 0.0 } else { left / lower[column * size + column] };
                } else if left > 1e-11 * matrix[row * size + row].abs() && left > 0.0 {
                    lower[row * size + row] = left.sqrt();
                } else if left >= -1e-8 * matrix[row * size + row].abs() {
                    aliased[row] = true;
                    lower[row * size + row] = 1.0;
                    lower[row * size..row * size + row].fill(0.0);
                } else {
                    return None;
                }
            }
        }
        Some(Cholesky { size, lower, aliased })
    }

    /// The x with matrix · x = `right`.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let (size, lower) = (self.size, &self.lower);
        let mut x = right.to_vec();
        for row in 0..size {
            let done: f64 = (0..row).map(|k| lower[row * size + k] * x[k]).sum();
            x[row] = if self.aliased[row] { 0.0 } else { (x[row] - done) / lower[row * size + row] };
        }
        for row in (0..size).rev() {
            let done: f64 = (row + 1..size).map(|k| lower[k * size + row] * x[k]).sum();
            x[row] = if self.aliased[row] { 0.0 } else { (x[row] - done) / lower[row * size + row] };
        }
        x
    }

    /// The diagonal of the inverse: variances, when the matrix is an information.
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        let mut unit = vec![0.0; self.size];
        (0..self.size)
            .map(|place| {
                unit.fill(0.0);
                unit[place] = 1.0;
                self.solve(&unit)[place]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_equations_are_solved() {
        // The textbook example: L = [2 . .; 6 1 .; -8 5 3].
        let matrix = [4.0, 12.0, -16.0, 12.0, 37.0, -43.0, -16.0, -43.0, 98.0];
        let root = Cholesky::of(&matrix, 3).unwrap();
        let x = root.solve(&[-20.0, -43.0, 192.0]);
        for (x, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-10, "{x}");
        }
        assert!((root.inverse_diagonal()[2] - 1.0 / 9.0).abs() < 1e-12);
        assert!(Cholesky::of(&[1.0, 2.0, 2.0, 1.0], 2).is_none());
    }

    #[test]
    fn a_row_told_twice_counts_once() {
        let matrix = [2.0, 2.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 3.0];
        assert!(Cholesky::of(&matrix, 3).is_none());
        let x = Cholesky::leaving_out_aliased(&matrix, 3).unwrap().solve(&[3.0, 3.0, 4.0]);
        assert!((x[0] - 1.0).abs() < 1e-12 && x[1] == 0.0 && (x[2] - 1.0).abs() < 1e-12, "{x:?}");
    }
}

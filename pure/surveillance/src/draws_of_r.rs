//! Normal draws as R makes them after `set.seed`, so that results of its packages that rest on chance can be
//! compared digit by digit.
//!
//! Deliberately absent: any other use. Chance of our own comes from `base::Streams`.
//!
//! # Source
//! Mersenne Twister: Matsumoto and Nishimura 1998, ACM Trans Model Comput Simul 8:3-30, doi:10.1145/272991.272995.
//! Its seeding and the inversion of two uniforms of 27 and 32 bits: the manual of R, `?set.seed`, `?RNG`.

use stats::normal_quantile;

const WORDS: usize = 624;

pub(crate) struct DrawsOfR {
    words: [u32; WORDS],
    next: usize,
}

impl DrawsOfR {
    pub(crate) fn seeded(seed: u32) -> DrawsOfR {
        let congruent = |x: u32| x.wrapping_mul(69_069).wrapping_add(1);
        let mut x = (0..50).fold(seed, |x, _| congruent(x));
        // The first word after the scrambling is the place, which R then sets to "all used".
        x = congruent(x);
        let mut words = [0; WORDS];
        for word in &mut words {
            x = congruent(x);
            *word = x;
        }
        DrawsOfR { words, next: WORDS }
    }

    fn uniform(&mut self) -> f64 {
        if self.next == WORDS {
            self.turn();
        }
        let mut y = self.words[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^= y >> 18;
        // Never 0 or 1.
        (f64::from(y) * 2.328_306_436_538_696_3e-10)
            .clamp(2.328_306_437_080_797e-10, 1.0 - 2.328_306_437_080_797e-10)
    }

    fn turn(&mut self) {
        for k in 0..WORDS {
            let y = (self.words[k] & 0x8000_0000) | (self.words[(k + 1) % WORDS] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[k] = self.words[(k + 397) % WORDS] ^ (y >> 1) ^ odd;
        }
        self.next = 0;
    }

    pub(crate) fn normal(&mut self) -> f64 {
        const BIG: f64 = 134_217_728.0;
        let high = (BIG * self.uniform()).floor();
        normal_quantile((high + self.uniform()) / BIG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `set.seed(1); rnorm(3)`, the numbers every R user has seen.
    #[test]
    fn the_first_draws_after_seed_one_are_known_by_heart() {
        let mut draws = DrawsOfR::seeded(1);
        for known in [-0.626_453_810_742_332, 0.183_643_324_222_082, -0.835_628_612_410_047] {
            assert!((draws.normal() - known).abs() < 1e-13);
        }
    }
}

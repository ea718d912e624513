//! Chance by name. One seed, one stream per decision: adding a draw in one place moves no other.
//!
//! Not for secrets: anyone who knows the seed knows every draw.

use rand_core::TryRng;
use std::convert::Infallible;

/// A family of streams grown from one seed.
#[derive(Debug, Clone, Copy)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    pub fn seeded(seed: u64) -> Streams {
        Streams { seed }
    }

    /// The stream of one decision, such as `of("onset")`.
    pub fn of(&self, decision: &str) -> Stream {
        // FNV-1a of the name, so that the stream depends on the word alone.
        let name = decision.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Stream { state: self.seed ^ name }
    }
}

/// # Source
/// SplitMix64: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA, doi:10.1145/2714064.2660195.
#[derive(Debug, Clone)]
pub struct Stream {
    state: u64,
}

impl Stream {
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform on `[0, 1)`, 53 bits.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform on `0..n`; panics when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "nothing to choose from");
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub fn id_bits(&mut self) -> u128 {
        u128::from(self.bits()) << 64 | u128::from(self.bits())
    }
}

/// So that distributions of `rand_distr` draw from a stream.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for piece in to.chunks_mut(8) {
            let bits = self.bits().to_le_bytes();
            piece.copy_from_slice(&bits[..piece.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_and_name_alone() {
        let streams = Streams::seeded(2022);
        let first: Vec<u64> = std::iter::repeat_with({
            let mut s = streams.of("onset");
            move || s.bits()
        })
        .take(3)
        .collect();
        streams.of("other").bits();
        let mut again = streams.of("onset");
        assert_eq!(first, [again.bits(), again.bits(), again.bits()]);
        assert_ne!(first[0], streams.of("onset ").bits());
    }
}

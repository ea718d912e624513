//! Chance that comes back with its seed (Knuth's MMIX generator).

#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Dice {
        let mut dice = Dice(seed ^ 0x9e37_79b9_7f4a_7c15);
        dice.below(2);
        dice
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// An id as a sender makes it: 26 characters of Crockford's alphabet.
    pub fn id(&mut self, kind: &str) -> String {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        // The first carries three bits: 26 times five is two more than 128.
        let mut id = format!("{kind}_{}", char::from(LETTERS[self.below(8) as usize]));
        (0..25).for_each(|_| id.push(char::from(LETTERS[self.below(32) as usize])));
        id
    }
}

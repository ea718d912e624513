//! Passwords: argon2id, long rather than complicated (NIST SP 800-63B-4: no composition rules, no forced change).

use crate::access::Breached;
use crate::refuse::invalid;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use std::sync::OnceLock;
use store::{Error, Result, random_bits};

/// A password alone must have 15 characters (SP 800-63B-4, section 3.1.1.1). With a second factor 8 would do; but a factor
/// can be lost and taken away while the password stays, so the length is the same for everybody.
const SHORTEST: usize = 15;
const LONGEST: usize = 256;

pub fn hash_password(password: &str) -> Result<String> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(invalid(
            "access.password_length",
            "password",
            format!(
                "a password has {SHORTEST} to {LONGEST} characters; a sentence of your own is easy to remember"
            ),
            format!("密码须为 {SHORTEST} 至 {LONGEST} 个字符；一句自己的话最好记"),
        ));
    }
    // Argon2id, 19 MiB, 2 passes, 1 lane (OWASP's first choice); the settings stand in the hash.
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|fault| Error::Setup(fault.to_string()))
}

/// Refuses what a guesser tries first: words and patterns everybody uses, the person's own names, and what has leaked
/// elsewhere. Length alone lets `passwordpassword` through.
///
/// # Source
/// zxcvbn (Wheeler 2016, USENIX Security): a score of 3 means more than 10^8 guesses, "safely unguessable" behind a slow hash.
pub fn judge_password(password: &str, own: &[&str], breached: Option<&Breached>) -> Result<()> {
    if password.chars().count() < SHORTEST {
        return Ok(()); // Said by `hash_password`, with the length it needs.
    }
    let own: Vec<&str> =
        own.iter().flat_map(|text| text.split(['.', '_', '-', '@', ' ']).chain([*text])).collect();
    if zxcvbn::zxcvbn(password, &own).score() < zxcvbn::Score::Three {
        return Err(invalid(
            "access.password_weak",
            "password",
            "this password is easy to guess (common words, patterns or your own name); take four or five words that do not belong together",
            "该密码容易被猜中（常用词、规律或本人姓名）；请用四五个互不相关的词",
        ));
    }
    let leaked = breached.map(|list| list.holds(password)).transpose();
    if leaked.map_err(|fault| Error::Setup(format!("the list of leaked passwords: {fault}")))? == Some(true) {
        return Err(invalid(
            "access.password_breached",
            "password",
            "this password has leaked elsewhere and is on the lists that guessers use; choose another",
            "该密码已在别处泄露，在攻击者使用的名单上；请换一个",
        ));
    }
    Ok(())
}

/// Compares against a stored hash; without an account, against nobody's, so that both take the same time.
pub fn password_fits(password: &str, stored: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let hash = match stored {
        Some(hash) => hash,
        None => NOBODY.get_or_init(|| hash_password(&invent_password()).unwrap_or_default()),
    };
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && stored.is_some()
}

/// Five groups of four letters and digits, about 100 bits, for demo accounts and resets.
pub fn invent_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789a";
    let mut bits = random_bits();
    let mut groups = Vec::new();
    for _ in 0..5 {
        let mut group = String::new();
        for _ in 0..4 {
            group.push(char::from(LETTERS[(bits & 31) as usize]));
            bits >>= 5;
        }
        groups.push(group);
    }
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits() {
        let hash = hash_password("a quiet street in Taigu").unwrap();
        assert!(password_fits("a quiet street in Taigu", Some(&hash)));
        assert!(!password_fits("a quiet street in Yuci", Some(&hash)));
        assert!(!password_fits("a quiet street in Taigu", None));
    }

    #[test]
    fn what_a_guesser_tries_first_is_refused() {
        let own = ["zhang.min", "Zhang Min"];
        for weak in [
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaaa",
            "zhangminzhangmin",
            "123456789012345678",
            "qwertyuiopasdfgh",
        ] {
            let refusal = judge_password(weak, &own, None).unwrap_err();
            assert_eq!(refusal.refusal().unwrap().code, "access.password_weak", "{weak}");
        }
        for good in ["a quiet street in Taigu", "三更半夜还在排查密接者的行程轨迹", &invent_password()]
        {
            judge_password(good, &own, None).unwrap();
        }
    }

    #[test]
    fn a_short_password_is_refused_with_the_length_it_needs() {
        let refusal = hash_password("short").unwrap_err();
        assert_eq!(refusal.refusal().unwrap().code, "access.password_length");
    }
}

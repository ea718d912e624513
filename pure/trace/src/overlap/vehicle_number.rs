//! One way of writing the number of a train, flight or coach, so that two lists speak of the same run.

/// Words that stand behind a number and are no part of it: `G604次`, `MU2331航班`, `12号`.
const BEHIND: [&str; 5] = ["次列车", "次", "列车", "航班", "号"];

/// Letters and digits, capital and of plain width, without what stands behind the number: `g 604次` is `G604`. Chinese letters
/// stay: coaches bear them, and line 3 of one town is not line 3 of the next.
pub fn vehicle_number(text: &str) -> String {
    let plain: String = text.chars().map(super::told_rides::plain).filter(|c| c.is_alphanumeric()).collect();
    let mut number = plain.as_str();
    while let Some(shorter) = BEHIND.iter().find_map(|word| number.strip_suffix(word)) {
        number = shorter;
    }
    number.to_owned()
}

#[cfg(test)]
mod tests {
    use super::vehicle_number;

    #[test]
    fn one_train_is_one_run_however_it_is_written() {
        for text in ["G604", "g 604", "Ｇ６０４次", "G-604次列车", " g604 次 "] {
            assert_eq!(vehicle_number(text), "G604", "{text}");
        }
        assert_eq!(vehicle_number("MU2331航班"), "MU2331");
        assert_eq!(vehicle_number("晋K·12345"), "晋K12345");
        assert_ne!(vehicle_number("太谷3路"), vehicle_number("榆次3路"));
        assert_eq!(vehicle_number(" – "), "");
    }
}

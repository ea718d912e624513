//! What holds in a place: rows of the place and of everything in it, and rows of what it is a part of.

use base::Territory;
use store::Value;

/// The condition on a column `territory`, and its parameters; the first of them is `$first`.
pub(crate) fn holding_or_within(place: &Territory, first: usize) -> (String, Vec<Value>) {
    let (from, past) = place.range();
    let mut values = vec![Value::from(from), Value::from(past)];
    let above: Vec<String> =
        (0..place.depth()).map(|depth| place.at_depth(depth).path().to_owned()).collect();
    let mut sql = format!("(territory >= ${first} AND territory < ${})", first + 1);
    if !above.is_empty() {
        let list: Vec<String> = (0..above.len()).map(|at| format!("${}", first + 2 + at)).collect();
        sql = format!("({sql} OR territory IN ({}))", list.join(", "));
        values.extend(above.into_iter().map(Value::from));
    }
    (sql, values)
}

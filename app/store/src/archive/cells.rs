//! One value as bytes: a tag, and then as many bytes as the tag or a length says.

use crate::Value;
use std::io::{self, Read};

pub(super) fn put(value: &Value, out: &mut Vec<u8>) {
    let mut long = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    match value {
        Value::Text(text) => long(3, text.as_bytes()),
        Value::Bytes(bytes) => long(4, bytes),
        Value::Null => out.push(0),
        Value::Int(number) => {
            out.push(1);
            out.extend(number.to_le_bytes());
        }
        Value::Real(number) => {
            out.push(2);
            out.extend(number.to_le_bytes());
        }
    }
}

pub(super) fn take(from: &mut impl Read) -> io::Result<Value> {
    Ok(match take_array::<1>(from)?[0] {
        0 => Value::Null,
        1 => Value::Int(i64::from_le_bytes(take_array(from)?)),
        2 => Value::Real(f64::from_le_bytes(take_array(from)?)),
        3 => Value::Text(String::from_utf8(take_long(from)?).map_err(|_| odd("a text is not UTF-8"))?),
        4 => Value::Bytes(take_long(from)?),
        _ => return Err(odd("a value of no known kind")),
    })
}

fn take_array<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads no more than there is: a length that lies ends at the end of the part instead of asking for the memory it claims.
fn take_long(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = u64::from_le_bytes(take_array(from)?);
    let mut bytes = Vec::new();
    let read = from.by_ref().take(length).read_to_end(&mut bytes)?;
    if read as u64 == length { Ok(bytes) } else { Err(odd("a value goes on past the end of its part")) }
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::{put, take};
    use crate::Value;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let values = [
            Value::Null,
            Value::Int(i64::MIN),
            Value::Real(-0.0),
            Value::Text("太谷\n".to_owned()),
            Value::Text(String::new()),
            Value::Bytes(vec![0, 255]),
        ];
        let mut bytes = Vec::new();
        values.iter().for_each(|value| put(value, &mut bytes));
        let mut from = bytes.as_slice();
        for value in &values {
            assert_eq!(&take(&mut from).unwrap(), value);
        }
        assert!(from.is_empty());
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        let mut bytes = vec![3];
        bytes.extend(u64::MAX.to_le_bytes());
        assert!(take(&mut bytes.as_slice()).is_err());
    }
}

//! MLLP, the envelope of messages on a connection: a byte before, two bytes after.

const BEGIN: u8 = 0x0B;
const END: [u8; 2] = [0x1C, 0x0D];

pub fn frame(message: &str) -> Vec<u8> {
    [&[BEGIN], message.as_bytes(), &END].concat()
}

/// Takes the first whole message out of what has come so far. What stands before its beginning belongs to none and goes.
pub fn take_frame(arrived: &mut Vec<u8>) -> Option<Vec<u8>> {
    let Some(begin) = arrived.iter().position(|byte| *byte == BEGIN) else {
        arrived.clear();
        return None;
    };
    arrived.drain(..begin);
    let end = arrived.windows(2).position(|pair| pair == END)?;
    let message = arrived[1..end].to_vec();
    arrived.drain(..end + 2);
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_of_the_stream_as_they_were_put_in_however_it_is_cut() {
        let stream = [b"noise".to_vec(), frame("MSH|a"), frame("MSH|b\r"), vec![BEGIN, b'x']].concat();
        for piece in 1..stream.len() {
            let (mut arrived, mut met) = (Vec::new(), Vec::new());
            for part in stream.chunks(piece) {
                arrived.extend_from_slice(part);
                while let Some(message) = take_frame(&mut arrived) {
                    met.push(String::from_utf8(message).unwrap());
                }
            }
            assert_eq!(met, ["MSH|a", "MSH|b\r"]);
            assert_eq!(arrived, [BEGIN, b'x']);
        }
    }
}

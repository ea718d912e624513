//! Which characters the bytes of a text file mean, decided by the bytes alone and reported.
//!
//! The rule, in order:
//!
//! 1. what the person said;
//! 2. a byte order mark;
//! 3. UTF-16 without a mark, when every other byte is zero;
//! 4. UTF-8, when the whole file is valid, or when its faults are fewer than one in twenty of its
//!    multi-byte characters;
//! 5. GB18030, when bytes above 0x80 stand together: Chinese text writes them in pairs, Western text
//!    singly between letters;
//! 6. windows-1250, when bytes occur that are letters of Central Europe there and signs (¹ ³ ¾ £) or
//!    nothing in windows-1252, or š and ž, which hardly any language of windows-1252 uses;
//! 7. windows-1252.

use crate::FileError;
use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252};
use std::{io, sync::Arc};

/// Bytes of output that any one character fits in, with room to spare (UTF-8 needs 4, the decoder asks for a
/// few more).
const ROOM: usize = 8;
/// Bytes looked at for rules 3, 5 and 6. A list shows its language long before a megabyte.
const LOOK: usize = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    pub encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub mark: usize,
}

pub fn decide(bytes: &[u8], said: Option<&str>) -> Result<Decided, FileError> {
    let marked = Encoding::for_bom(bytes);
    if let Some(label) = said {
        let encoding = Encoding::for_label(label.as_bytes())
            .ok_or_else(|| FileError::UnknownEncoding(label.to_owned()))?;
        // A mark of the encoding that was said is no character of the first header.
        let mark = marked.filter(|(found, _)| *found == encoding).map_or(0, |(_, mark)| mark);
        return Ok(Decided { encoding, mark });
    }
    if let Some((encoding, mark)) = marked {
        return Ok(Decided { encoding, mark });
    }
    let look = &bytes[..bytes.len().min(LOOK)];
    let encoding = utf_16(look).unwrap_or_else(|| if is_utf_8(bytes) { UTF_8 } else { by_bytes(look) });
    Ok(Decided { encoding, mark: 0 })
}

/// Digits, separators and line ends are in every list, and half of each is zero in UTF-16.
fn utf_16(look: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| look.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), look.len() / 2);
    if half < 4 {
        return None;
    }
    // A third of one half, and hardly any of the other: stray NUL bytes are spread over both.
    if odd * 3 > half && even * 20 < half {
        Some(UTF_16LE)
    } else if even * 3 > half && odd * 20 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn is_utf_8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // Continuation bytes are counted out: each multi-byte character has one leading byte.
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good > bad * 20
}

fn by_bytes(look: &[u8]) -> &'static Encoding {
    let high = |at: Option<&u8>| at.is_some_and(|byte| *byte >= 0x81);
    let (mut all, mut together, mut central) = (0_usize, 0_usize, 0_usize);
    for (place, byte) in look.iter().enumerate().filter(|(_, byte)| **byte >= 0x80) {
        all += 1;
        let before = place.checked_sub(1).and_then(|at| look.get(at));
        let after = look.get(place + 1);
        if high(before) || high(after) {
            together += 1;
        }
        let letter = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0xC0);
        if CENTRAL.contains(byte) && (letter(before) || letter(after)) {
            central += 1;
        }
    }
    // Nine in ten: Western text has doubled accents now and then, Chinese text a lone byte only when it is
    // damaged.
    if together * 10 >= all * 9 && gb18030_faults(look) * 50 <= all {
        GB18030
    } else if central * 20 > all {
        WINDOWS_1250
    } else {
        WINDOWS_1252
    }
}

/// Š Ž š ž, and letters of windows-1250 where windows-1252 has signs or nothing: Ť Ź ť Ł Ą Ş Ż ł ą ş Ľ ľ ż.
const CENTRAL: [u8; 18] = [
    0x8A, 0x8E, 0x9A, 0x9E, 0x8D, 0x8F, 0x9D, 0xA3, 0xA5, 0xAA, 0xAF, 0xB3, 0xB9, 0xBA, 0xBC, 0xBE, 0xBF,
    0x9F,
];

fn gb18030_faults(look: &[u8]) -> usize {
    let mut decoded = Decoded::new(Arc::from(look), Decided { encoding: GB18030, mark: 0 });
    let mut sink = [0_u8; 8192];
    while io::Read::read(&mut decoded, &mut sink).is_ok_and(|read| read > 0) {}
    usize::try_from(decoded.replaced).unwrap_or(usize::MAX)
}

/// The file as UTF-8, decoded piece by piece. Characters that do not exist are replaced by `�` and counted.
pub struct Decoded {
    bytes: Arc<[u8]>,
    at: usize,
    decoder: encoding_rs::Decoder,
    /// A replacement character that is still to be written.
    owed: bool,
    finished: bool,
    /// Decoded bytes that did not fit where they were wanted.
    spare: Vec<u8>,
    pub replaced: u64,
}

impl Decoded {
    pub fn new(bytes: Arc<[u8]>, decided: Decided) -> Decoded {
        Decoded {
            bytes,
            at: decided.mark,
            decoder: decided.encoding.new_decoder_without_bom_handling(),
            owed: false,
            finished: false,
            spare: Vec::new(),
            replaced: 0,
        }
    }
}

impl io::Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.spare.is_empty() {
            let moved = out.len().min(self.spare.len());
            out[..moved].copy_from_slice(&self.spare[..moved]);
            self.spare.drain(..moved);
            return Ok(moved);
        }
        // The decoder needs room for a character; a smaller buffer is served from a spare one.
        if out.len() < ROOM && !out.is_empty() {
            let mut spare = [0_u8; 64];
            let filled = self.decode(&mut spare);
            self.spare.extend_from_slice(&spare[..filled]);
            return if filled == 0 { Ok(0) } else { self.read(out) };
        }
        Ok(self.decode(out))
    }
}

impl Decoded {
    fn decode(&mut self, out: &mut [u8]) -> usize {
        let mut written = 0;
        while !self.finished && out.len() - written >= ROOM {
            if std::mem::take(&mut self.owed) {
                out[written..written + 3].copy_from_slice("\u{FFFD}".as_bytes());
                written += 3;
                continue;
            }
            let (result, read, wrote) = self.decoder.decode_to_utf8_without_replacement(
                &self.bytes[self.at..],
                &mut out[written..],
                true,
            );
            self.at += read;
            written += wrote;
            match result {
                DecoderResult::InputEmpty => self.finished = true,
                DecoderResult::OutputFull => break,
                DecoderResult::Malformed(..) => {
                    self.replaced += 1;
                    self.owed = true;
                }
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn check(text: &str, encoding: &'static Encoding) {
        let (bytes, _, lost) = encoding.encode(text);
        assert!(!lost, "{text} cannot be written in {}", encoding.name());
        let decided = decide(&bytes, None).unwrap();
        assert_eq!(decided.encoding, encoding, "{text}");
        let mut read = String::new();
        let mut decoded = Decoded::new(Arc::from(bytes.as_ref()), decided);
        decoded.read_to_string(&mut read).unwrap();
        assert_eq!((read.as_str(), decoded.replaced), (text, 0));
    }

    #[test]
    fn each_encoding_is_known_by_its_bytes() {
        check("病例编号,姓名,性别\n1,王某,女\n", UTF_8);
        check("病例编号,姓名,性别,发病日期\n1,王某,女,2022-02-21\n", GB18030);
        check("okres;počet;poznámka\nŽilina;3;ľahký priebeh\nKošice;5;ťažký\n", WINDOWS_1250);
        check("Landkreis;Straße;Größe\nMünchen;Königsallee;3\n", WINDOWS_1252);
        check("case_id,age\n1,59\n", UTF_8);
    }

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        for (mark, order) in [(false, UTF_16LE), (true, UTF_16LE), (false, UTF_16BE), (true, UTF_16BE)] {
            let text = "id,性别\r\n1,女\r\n22,男\r\n";
            let text = if mark { format!("\u{FEFF}{text}") } else { text.to_owned() };
            let units = text.encode_utf16();
            let bytes: Vec<u8> = if order == UTF_16LE {
                units.flat_map(u16::to_le_bytes).collect()
            } else {
                units.flat_map(u16::to_be_bytes).collect()
            };
            assert_eq!(decide(&bytes, None).unwrap().encoding, order);
        }
    }

    #[test]
    fn a_few_broken_bytes_do_not_make_a_utf_8_file_chinese_or_polish() {
        let mut bytes = "太谷区,晋中市,山西省,女,男,太谷区,晋中市,山西省\n".repeat(3).into_bytes();
        bytes.push(0xFF);
        let decided = decide(&bytes, None).unwrap();
        assert_eq!(decided.encoding, UTF_8);
        let mut decoded = Decoded::new(Arc::from(bytes), decided);
        let mut read = String::new();
        decoded.read_to_string(&mut read).unwrap();
        assert_eq!(decoded.replaced, 1);
        assert!(read.ends_with('\u{FFFD}'));
    }

    #[test]
    fn an_encoding_nobody_knows_is_refused_with_the_ones_that_are_known() {
        assert_eq!(decide(b"a", Some("klingon")).unwrap_err().code(), "file.unknown_encoding");
        assert_eq!(decide(b"a", Some("gbk")).unwrap().encoding.name(), "GBK");
    }
}

//! What a zipped workbook unpacks to, looked over before anything of it is kept. A few kilobytes can ask for gigabytes in
//! more than one way: by unpacking to them, by a million names, by one text without end, by millions of small texts. Each
//! part is unpacked into nothing here, and counted; what it declares about itself need not be true.

use super::{Bytes, archive, damaged};
use crate::{Caps, FileError};
use std::io::Read;

/// A workbook has some dozens; one with pictures on every row some thousands.
const MOST_PARTS: u64 = 20_000;

/// The longest cell is 32,767 characters, a hundred kilobytes at most; a row's markup is shorter.
const LONGEST_PIECE: usize = 1_000_000;

/// Shared texts lie in memory while a workbook is read, each with some fifty bytes of its own.
const SHARED_TEXT_BYTES: u64 = 150_000_000;
const SHARED_TEXTS: u64 = 2_000_000;

/// Real sheets pack ten to sixty times smaller. Past the first megabytes more than this is made to break something.
const PACKED_AT_MOST: u64 = 100;
const SMALL: u64 = 20_000_000;

/// The end of a zip says how many parts there are (APPNOTE 4.3.16); asked before the names of all are read into memory.
pub fn few_enough(bytes: &[u8]) -> Result<(), FileError> {
    let tail = &bytes[bytes.len().saturating_sub(22 + 65_535)..];
    let end = tail.windows(4).rposition(|sign| sign == b"PK\x05\x06");
    let count = end.and_then(|at| tail.get(at + 10..at + 12));
    let count = count.map_or(0, |count| u64::from(u16::from_le_bytes([count[0], count[1]])));
    // 65,535 means: more, and written elsewhere.
    if count > MOST_PARTS { Err(FileError::TooManyParts { cap: MOST_PARTS }) } else { Ok(()) }
}

pub fn check_unpacked(bytes: &Bytes, caps: &Caps) -> Result<(), FileError> {
    let mut archive = archive(bytes)?;
    let mut all = 0_u64;
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.into_owned();
        let of_xml =
            std::path::Path::new(&name).extension().is_some_and(|kind| kind == "xml" || kind == "rels");
        if !of_xml {
            continue;
        }
        let shared = name.ends_with("sharedStrings.xml");
        let most = if shared { SHARED_TEXT_BYTES } else { caps.unpacked_bytes };
        let bounds = Bounds {
            bytes: caps.unpacked_bytes.saturating_sub(all).min(most),
            told: caps.unpacked_bytes,
            packed: part.compressed_size(),
            texts: if shared { SHARED_TEXTS } else { u64::MAX },
        };
        all += look_over(&mut part, &bounds)?;
    }
    Ok(())
}

struct Bounds {
    bytes: u64,
    /// What a person is told it was: what one part may hold depends on the parts before it.
    told: u64,
    packed: u64,
    texts: u64,
}

/// Reads a part to its end, keeps nothing, and gives its length.
fn look_over(part: &mut impl Read, bounds: &Bounds) -> Result<u64, FileError> {
    let mut block = vec![0; 64 * 1024];
    let (mut read, mut pieces) = (0_u64, Pieces::default());
    loop {
        let length = part.read(&mut block).map_err(damaged)?;
        if length == 0 {
            return Ok(read);
        }
        read += length as u64;
        if read > bounds.bytes || (read > SMALL && read / PACKED_AT_MOST > bounds.packed) {
            return Err(FileError::UnpacksTooLarge { cap: bounds.told });
        }
        pieces.follow(&block[..length])?;
        if pieces.texts > bounds.texts {
            return Err(FileError::TooManyCells { cap: bounds.texts });
        }
    }
}

/// Follows the markup: how long the present piece is (a text, a tag, a remark), and how many texts there were. What a
/// reader of XML must hold at once is one piece.
#[derive(Default)]
struct Pieces {
    inside: Inside,
    length: usize,
    /// The beginning of a tag, and the last bytes of a remark, by which it is known.
    first: [u8; 9],
    last: [u8; 2],
    texts: u64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Inside {
    #[default]
    Text,
    Tag,
    Remark,
    Raw,
}

impl Pieces {
    fn follow(&mut self, block: &[u8]) -> Result<(), FileError> {
        for &byte in block {
            if self.length > LONGEST_PIECE {
                return Err(FileError::Damaged { reason: "a text without end".to_owned() });
            }
            match self.inside {
                Inside::Text if byte == b'<' => self.begin(Inside::Tag),
                Inside::Text => self.length += 1,
                Inside::Tag => self.tag(byte)?,
                Inside::Remark => self.until(byte, b"--"),
                Inside::Raw => self.until(byte, b"]]"),
            }
        }
        Ok(())
    }

    fn begin(&mut self, inside: Inside) {
        self.inside = inside;
        self.length = 0;
    }

    fn tag(&mut self, byte: u8) -> Result<(), FileError> {
        if let Some(place) = self.first.get_mut(self.length) {
            *place = byte;
        }
        self.length += 1;
        match (self.length, &self.first[..]) {
            (3, [b'!', b'-', b'-', ..]) => self.begin(Inside::Remark),
            (8, b"![CDATA[\0") => self.begin(Inside::Raw),
            (8, [b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', _]) => self.begin(Inside::Raw),
            // Definitions of one's own words, which grow when they are used; no spreadsheet program writes them.
            (8, [b'!', b'D', b'O', b'C', b'T', b'Y', b'P', b'E', _]) => {
                return Err(FileError::Damaged { reason: "it defines entities".to_owned() });
            }
            _ if byte == b'>' => {
                if matches!(&self.first[..3], [b's', b'i', b'>' | b' ' | b'/']) {
                    self.texts += 1;
                }
                self.begin(Inside::Text);
            }
            _ => {}
        }
        Ok(())
    }

    fn until(&mut self, byte: u8, before: &[u8; 2]) {
        if byte == b'>' && self.last == *before {
            self.begin(Inside::Text);
        }
        self.last = [self.last[1], byte];
        self.length += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_over(text: &[u8], packed: u64) -> Result<u64, FileError> {
        look_over(&mut &text[..], &Bounds { bytes: 100_000_000, told: 100_000_000, packed, texts: 3 })
    }

    #[test]
    fn ordinary_markup_passes() {
        let text = b"<?xml version=\"1.0\"?><sst><!-- a <remark> > --><si><t>a &amp; b</t></si><si/>\
                     <![CDATA[ <si> ]] > ]]><size>7</size></sst>";
        assert_eq!(looked_over(text, 1).unwrap(), text.len() as u64);
    }

    #[test]
    fn texts_are_counted() {
        assert!(looked_over(&b"<si><t>a</t></si>".repeat(3), 1).is_ok());
        assert_eq!(looked_over(&b"<si><t>a</t></si>".repeat(4), 1), Err(FileError::TooManyCells { cap: 3 }));
    }

    #[test]
    fn a_piece_without_end_is_not_held() {
        let long = vec![b'x'; LONGEST_PIECE + 2];
        for before in ["", "<t a=\"", "<!--", "<![CDATA["] {
            let text = [before.as_bytes(), &long].concat();
            assert!(matches!(looked_over(&text, 1_000_000), Err(FileError::Damaged { .. })), "{before}");
        }
    }

    #[test]
    fn own_words_are_refused() {
        let text = b"<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY a \"&lol;&lol;\">]><sst>&a;</sst>";
        assert!(matches!(looked_over(text, 1), Err(FileError::Damaged { .. })));
    }

    #[test]
    fn what_packs_too_well_is_refused_early() {
        let text = b"<c r=\"A1\"/>".repeat(2_000_000);
        assert!(looked_over(&text, 1_000_000).is_ok());
        assert!(matches!(looked_over(&text, 20_000), Err(FileError::UnpacksTooLarge { .. })));
    }
}

//! The separators a message chose for itself, and the escapes that let its texts contain them.

use encoding_rs::Encoding;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy)]
pub struct Signs {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: Option<char>,
    pub subcomponent: Option<char>,
    /// In which the bytes of `\X…\` are.
    pub encoding: &'static Encoding,
}

impl Signs {
    /// From the first line of a message. `None` when two are equal, or one could be part of a word.
    pub fn of_header(line: &str, encoding: &'static Encoding) -> Option<Signs> {
        let mut signs = line.get(3..)?.chars();
        let field = signs.next()?;
        let others: Vec<char> = signs.take_while(|sign| *sign != field).collect();
        let signs = Signs {
            field,
            component: *others.first()?,
            repetition: *others.get(1)?,
            escape: others.get(2).copied(),
            subcomponent: others.get(3).copied(),
            encoding,
        };
        let mut all: Vec<char> = others.iter().copied().chain([field]).collect();
        let usable = all.iter().all(|sign| sign.is_ascii_punctuation() && *sign != '"');
        let many = all.len();
        all.sort_unstable();
        all.dedup();
        // The fifth, since version 2.7, marks texts that were cut.
        (usable && all.len() == many && many <= 6).then_some(signs)
    }

    /// The text as it was meant. Escapes that only lay out a text (highlighting) go; those of alphabets and of the
    /// sender's own invention stay as they came.
    pub fn unescape(&self, text: &str) -> String {
        let Some(escape) = self.escape.filter(|escape| text.contains(*escape)) else {
            return text.to_owned();
        };
        let mut plain = String::with_capacity(text.len());
        let mut bytes: Vec<u8> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(escape) {
            if !before.is_empty() {
                self.settle(&mut bytes, &mut plain);
                plain.push_str(before);
            }
            let Some((inside, next)) = after.split_once(escape) else {
                // An escape sign that nothing closes is a sign like any other.
                self.settle(&mut bytes, &mut plain);
                plain.push(escape);
                rest = after;
                break;
            };
            rest = next;
            match hex(inside) {
                Some(more) => bytes.extend(more),
                None => {
                    self.settle(&mut bytes, &mut plain);
                    self.put(inside, escape, &mut plain);
                }
            }
        }
        self.settle(&mut bytes, &mut plain);
        plain.push_str(rest);
        plain
    }

    /// Bytes given one escape after the other are one text: a character may take several.
    fn settle(&self, bytes: &mut Vec<u8>, plain: &mut String) {
        if !bytes.is_empty() {
            plain.push_str(&self.encoding.decode_without_bom_handling(bytes).0);
            bytes.clear();
        }
    }

    fn put(&self, inside: &str, escape: char, plain: &mut String) {
        match inside {
            "F" => plain.push(self.field),
            "S" => plain.push(self.component),
            "T" => plain.push(self.subcomponent.unwrap_or('&')),
            "R" => plain.push(self.repetition),
            "E" => plain.push(escape),
            "H" | "N" => {}
            ".br" | ".sp" => plain.push('\n'),
            other => {
                plain.push(escape);
                plain.push_str(other);
                plain.push(escape);
            }
        }
    }
}

fn hex(inside: &str) -> Option<Vec<u8>> {
    let digits = inside.strip_prefix('X').filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    let digits = digits.as_bytes();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.chunks(2).map(|pair| Some(value(pair[0])? * 16 + value(pair[1])?)).collect()
}

/// A text as one part of a message: separators, control characters and outer blanks escaped, so that it comes back as it
/// was.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let special = |sign: char| "|^~\\&".contains(sign) || sign.is_control();
    let blank_ends = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    // Two quotation marks alone would say: delete what you have.
    if !text.contains(special) && !blank_ends && text != "\"\"" {
        return Cow::Borrowed(text);
    }
    let inner = text.trim();
    let from = text.len() - text.trim_start().len();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, sign) in text.char_indices() {
        let outside = at < from || at >= from + inner.len();
        match sign {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            _ if sign.is_control() || outside || text == "\"\"" => {
                out.push_str("\\X");
                let mut room = [0; 4];
                for byte in sign.encode_utf8(&mut room).bytes() {
                    out.push_str(&format!("{byte:02X}"));
                }
                out.push('\\');
            }
            _ => out.push(sign),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GB18030, UTF_8};
    use proptest::prelude::*;

    const OURS: Signs = Signs {
        field: '|',
        component: '^',
        repetition: '~',
        escape: Some('\\'),
        subcomponent: Some('&'),
        encoding: UTF_8,
    };

    #[test]
    fn a_message_chooses_its_own_signs() {
        let signs = Signs::of_header("MSH!:*%$!LAB", UTF_8).unwrap();
        assert_eq!((signs.field, signs.component, signs.repetition), ('!', ':', '*'));
        assert_eq!(signs.unescape("a%F%b%S%c%R%d%E%e%T%f"), "a!b:c*d%e$f");
        for bad in ["MSH", "MSH|", "MSH|^|", "MSH|^^\\&|", "MSH|^~\\&#+|", "MSHa^~\\&a", "MSH|^~ &|"] {
            assert!(Signs::of_header(bad, UTF_8).is_none(), "{bad}");
        }
    }

    #[test]
    fn escapes_are_read_as_they_were_meant() {
        assert_eq!(OURS.unescape(r"CT \T\ MRI\.br\two\X0D0A\lines\H\!\N\"), "CT & MRI\ntwo\r\nlines!");
        assert_eq!(OURS.unescape(r"\C2842\ \Zown\ C:\ lone"), r"\C2842\ \Zown\ C:\ lone");
        assert_eq!(OURS.unescape(r"\XE7\\X97\\X85\"), "病");
        assert_eq!(Signs { encoding: GB18030, ..OURS }.unescape(r"\XB2A1\"), "病");
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back(text in "[\\PC\n\t\u{3000}|^~\\\\&\" ]{0,40}") {
            let written = escaped(&text);
            prop_assert!(!written.contains(['|', '^', '&', '~', '\r', '\n']));
            prop_assert_eq!(written.trim(), written.as_ref());
            prop_assert_eq!(OURS.unescape(&written), text);
        }
    }
}

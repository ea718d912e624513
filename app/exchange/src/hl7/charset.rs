//! Which characters the bytes of a message are: what MSH-18 says when the bytes agree, otherwise what the bytes say.

use crate::{Complaint, Place, ReportFault, encoding};
use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, ISO_8859_15, UTF_8, WINDOWS_1252, WINDOWS_1254,
};
use linelist::Severity;
use std::borrow::Cow;

pub struct Text<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static Encoding,
    pub complaints: Vec<Complaint>,
}

enum Said {
    Nothing,
    Known(&'static Encoding),
    Unknown(String),
}

pub fn decode(message: &[u8]) -> Text<'_> {
    let mut complaints = Vec::new();
    let said = said(message);
    let mut doubt = |fault| complaints.push(Complaint { place: place(), severity: Severity::Warning, fault });
    let guessed = || encoding::decide(message, None).map_or(UTF_8, |decided| decided.encoding);
    let encoding = match said {
        Said::Known(encoding) => encoding,
        Said::Nothing if message.is_ascii() => UTF_8,
        Said::Nothing => {
            let read = guessed();
            doubt(ReportFault::OtherEncoding { read: read.name().to_owned() });
            read
        }
        Said::Unknown(said) => {
            doubt(ReportFault::UnknownEncoding { said });
            guessed()
        }
    };
    let (text, damaged) = encoding.decode_without_bom_handling(message);
    if !damaged {
        return Text { text, encoding, complaints };
    }
    let other = guessed();
    let (second, still_damaged) = other.decode_without_bom_handling(message);
    if other != encoding && !still_damaged {
        doubt(ReportFault::OtherEncoding { read: other.name().to_owned() });
        return Text { text: second, encoding: other, complaints };
    }
    let count = text.matches('\u{FFFD}').count() as u64;
    doubt(ReportFault::Replaced { count, encoding: encoding.name().to_owned() });
    Text { text, encoding, complaints }
}

fn place() -> Place {
    Place::Segment { segment: "MSH".to_owned(), sequence: 1, field: 18, repetition: 1, component: 0 }
}

/// Read from the bytes: its separators are ASCII in every encoding that comes here.
fn said(message: &[u8]) -> Said {
    let line = message.split(|byte| super::messages::ends_line(*byte)).next().unwrap_or_default();
    let Some(separator) = line.get(3) else { return Said::Nothing };
    let field = line.split(|byte| byte == separator).nth(17).unwrap_or_default();
    // Further repetitions name alphabets that escapes switch to.
    let first = field.split(|byte| *byte == b'~').next().unwrap_or_default();
    let said = String::from_utf8_lossy(first).trim().to_owned();
    let plain: String = said.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_ascii_uppercase().as_str() {
        "" | "ASCII" => Said::Nothing,
        "UNICODEUTF8" | "UTF8" | "UNICODE" => Said::Known(UTF_8),
        "GB180302000" | "GB18030" | "GBK" | "GB2312" => Said::Known(GB18030),
        "BIG5" => Said::Known(BIG5),
        "KSX1001" => Said::Known(EUC_KR),
        "88591" | "ISO88591" => Said::Known(WINDOWS_1252),
        "88592" => Said::Known(ISO_8859_2),
        "88593" => Said::Known(ISO_8859_3),
        "88594" => Said::Known(ISO_8859_4),
        "88595" => Said::Known(ISO_8859_5),
        "88596" => Said::Known(ISO_8859_6),
        "88597" => Said::Known(ISO_8859_7),
        "88598" => Said::Known(ISO_8859_8),
        "88599" => Said::Known(WINDOWS_1254),
        "885915" => Said::Known(ISO_8859_15),
        _ => Said::Unknown(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, bytes: &[u8], read: &str, codes: &[&str]) {
        let head = format!("MSH|^~\\&||||||||||||||||{said}|\rPID|1||||");
        let message = [head.as_bytes(), bytes].concat();
        let text = decode(&message);
        assert!(text.text.ends_with(read), "{said}: {}", text.text);
        let met: Vec<&str> = text.complaints.iter().map(|complaint| complaint.fault.code()).collect();
        assert_eq!(met, codes, "{said}");
    }

    #[test]
    fn the_bytes_are_believed_before_the_header() {
        let gb = GB18030.encode("病人王某").0;
        check("UNICODE UTF-8", "病人王某".as_bytes(), "病人王某", &[]);
        check("GB 18030-2000", &gb, "病人王某", &[]);
        check("8859/1", b"M\xFCller", "Müller", &[]);
        check("", b"Wang", "Wang", &[]);
        check("", &gb, "病人王某", &["report.other_encoding"]);
        check("UNICODE UTF-8", &gb, "病人王某", &["report.other_encoding"]);
        check("KLINGON", "病".as_bytes(), "病", &["report.unknown_encoding"]);
    }
}

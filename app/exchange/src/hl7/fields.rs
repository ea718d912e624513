//! A line as a segment: its fields, their repetitions, components and sub-components, each with its place.

use super::signs::{Signs, escaped};
use crate::Place;

pub struct Segment<'a> {
    pub id: &'a str,
    /// Which of this name in the message, from 1.
    pub sequence: u32,
    fields: Vec<&'a str>,
    signs: &'a Signs,
}

/// A field, or one repetition of it.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    segment: &'a str,
    sequence: u32,
    number: u16,
    repetition: u16,
    raw: &'a str,
    signs: &'a Signs,
}

impl<'a> Segment<'a> {
    /// `None` when the line does not begin with a name of three signs.
    pub fn read(line: &'a str, signs: &'a Signs) -> Option<Segment<'a>> {
        let id = line.get(..3)?;
        let named = id
            .bytes()
            .enumerate()
            .all(|(at, byte)| byte.is_ascii_uppercase() || (at > 0 && byte.is_ascii_digit()));
        let parted = line[3..].is_empty() || line[3..].starts_with(signs.field);
        if !named || !parted {
            return None;
        }
        let mut fields: Vec<&str> = line.split(signs.field).collect();
        if id == "MSH" {
            // The first field of a header is the separator itself.
            fields.insert(1, line.get(3..4).unwrap_or_default());
        }
        Some(Segment { id, sequence: 1, fields, signs })
    }

    pub fn width(&self) -> usize {
        self.fields.len() - 1
    }

    pub fn longest_field(&self) -> usize {
        self.fields.iter().map(|field| field.len()).max().unwrap_or(0)
    }

    pub fn field(&self, number: u16) -> Field<'a> {
        let raw = self.fields.get(usize::from(number)).copied().unwrap_or_default();
        Field { segment: self.id, sequence: self.sequence, number, repetition: 1, raw, signs: self.signs }
    }

    pub fn place(&self) -> Place {
        self.field(0).place(0)
    }
}

impl<'a> Field<'a> {
    pub fn place(&self, component: u16) -> Place {
        Place::Segment {
            segment: self.segment.to_owned(),
            sequence: self.sequence,
            field: self.number,
            repetition: self.repetition,
            component,
        }
    }

    pub fn raw(&self) -> &'a str {
        self.raw.trim()
    }

    /// Empty, or the two quotation marks by which a sender takes a value back.
    pub fn is_blank(&self) -> bool {
        blank(self.raw)
    }

    pub fn repetitions(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let field = *self;
        field.raw.split(field.signs.repetition).zip(1..).map(move |(raw, repetition)| Field {
            raw,
            repetition,
            ..field
        })
    }

    pub fn many(&self) -> usize {
        self.raw.matches(self.signs.repetition).count() + 1
    }

    pub fn first(&self) -> Field<'a> {
        Field { raw: self.raw.split(self.signs.repetition).next().unwrap_or_default(), ..*self }
    }

    pub fn has_components(&self) -> bool {
        self.raw.contains(self.signs.component)
    }

    fn raw_component(&self, number: usize) -> &'a str {
        self.raw.split(self.signs.component).nth(number - 1).unwrap_or_default()
    }

    /// A component as text; of one with sub-components the first that says something.
    pub fn component(&self, number: usize) -> Option<String> {
        let raw = self.raw_component(number);
        match self.signs.subcomponent {
            Some(sign) => raw.split(sign).find_map(|sub| self.said(sub)),
            None => self.said(raw),
        }
    }

    pub fn sub(&self, component: usize, number: usize) -> Option<String> {
        let raw = self.raw_component(component);
        let sub = match self.signs.subcomponent {
            Some(sign) => raw.split(sign).nth(number - 1)?,
            None if number == 1 => raw,
            None => return None,
        };
        self.said(sub)
    }

    /// All of it as one text, for kinds of values that have no parts.
    pub fn whole(&self) -> Option<String> {
        self.said(self.raw)
    }

    /// What consists of nothing but layout says nothing either.
    fn said(&self, raw: &str) -> Option<String> {
        if blank(raw) { None } else { Some(self.plain(raw)).filter(|text| !text.is_empty()) }
    }

    /// As it came, though with the separators that are written here.
    pub fn in_our_signs(&self) -> String {
        let sub = |raw: &str| escaped(&self.plain(raw)).into_owned();
        let component = |raw: &str| match self.signs.subcomponent {
            Some(sign) => raw.split(sign).map(sub).collect::<Vec<_>>().join("&"),
            None => sub(raw),
        };
        self.raw.trim().split(self.signs.component).map(component).collect::<Vec<_>>().join("^")
    }

    fn plain(&self, raw: &str) -> String {
        self.signs.unescape(raw.trim())
    }
}

impl From<Field<'_>> for Place {
    fn from(field: Field<'_>) -> Place {
        field.place(0)
    }
}

fn blank(raw: &str) -> bool {
    let raw = raw.trim();
    raw.is_empty() || raw == "\"\""
}

//! The resources of a bundle and what their references lead to.

use super::resources::{AnyResource, Bundle, Kind};
use crate::complaint::Finds;
use crate::lab_report::ReportCaps;
use crate::{Complaint, Place, ReportFault};
use linelist::Severity;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::cell::Cell;
use std::collections::HashMap;

pub struct Links<'a> {
    nodes: Vec<Node<'a>>,
    by_url: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// What a resource contains, by its name within it.
    inside: HashMap<(usize, String), usize>,
    /// Bytes that may still be read: a large resource that is named a thousand times is not read a thousand times.
    budget: Cell<usize>,
}

/// How often over a bundle may be read, all reports together.
const READ_OVER: usize = 20;

struct Node<'a> {
    kind: String,
    path: String,
    raw: &'a RawValue,
    /// The resource it is contained in, or itself.
    container: usize,
    used: Cell<bool>,
}

impl<'a> Links<'a> {
    /// `None`, with the reason among the finds, when the bundle as a whole cannot be believed.
    pub fn of(
        bundle: &'a Bundle,
        contained: &'a [Vec<Box<RawValue>>],
        caps: &ReportCaps,
        finds: &mut Finds,
    ) -> Option<Links<'a>> {
        let mut links = Links {
            nodes: Vec::new(),
            by_url: HashMap::new(),
            by_name: HashMap::new(),
            inside: HashMap::new(),
            budget: Cell::new(caps.message_bytes.saturating_mul(READ_OVER)),
        };
        let many = bundle.entry.len() + contained.iter().map(Vec::len).sum::<usize>();
        if many > caps.resources {
            let fault = ReportFault::TooMany { what: "resources".to_owned(), cap: caps.resources };
            finds.error(Place::Whole, fault);
            return None;
        }
        for (at, (entry, contained)) in bundle.entry.iter().zip(contained).enumerate() {
            let Some(raw) = entry.resource.as_deref() else { continue };
            let path = format!("Bundle.entry[{at}].resource");
            let place = Place::Path { path: path.clone() };
            let Some(any) = head(raw, &place, finds) else { continue };
            let number = links.nodes.len();
            let kind = any.resource_type.unwrap_or_default();
            let url = entry.full_url.as_deref().filter(|url| !url.is_empty());
            let by_url = url.map(str::to_owned);
            // A name within the server it came from: by its own id, or by the end of its address.
            let by_name = any.id.map(|id| format!("{kind}/{id}")).or_else(|| {
                let name = last_two(url?);
                name.starts_with(&format!("{kind}/")).then_some(name)
            });
            let twice = by_url.clone().is_some_and(|url| links.by_url.insert(url, number).is_some())
                || by_name.clone().is_some_and(|name| links.by_name.insert(name, number).is_some());
            if twice {
                let name = by_url.or(by_name).unwrap_or_default();
                finds.error(
                    Place::Path { path: format!("Bundle.entry[{at}]") },
                    ReportFault::TwoOfAName { name },
                );
                return None;
            }
            links.nodes.push(Node { kind, path, raw, container: number, used: Cell::new(false) });
            links.add_contained(number, contained, finds);
        }
        Some(links)
    }

    fn add_contained(&mut self, container: usize, contained: &'a [Box<RawValue>], finds: &mut Finds) {
        for (at, raw) in contained.iter().enumerate() {
            let path = format!("{}.contained[{at}]", self.nodes[container].path);
            let Some(any) = head(raw, &Place::Path { path: path.clone() }, finds) else { continue };
            let number = self.nodes.len();
            if let Some(id) = any.id {
                self.inside.insert((container, id), number);
            }
            let kind = any.resource_type.unwrap_or_default();
            self.nodes.push(Node { kind, path, raw, container, used: Cell::new(false) });
        }
    }

    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = usize> + 's {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.kind == kind).map(|(at, _)| at)
    }

    pub fn kind(&self, at: usize) -> &str {
        &self.nodes[at].kind
    }

    pub fn place(&self, at: usize, field: &str) -> Place {
        let path = &self.nodes[at].path;
        Place::Path { path: if field.is_empty() { path.clone() } else { format!("{path}.{field}") } }
    }

    /// What a reference of the resource `from` leads to.
    pub fn find(&self, from: usize, reference: &str) -> Option<usize> {
        let container = self.nodes[from].container;
        let found = match reference.strip_prefix('#') {
            Some("") => Some(container),
            Some(id) => self.inside.get(&(container, id.to_owned())).copied(),
            None => {
                let versionless = reference.split("/_history/").next().unwrap_or_default();
                let by_url = || self.by_url.get(versionless).copied();
                let relative = !versionless.contains(':') && versionless.matches('/').count() == 1;
                let by_name = || self.by_name.get(versionless).copied().filter(|_| relative);
                by_url().or_else(by_name)
            }
        }?;
        self.nodes[found].used.set(true);
        Some(found)
    }

    pub fn use_it(&self, at: usize) {
        self.nodes[at].used.set(true);
    }

    pub fn is_used(&self, at: usize) -> bool {
        self.nodes[at].used.get()
    }

    /// The resource as one of its kind.
    pub fn read<T: Kind + DeserializeOwned>(&self, at: usize) -> Result<T, Complaint> {
        let complain = |reason: String| Complaint {
            place: self.place(at, ""),
            severity: Severity::Error,
            fault: ReportFault::BadResource { kind: T::NAME.to_owned(), reason },
        };
        let raw = self.nodes[at].raw.get();
        let Some(left) = self.budget.get().checked_sub(raw.len()) else {
            return Err(complain("it is named too often in one bundle".to_owned()));
        };
        self.budget.set(left);
        serde_json::from_str(raw).map_err(|error| complain(error.to_string()))
    }
}

fn last_two(url: &str) -> String {
    let mut parts: Vec<&str> = url.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}

fn head(raw: &RawValue, place: &Place, finds: &mut Finds) -> Option<AnyResource> {
    let read = serde_json::from_str::<AnyResource>(raw.get());
    match read {
        Ok(any) if any.resource_type.is_some() => Some(any),
        Ok(_) => {
            let what = "the kind of resource (resourceType)".to_owned();
            finds.doubt(place.clone(), ReportFault::Missing { what });
            None
        }
        Err(error) => {
            let (kind, reason) = ("Resource".to_owned(), error.to_string());
            finds.doubt(place.clone(), ReportFault::BadResource { kind, reason });
            None
        }
    }
}

/// What each entry contains, read once so that its pieces can be pointed at.
pub fn contained(bundle: &Bundle) -> Vec<Vec<Box<RawValue>>> {
    let of = |raw: &RawValue| {
        serde_json::from_str::<AnyResource>(raw.get()).map(|any| any.contained).unwrap_or_default()
    };
    bundle.entry.iter().map(|entry| entry.resource.as_deref().map(of).unwrap_or_default()).collect()
}

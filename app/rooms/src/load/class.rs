//! What comes before what when there is too much, known by the route alone: whoever stands at a table with a swab in their hand
//! waits for nobody's picture.

use axum::http::Method;
use cases::words;

words! {
    /// In their order: what stands earlier is never made to wait for what stands later.
    Class, "class of work" {
        /// Somebody is ill, a person goes: what is lost here is lost for the outbreak.
        Urgent = "urgent",
        /// At the table: a tube, a box, where a sampler stands.
        Sampling = "sampling",
        /// Received, plated, read, reported.
        Laboratory = "laboratory",
        /// The daily work: lists, one case, contacts, signing in.
        Work = "work",
        /// What people are told of their own swabs.
        Results = "results",
        /// Pictures of the whole, and what strangers read.
        Display = "display",
        /// Files in and out, proofs over everything, planning.
        Extras = "extras",
    }
}

/// Writes that are never made to wait behind others.
const URGENT: [&str; 3] = ["report-case", "classify-case", "amend-case"];

const SAMPLING: [&str; 6] =
    ["register-tube", "pack-box", "hand-over-box", "tell-hold", "open-post", "close-post"];

const LABORATORY: [&str; 6] =
    ["receive-tubes", "fill-plate", "void-run", "read-run", "call-well", "report-run"];

/// Pages of the daily work; every other page is a picture.
const WORK: [&str; 12] = [
    "state",
    "session",
    "live",
    "cases",
    "contacts",
    "subjects",
    "regions",
    "interviews",
    "followup",
    "tasks",
    "restrictions",
    "control",
];

const EXTRAS: [&str; 4] = ["export", "exports", "imports", "backups"];

impl Class {
    /// By its place in the order.
    pub fn place(self) -> usize {
        self as usize
    }

    /// `path` begins with `/api/`. A route nobody thought of is daily work when it writes and a picture when it reads. `signed`: it
    /// came with a session's cookie; that it holds is asked later.
    pub fn of(method: &Method, path: &str, signed: bool) -> Class {
        let mut parts = path.trim_start_matches("/api/").split('/');
        let (room, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let reads = method == Method::GET || method == Method::HEAD;
        match room {
            "changes" if URGENT.contains(&rest) => Class::Urgent,
            "changes" if SAMPLING.contains(&rest) => Class::Sampling,
            "changes" if LABORATORY.contains(&rest) => Class::Laboratory,
            "lab" => of_the_laboratory(reads, rest, path),
            "session" if method == Method::DELETE => Class::Urgent,
            // Looking at an import is a page; making it run is not.
            "imports" if reads && !path.contains("/report.") => Class::Display,
            room if EXTRAS.contains(&room) => Class::Extras,
            "journal" if rest == "verify" || rest == "export" => Class::Extras,
            "regions" if !reads => Class::Extras,
            "public" if rest == "results" => Class::Results,
            // Somebody says that they are ill, or that a restriction on them is wrong.
            "public" if !reads => Class::Results,
            "public" => Class::Display,
            // The page of a stranger asks who is there, too.
            "state" if !signed => Class::Display,
            room if WORK.contains(&room) => Class::Work,
            _ if reads => Class::Display,
            _ => Class::Work,
        }
    }
}

fn of_the_laboratory(reads: bool, rest: &str, path: &str) -> Class {
    match rest {
        "tubes" if !reads => Class::Sampling,
        "posts" => Class::Sampling,
        "plan" => Class::Extras,
        // Both go through a whole round.
        "rounds" if path.ends_with("/reconcile") || path.ends_with("/laboratories") => Class::Extras,
        "bench" | "runs" | "tubes" | "assays" => Class::Laboratory,
        "holds" => Class::Work,
        _ if reads => Class::Display,
        _ => Class::Laboratory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_wait_is_known_by_its_route() {
        for (method, path, class) in [
            ("POST", "/api/changes/report-case", Class::Urgent),
            ("POST", "/api/changes/classify-case", Class::Urgent),
            ("DELETE", "/api/session", Class::Urgent),
            ("POST", "/api/changes/register-tube", Class::Sampling),
            ("POST", "/api/lab/tubes", Class::Sampling),
            ("POST", "/api/changes/pack-box", Class::Sampling),
            ("POST", "/api/changes/hand-over-box", Class::Sampling),
            ("GET", "/api/lab/posts", Class::Sampling),
            ("POST", "/api/changes/receive-tubes", Class::Laboratory),
            ("POST", "/api/changes/report-run", Class::Laboratory),
            ("POST", "/api/lab/runs/run_x/file", Class::Laboratory),
            ("GET", "/api/lab/bench", Class::Laboratory),
            ("GET", "/api/lab/tubes/SX-1", Class::Laboratory),
            ("POST", "/api/lab/something-new", Class::Laboratory),
            ("POST", "/api/session", Class::Work),
            ("POST", "/api/changes/add-contact", Class::Work),
            ("GET", "/api/cases/case_x", Class::Work),
            ("GET", "/api/lab/holds", Class::Work),
            ("POST", "/api/subjects/subject_x/open", Class::Work),
            ("POST", "/api/something-new", Class::Work),
            ("POST", "/api/public/results", Class::Results),
            ("GET", "/api/public/fences", Class::Display),
            ("POST", "/api/public/symptoms", Class::Results),
            ("POST", "/api/public/me/appeal", Class::Results),
            ("GET", "/api/tasks/mine", Class::Work),
            ("GET", "/api/followup/people", Class::Work),
            ("GET", "/api/restrictions", Class::Work),
            ("GET", "/api/control/zones", Class::Work),
            ("GET", "/api/public/measures", Class::Display),
            ("GET", "/api/lab/rounds/round_x", Class::Display),
            ("GET", "/api/situation", Class::Display),
            ("GET", "/api/chains", Class::Display),
            ("GET", "/api/imports", Class::Display),
            ("GET", "/api/something-new", Class::Display),
            ("GET", "/api/journal", Class::Display),
            ("POST", "/api/lab/plan", Class::Extras),
            ("GET", "/api/lab/rounds/round_x/reconcile", Class::Extras),
            ("POST", "/api/imports", Class::Extras),
            ("GET", "/api/imports/import_x/report.csv", Class::Extras),
            ("GET", "/api/export/cases.csv", Class::Extras),
            ("GET", "/api/journal/verify", Class::Extras),
        ] {
            assert_eq!(Class::of(&method.parse().unwrap(), path, true), class, "{method} {path}");
        }
        assert_eq!(Class::of(&Method::GET, "/api/state", true), Class::Work);
        assert_eq!(Class::of(&Method::GET, "/api/state", false), Class::Display);
    }

    #[test]
    fn sampling_comes_before_laboratory_before_results_before_pictures_before_extras() {
        let order = [Class::Sampling, Class::Laboratory, Class::Results, Class::Display, Class::Extras];
        assert!(order.is_sorted_by_key(|class| class.place()));
        assert_eq!(Class::Urgent.place(), 0);
    }
}

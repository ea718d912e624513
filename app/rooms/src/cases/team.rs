//! The working team: those who read the cases themselves. Exact counts are for them; everybody else is told bands.

use std::ops::Deref;
use store::{Permission, Scope};

/// Proof that a scope is a team member's. Views of exact counts take it instead of a [`Scope`], so that forgetting to
/// suppress does not compile.
pub struct Team<'a>(&'a Scope);

impl<'a> Team<'a> {
    /// `None`: somebody else, who is told bands.
    pub fn of(scope: &'a Scope) -> Option<Team<'a>> {
        scope.may(Permission::CasesRead).then_some(Team(scope))
    }
}

impl Deref for Team<'_> {
    type Target = Scope;
    fn deref(&self) -> &Scope {
        self.0
    }
}

//! Who decides about an order, and that nobody answers themselves.

use crate::Denied;
use base::{Moment, Territory};
use serde::{Deserialize, Serialize};

/// Somebody who decides, with everything that separation of duties asks about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub person: String,
    /// In whose place they act, when they do.
    pub acts_for: Option<String>,
    pub organisation: Option<String>,
    /// The government they act for.
    pub territory: Territory,
}

impl Party {
    fn shares_a_person_with(&self, other: &Party) -> bool {
        let of = |party: &Party| [Some(party.person.clone()), party.acts_for.clone()];
        of(self).iter().flatten().any(|one| of(other).iter().flatten().any(|two| one == two))
    }

    fn organisation_as_compared(&self) -> Option<String> {
        self.organisation.as_deref().map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub at: Moment,
    pub by: Party,
}

/// No account that proposed or was acted for answers, under whatever powers.
pub(crate) fn demand_another(asked: &Party, decides: &Party) -> Result<(), Denied> {
    if asked.shares_a_person_with(decides) { Err(own_order()) } else { Ok(()) }
}

/// Another person, of another stated organisation.
pub(crate) fn demand_others(asked: &Party, decides: &Party) -> Result<(), Denied> {
    demand_another(asked, decides)?;
    match (asked.organisation_as_compared(), decides.organisation_as_compared()) {
        (Some(one), Some(other)) if one != other => Ok(()),
        (Some(_), Some(_)) => Err(Denied::of(
            "control.same_organisation",
            "whoever approves comes from another organisation than whoever proposed; let somebody there answer",
            "批准人与提出人须来自不同单位；请由其他单位答复",
        )),
        _ => Err(Denied::of(
            "control.no_organisation",
            "both accounts must state their organisation, and two different ones; ask an administrator to write them down",
            "双方账号须注明单位且单位不同；请系统管理员补充",
        )),
    }
}

fn own_order() -> Denied {
    Denied::of(
        "control.own_order",
        "nobody decides, approves or refuses what they proposed or decided; let somebody else answer",
        "不能审批自己提出或决定的措施；请由他人答复",
    )
}

//! Who acts in the demo's containment: a county's disease control, its government, the government above it, and a field worker.

use base::Territory;
use rooms::access::{account_by_login, actor_of};
use store::{Actor, Db};

pub(super) const CDC: &str = "cdc.taigu";
pub(super) const COUNTY: &str = "government.taigu";
pub(super) const PREFECTURE: &str = "government.jinzhong";

/// Beside one account per role: login, role, name and organisation. Orders need people of different organisations.
pub(super) const SEATS: [(&str, &str, &str, &str); 3] = [
    (CDC, "epidemiologist", "太谷区疾控中心（虚构） · Taigu CDC (invented)", "Taigu CDC (invented)"),
    (COUNTY, "commander", "太谷区政府（虚构） · Taigu government (invented)", "Taigu government (invented)"),
    (
        PREFECTURE,
        "commander",
        "晋中市政府（虚构） · Jinzhong government (invented)",
        "Jinzhong government (invented)",
    ),
];

pub(super) fn territory_of_seat(login: &str, county: &Territory) -> Territory {
    if login == PREFECTURE { county.at_depth(2) } else { county.clone() }
}

pub(super) struct Cast {
    pub cdc: Actor,
    pub county: Actor,
    pub prefecture: Actor,
    pub worker: Actor,
}

impl Cast {
    pub fn of(db: &Db) -> Result<Cast, String> {
        let actor = |login: &'static str| {
            let account = db.read_now(move |reader| account_by_login(reader, login));
            let account = account.map_err(|fault| fault.to_string())?;
            let account = account.ok_or(format!("the demo has no account {login}"))?;
            Ok::<_, String>(actor_of(&account, "outbreak_response"))
        };
        Ok(Cast {
            cdc: actor(CDC)?,
            county: actor(COUNTY)?,
            prefecture: actor(PREFECTURE)?,
            worker: actor("field")?,
        })
    }
}

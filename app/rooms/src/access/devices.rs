//! A device somebody has come in from before, at one login. Its cookie opens nothing: with the right password it passes
//! beside the slowing down that strangers at the same login cause.

use crate::House;
use crate::access::sessions::{hash_token, new_token};
use crate::access::{Account, Visitor};
use base::Moment;
use std::fmt::Write as _;

/// Half a year.
const LASTS_SECONDS: i64 = 180 * 24 * 3600;

/// The device this visitor comes from, if it is known at this account's login. A new password makes all of them unknown.
pub(super) fn known_device(house: &House, visitor: &Visitor, account: &Account) -> Option<String> {
    let value = visitor.cookie(&name(house, &account.login))?;
    let mut parts = value.split('.');
    let (since, device, mark) = (parts.next()?, parts.next()?, parts.next()?);
    let fresh = Moment(since.parse().ok()?).plus_seconds(LASTS_SECONDS) > house.now();
    // Compared by their hashes: how long that takes says nothing about the right one.
    let same = hash_token(mark) == hash_token(&mark_of(house, account, since, device));
    (fresh && same).then(|| device.to_owned())
}

/// The cookie for a visitor who has just come in; it goes along with attempts to sign in and nowhere else.
pub(super) fn device_cookie(house: &House, visitor: &Visitor, account: &Account) -> String {
    let device = known_device(house, visitor, account).unwrap_or_else(new_token);
    let since = house.now().0.to_string();
    let mark = mark_of(house, account, &since, &device);
    let mut cookie = format!("{}={since}.{device}.{mark}", name(house, &account.login));
    let _ = write!(cookie, "; Path=/api/session; HttpOnly; SameSite=Strict; Max-Age={LASTS_SECONDS}");
    if house.settings.behind_tls {
        cookie.push_str("; Secure");
    }
    cookie
}

/// Says nothing about the login to whoever reads the browser's cookies.
fn name(house: &House, login: &str) -> String {
    let prefix = if house.settings.behind_tls { "__Secure-" } else { "" };
    let mark = plain(&house.db.vault().mark("device name", login));
    format!("{prefix}quell-known-{}", &mark[..12])
}

fn mark_of(house: &House, account: &Account, since: &str, device: &str) -> String {
    let bound = format!("{}|{}|{since}|{device}", account.id, account.password);
    plain(&house.db.vault().mark("device", &bound))
}

/// Base64 in the letters that cookies take.
fn plain(mark: &str) -> String {
    mark.replace('+', "-").replace('/', "_")
}

//! Live pages: what was committed, by this program or another on the same database, told to those whose territory holds it.

use crate::access::changes::ENDS_SESSIONS;
use crate::access::{Signed, session_lasts};
use crate::cases::Team;
use crate::document::Document;
use crate::load::Feature;
use crate::reply::Failure;
use crate::{App, House};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use base::Territory;
use futures_util::{Stream, StreamExt};
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use store::{Query, params};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// How long news is gathered while live pages are done without.
const GATHERED: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub(crate) enum News {
    Change { seq: i64, change: String, territory: Territory },
    Import { owner: String, id: String, state: String },
}

pub(crate) struct Live(broadcast::Sender<News>);

impl Default for Live {
    fn default() -> Live {
        Live(broadcast::Sender::new(1024))
    }
}

impl Live {
    pub fn tell(&self, news: News) {
        // Nobody listening is no fault.
        let _ = self.0.send(news);
    }
}

pub fn router() -> axum::Router<App> {
    axum::Router::new().route("/api/live", axum::routing::get(live))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/live");
}

async fn live(
    State(house): State<App>,
    signed: Signed,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let scope = signed.scope();
    let me = signed.actor.id.clone();
    let (session, asked, acting) = (signed.session.id, house.clone(), signed.actor.id.clone());
    let news = BroadcastStream::new(house.live.0.subscribe()).map(|news| Heard::of(news.ok()));
    let news = futures_util::stream::select(news, beats()).take_while(move |heard| {
        // What was missed may have been the end too.
        let perhaps_over = match heard {
            Heard::News(News::Change { change, .. }) => ENDS_SESSIONS.contains(&change.as_str()),
            Heard::News(News::Import { .. }) | Heard::Beat => false,
            Heard::Missed => true,
        };
        let (house, now, acting) = (asked.clone(), asked.now(), acting.clone());
        async move {
            !perhaps_over
                || house
                    .db
                    .read(move |reader| session_lasts(reader, &acting, session, now))
                    .await
                    .unwrap_or(true)
        }
    });
    let left = u64::try_from(signed.session.ends.0 - house.now().0).unwrap_or(0);
    let news = news.take_until(tokio::time::sleep(Duration::from_millis(left)));
    // While the house is under pressure news is gathered, and the page is told every half minute that there was some.
    let (mut gathered, held) = (false, house.clone());
    let news = news.filter_map(move |heard| {
        let event = match heard {
            Heard::News(News::Change { ref territory, .. })
                if scope.territory.holds(territory) && held.load.is_off(Feature::Live, held.now()) =>
            {
                gathered = true;
                None
            }
            Heard::News(News::Change { seq, change, territory }) if scope.territory.holds(&territory) => {
                let told = if Team::of(&scope).is_some() {
                    json!({ "seq": seq, "change": change, "territory": territory })
                } else {
                    // Who counts the reports of a village as they come in needs no table of small counts.
                    json!({})
                };
                Some(Event::default().event("change").data(told.to_string()))
            }
            Heard::News(News::Import { owner, id, state }) if owner == me => {
                Some(Event::default().event("import").data(json!({ "id": id, "state": state }).to_string()))
            }
            Heard::News(_) => None,
            // Too slow a listener missed some: it fetches again. So does one for whom news was gathered.
            Heard::Missed => Some(Event::default().event("change").data("{}")),
            Heard::Beat => std::mem::take(&mut gathered).then(|| Event::default().event("change").data("{}")),
        };
        std::future::ready(event.map(Ok))
    });
    Ok(Sse::new(news).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

/// What a listener hears: news, that some was missed, or that half a minute has passed.
enum Heard {
    News(News),
    Missed,
    Beat,
}

impl Heard {
    fn of(news: Option<News>) -> Heard {
        news.map_or(Heard::Missed, Heard::News)
    }
}

fn beats() -> impl Stream<Item = Heard> + Unpin {
    Box::pin(futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(GATHERED).await;
        Some((Heard::Beat, ()))
    }))
}

/// Follows the journal's tail for as long as the program runs: at once after a commit here, within a second after one elsewhere.
pub async fn follow_journal(house: App) {
    let mut committed = house.db.committed();
    let mut seq = last_seq(&house).await;
    loop {
        let _ = tokio::time::timeout(Duration::from_secs(1), committed.changed()).await;
        let after = seq;
        let rows = house
            .db
            .read(move |reader| {
                reader.rows(
                    "SELECT seq, change, territory FROM journal WHERE seq > $1 ORDER BY seq LIMIT 500",
                    params![after],
                )
            })
            .await
            .unwrap_or_default();
        for row in rows {
            let (Ok(at), Ok(change), Ok(territory)) = (row.int(0), row.text(1), row.read(2)) else {
                continue;
            };
            seq = at;
            house.live.tell(News::Change { seq: at, change, territory });
        }
    }
}

async fn last_seq(house: &House) -> i64 {
    let last =
        house.db.read(|reader| reader.count("SELECT coalesce(max(seq), 0) FROM journal", params![])).await;
    last.unwrap_or_default()
}

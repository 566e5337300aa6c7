//! Live events (the server-sent events of the HTML standard): an open page is told that something has changed for its person, and looks again.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::backend::Backend;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use store::{Heard, Kind, News, StoreError};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, Interval};
use uuid::Uuid;
use vault::AccountId;

/// How many events a slow page may be behind before it is told to look at everything again.
const BEHIND: usize = 256;
/// How often is looked whether the session still is.
const LOOK: Duration = Duration::from_secs(10);
/// How many pages of one person are told at the same time.
const PAGES: usize = 32;
/// How long to wait before asking the database again.
const PAUSE: Duration = Duration::from_secs(1);

/// What open pages listen to.
pub(crate) struct Live {
    told: broadcast::Sender<Arc<Told>>,
    stopping: watch::Sender<bool>,
    /// How many pages of whom are listening.
    pages: Mutex<HashMap<AccountId, usize>>,
}

/// A page that listens. Counted until it does no more.
struct Page {
    live: Arc<Live>,
    account: AccountId,
}

impl Page {
    /// None where the person has too many already.
    fn open(live: Arc<Live>, account: AccountId) -> Option<Self> {
        {
            let mut pages = live.pages.lock().unwrap_or_else(PoisonError::into_inner);
            let count = pages.entry(account).or_default();
            if *count >= PAGES {
                return None;
            }
            *count += 1;
        }
        Some(Self { live, account })
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let mut pages = self.live.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = pages.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                pages.remove(&self.account);
            }
        }
    }
}

/// What they hear.
struct Told {
    /// The entry of the audit log, where it is one.
    id: Option<Uuid>,
    /// Whom it concerns, and the news for them; everybody, where nobody knows.
    concerned: Option<HashMap<AccountId, Option<News>>>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let (told, stopping) = (broadcast::Sender::new(BEHIND), watch::Sender::new(false));
        Self { told, stopping, pages: Mutex::default() }
    }

    /// Ends all streams: nobody waits for them when the server stops.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// How many pages are listening.
    pub(crate) fn pages(&self) -> usize {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    fn tell(&self, id: Option<Uuid>, concerned: Option<HashMap<AccountId, Option<News>>>) {
        // Nobody may be listening.
        let _ = self.told.send(Arc::new(Told { id, concerned }));
    }

    /// Hears from the database what is done, here and by other servers, and tells it on.
    pub(crate) async fn listen(&self, backend: &Backend) {
        loop {
            if let Err(error) = self.listen_once(backend).await {
                tracing::warn!(%error, "live events have stopped; the next try comes by itself");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn listen_once(&self, backend: &Backend) -> Result<(), StoreError> {
        let mut live = backend.store.live().await?;
        // What was done before is not heard.
        self.tell(None, None);
        while let Some(heard) = live.next().await {
            let Heard::Happened(happened) = heard? else {
                self.tell(None, None);
                continue;
            };
            if self.told.receiver_count() > 0 {
                let concerned = backend.store.concerned(&happened).await?;
                if !concerned.is_empty() {
                    self.tell(Some(happened.id), Some(concerned));
                }
            }
        }
        Ok(())
    }
}

/// What a page is told: to look, where it has not since that entry, or in any case.
fn event(id: Option<Uuid>, news: Option<&News>) -> Event {
    let text = news.map_or_else(
        || if id.is_some() { "changed".to_owned() } else { "look".to_owned() },
        |news| {
            let what = if news.given { "given" } else { "shared" };
            // One line: what, how many, by whom.
            format!("{what} {} {}", news.secrets, news.by).replace(char::is_control, " ")
        },
    );
    let event = Event::default().data(text);
    match id {
        Some(id) => event.id(id.simple().to_string()),
        None => event,
    }
}

struct Listener {
    live: broadcast::Receiver<Arc<Told>>,
    stopping: watch::Receiver<bool>,
    backend: Arc<Backend>,
    page: Page,
    token: String,
    /// When to look whether the session still is, whatever others do.
    look: Interval,
    /// Whether the session is over, and the page was told to look.
    over: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        while !self.over {
            let event = tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                _ = self.look.tick() => None,
                told = self.live.recv() => match told {
                    Ok(told) => match &told.concerned {
                        None => Some(event(told.id, None)),
                        Some(concerned) => match concerned.get(&self.page.account) {
                            Some(news) => Some(event(told.id, news.as_ref())),
                            None => continue,
                        },
                    },
                    Err(broadcast::error::RecvError::Lagged(_)) => Some(event(None, None)),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
            };
            // Whoever is signed out hears nothing more but that: their page asks for the list, and is told why there is none.
            match self.backend.store.session_account(&self.token).await {
                Ok(Some(account)) if account.id == self.page.account => {}
                Ok(_) => {
                    self.over = true;
                    return Some(self::event(None, None));
                }
                // While the database is away nobody knows. When it is back, everybody is told to look.
                Err(_) => continue,
            }
            if event.is_some() {
                return event;
            }
        }
        None
    }
}

/// The events for who is signed in. A page says up to which it has seen everything, by `after` or as browsers do when they connect again; where there
/// was more since, it is told at once.
pub(crate) async fn events(
    State((backend, live)): State<(Arc<Backend>, Arc<Live>)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let found = match backend.token(&headers) {
        // What a program has is no cookie.
        Some(token) => backend
            .store
            .session_account(&token)
            .await
            .map(|account| account.filter(|account| account.kind == Kind::Person).map(|found| (found, token))),
        None => Ok(None),
    };
    // Heard from here on, so that nothing falls between what was missed and what comes.
    let (receiver, stopping) = (live.told.subscribe(), live.stopping.subscribe());
    let again = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let known = again.or(query.get("after").map(String::as_str)).unwrap_or_default();
    let missed = match Uuid::try_parse(known) {
        Ok(known) => backend.store.happened_since(known).await,
        Err(_) => Ok(true),
    };
    let (found, missed) = match (found, missed) {
        (Ok(found), Ok(missed)) => (found, missed),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "live events failed");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let Some((account, token)) = found else { return StatusCode::UNAUTHORIZED.into_response() };
    let Some(page) = Page::open(live, account.id) else { return StatusCode::TOO_MANY_REQUESTS.into_response() };
    let missed = missed.then(|| event(None, None));
    let look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
    let listener = Listener { live: receiver, stopping, backend, page, token, look, over: false };
    let coming = stream::unfold(listener, async |mut listener| Some((listener.next().await?, listener)));
    let events = stream::iter(missed).chain(coming).map(Ok::<_, Infallible>);
    // nginx would keep events back until they fill a page of its memory.
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(KeepAlive::default())).into_response()
}

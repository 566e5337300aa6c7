use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use futures_channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use vault::AccountKeys;

use super::api::{self, Profile, Welcome};
use crate::connection::Connection;
use crate::error::AppError;
use crate::language::t;
use crate::trust::Trust;

/// Where the person stands with the server and with their own keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not known yet.
    Asking,
    /// The server cannot be asked.
    Unreachable(AppError),
    /// There is no organization yet.
    Empty,
    /// Nobody is signed in.
    SignedOut,
    /// Signed in, keys locked: the password opens them.
    Locked(Profile),
    /// Signed in, keys at hand.
    Unlocked(Profile),
}

/// What is there while the keys are open: they, and whom they trust as far as that was looked at.
#[derive(Clone, Default)]
struct Opened {
    keys: Option<Arc<AccountKeys>>,
    trust: Option<Arc<Trust>>,
}

/// What nobody is told of when it changes.
#[derive(Default)]
struct Kept {
    opened: Opened,
    /// How many requests are on their way that the person waits for.
    asked: u32,
}

/// The session in this page. The keys are in its memory alone and go with lock, sign-out and reload.
#[derive(Clone, Copy)]
pub struct Session {
    standing: RwSignal<Standing>,
    kept: StoredValue<Kept>,
    notice: RwSignal<Option<String>>,
    /// What waits for the person to show once more that it is they.
    proof: RwSignal<Vec<oneshot::Sender<()>>, LocalStorage>,
    connection: Connection,
}

/// How long to wait before looking again whether the person waits for something, in milliseconds, and how many times at most: no request takes longer.
const GIVE_WAY_MS: u32 = 100;
const GIVE_WAY_TIMES: u32 = 600;

/// Makes the session known to everything below, and asks the server who is signed in.
pub fn provide_session() -> Session {
    let session = Session {
        standing: RwSignal::new(Standing::Asking),
        kept: StoredValue::new(Kept::default()),
        notice: RwSignal::new(None),
        proof: RwSignal::new_local(Vec::new()),
        connection: Connection::new(),
    };
    provide_context(session);
    session.ask();
    // A page that could not even start does so by itself when the server is back.
    Effect::new(move || {
        if !session.connection.is_lost() && matches!(session.standing.get_untracked(), Standing::Unreachable(_)) {
            session.ask();
        }
    });
    super::idle::lock_when_idle(session);
    session
}

/// The session of this page.
pub fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Where the person stands.
    pub fn standing(self) -> Standing {
        self.standing.get()
    }

    /// Who is signed in.
    pub fn profile(self) -> Option<Profile> {
        match self.standing.get() {
            Standing::Locked(profile) | Standing::Unlocked(profile) => Some(profile),
            _ => None,
        }
    }

    /// The same, without being told when it changes.
    pub(crate) fn profile_untracked(self) -> Option<Profile> {
        match self.standing.get_untracked() {
            Standing::Locked(profile) | Standing::Unlocked(profile) => Some(profile),
            _ => None,
        }
    }

    /// Why the person has to sign in again, if there is a reason to tell.
    pub fn notice(self) -> Option<String> {
        self.notice.get()
    }

    /// Whether the server cannot be reached at the moment.
    pub fn is_offline(self) -> bool {
        self.connection.is_lost()
    }

    /// Asks the server who is signed in.
    pub fn ask(self) {
        leptos::task::spawn_local(async move {
            let standing = match api::greet().await {
                Ok(Welcome::Empty) => Standing::Empty,
                Ok(Welcome::SignedOut) => Standing::SignedOut,
                Ok(Welcome::SignedIn(profile)) => Standing::Locked(profile),
                Err(error) => {
                    self.heed(&error);
                    Standing::Unreachable(error)
                }
            };
            // Asked twice, the later answer must not lock what was unlocked in between.
            if !matches!(self.standing.get_untracked(), Standing::Locked(_) | Standing::Unlocked(_)) {
                self.standing.set(standing);
            }
        });
    }

    /// The person proved their password and their keys are open.
    pub fn unlock(self, profile: Profile, keys: AccountKeys) {
        self.kept.update_value(|kept| kept.opened = Opened { keys: Some(Arc::new(keys)), trust: None });
        self.notice.set(None);
        self.standing.set(Standing::Unlocked(profile));
    }

    /// The person changed what they say of themselves.
    pub(crate) fn set_profile(self, profile: Profile) {
        if matches!(self.standing.get_untracked(), Standing::Unlocked(_)) {
            self.standing.set(Standing::Unlocked(profile));
        }
    }

    /// The keys, while they are open.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] once they are locked.
    pub fn keys(self) -> Result<Arc<AccountKeys>, AppError> {
        self.kept.with_value(|kept| kept.opened.keys.clone()).ok_or(AppError::SignedOut)
    }

    /// Whose keys are whose, as far as it was asked for.
    pub(crate) fn trust(self) -> Option<Arc<Trust>> {
        self.kept.with_value(|kept| kept.opened.trust.clone())
    }

    pub(crate) fn set_trust(self, trust: Arc<Trust>) {
        self.kept.update_value(|kept| kept.opened.trust = Some(trust));
    }

    /// Does what the server does only for somebody who has just shown that it is they: where they have not, they are asked to, and it is done then.
    ///
    /// # Errors
    /// [`AppError::Cancelled`] where they would not.
    pub(crate) async fn proven<T, W>(self, work: impl Fn() -> W) -> Result<T, AppError>
    where
        W: Future<Output = Result<T, AppError>>,
    {
        match work().await {
            Err(AppError::ProofNeeded) => {}
            answer => return answer,
        }
        let (proof, proved) = oneshot::channel();
        self.proof.update(|waiting| waiting.push(proof));
        proved.await.map_err(|_| AppError::Cancelled)?;
        work().await
    }

    /// Whether the person is asked to show once more that it is they.
    pub(crate) fn asks_proof(self) -> bool {
        self.proof.with(|waiting| !waiting.is_empty())
    }

    /// They did, or would not.
    pub(crate) fn end_proof(self, proved: bool) {
        let waiting = self.proof.try_update(std::mem::take).unwrap_or_default();
        for proof in waiting.into_iter().filter(|_| proved) {
            // Whoever asked may be gone by now.
            let _ = proof.send(());
        }
    }

    /// Drops the keys; the password opens them again.
    pub fn lock(self, notice: Option<String>) {
        self.drop_keys();
        if let Standing::Unlocked(profile) = self.standing.get_untracked() {
            self.notice.set(notice);
            self.standing.set(Standing::Locked(profile));
        }
    }

    /// Ends the session here and at the server.
    pub fn sign_out(self) {
        self.forget(None);
        leptos::task::spawn_local(async move {
            if api::sign_out().await.is_err() {
                self.notice.set(Some(
                    t!("Your keys are gone from this browser, but the server could not be told. Its session ends by itself.")
                        .into(),
                ));
            }
        });
    }

    /// Does what the person asked for, once: while it is under way, asking again does nothing. Buttons show that by `aria-disabled` and not by
    /// `disabled`, which would take the focus from them.
    pub(crate) fn act<T: 'static>(
        self,
        pending: RwSignal<bool>,
        work: impl Future<Output = Result<T, AppError>> + 'static,
        then: impl FnOnce(Result<T, AppError>) + 'static,
    ) {
        if !pending.get_untracked() {
            self.send(pending, work, then);
        }
    }

    /// Runs a request and hands its answer on. When the server knows of no session, the page does not pretend one.
    pub(crate) fn send<T: 'static>(
        self,
        pending: RwSignal<bool>,
        work: impl Future<Output = Result<T, AppError>> + 'static,
        then: impl FnOnce(Result<T, AppError>) + 'static,
    ) {
        pending.set(true);
        self.kept.update_value(|kept| kept.asked += 1);
        leptos::task::spawn_local(async move {
            let answer = work.await;
            let _ = self.kept.try_update_value(|kept| kept.asked -= 1);
            if let Err(error) = &answer {
                self.heed(error);
            }
            // The page that asked may be gone by now, and its signals with it.
            let is_there = pending.try_set(false).is_none();
            if matches!(answer, Err(AppError::SignedOut)) {
                self.forget(Some(AppError::SignedOut.to_string()));
            } else if is_there {
                then(answer);
            }
        });
    }

    /// Waits while something is on its way that the person waits for. What a browser does by itself asks before each step: else its many small changes
    /// would come between a large one again and again.
    pub(crate) async fn give_way(self) {
        for _ in 0..GIVE_WAY_TIMES {
            if self.kept.try_with_value(|kept| kept.asked).is_none_or(|asked| asked == 0) {
                return;
            }
            TimeoutFuture::new(GIVE_WAY_MS).await;
        }
    }

    /// What a page loads when it opens, again when a signal that `start` reads changes, and, where the server could not be reached, again
    /// when it can; `None` until it is here.
    pub(crate) fn load<T, W>(self, start: impl Fn() -> W + 'static) -> RwSignal<Option<Result<T, AppError>>>
    where
        T: Send + Sync + 'static,
        W: Future<Output = Result<T, AppError>> + 'static,
    {
        self.load_in_turn(StoredValue::new(0), start)
    }

    /// The same for what others change while it is looked at: asked for once more whenever `heard` changes, and shown anew where it is another then.
    pub(crate) fn follow<T, W>(
        self,
        heard: RwSignal<u32>,
        start: impl Fn() -> W + 'static,
    ) -> RwSignal<Option<Result<T, AppError>>>
    where
        T: PartialEq + Send + Sync + 'static,
        W: Future<Output = Result<T, AppError>> + 'static,
    {
        let (turn, start) = (StoredValue::new(0), Rc::new(start));
        let loaded = self.load_in_turn(turn, {
            let start = Rc::clone(&start);
            move || start()
        });
        Effect::new(move |before: Option<u32>| {
            let now = heard.get();
            if before.is_some_and(|before| before != now) {
                let mine = turn.get_value();
                self.send(RwSignal::new(true), untrack(|| start()), move |answer| {
                    let is_other = loaded.with_untracked(|known| known.as_ref().is_some_and(|known| *known != answer));
                    if is_other
                        && turn.try_get_value() == Some(mine)
                        && !answer.as_ref().is_err_and(AppError::leaves_open)
                    {
                        loaded.set(Some(answer));
                    }
                });
            }
            now
        });
        loaded
    }

    fn load_in_turn<T, W>(
        self,
        turn: StoredValue<u32>,
        start: impl Fn() -> W + 'static,
    ) -> RwSignal<Option<Result<T, AppError>>>
    where
        T: Send + Sync + 'static,
        W: Future<Output = Result<T, AppError>> + 'static,
    {
        let loaded = RwSignal::new(None);
        let again = Trigger::new();
        Effect::new(move || {
            let is_offline = loaded.with_untracked(|loaded| matches!(loaded, Some(Err(AppError::Offline))));
            if !self.is_offline() && is_offline {
                again.notify();
            }
        });
        Effect::new(move || {
            again.track();
            turn.update_value(|turn| *turn += 1);
            let mine = turn.get_value();
            loaded.set(None);
            // The answer to an older question is of no use any more.
            self.send(RwSignal::new(true), start(), move |answer| {
                if turn.try_get_value() == Some(mine) {
                    loaded.set(Some(answer));
                }
            });
        });
        loaded
    }

    fn heed(self, error: &AppError) {
        if *error == AppError::Offline {
            self.connection.lose();
        }
    }

    fn drop_keys(self) {
        self.kept.update_value(|kept| kept.opened = Opened::default());
        // Nobody is asked for what the keys were needed for.
        self.end_proof(false);
    }

    fn forget(self, notice: Option<String>) {
        self.drop_keys();
        self.notice.set(notice);
        self.standing.set(Standing::SignedOut);
    }
}

//! Pages whose code is loaded when they are first opened: what every visit needs stays small.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::wasm_split::SplitLoaderError;

use crate::error::AppError;
use crate::language::t;

/// The code of a page did not come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// A page, or why it is not there yet.
pub(crate) type Loaded = Result<AnyView, NotLoaded>;

/// Work that a chunk does in the background.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), AppError>>>>;

/// How long to wait before trying once more.
const AGAIN: Duration = Duration::from_secs(2);

type Loading = Pin<Box<dyn Future<Output = Loaded>>>;

/// Shows a page when its code is here; where it does not come, offers to try again.
pub(crate) fn later<F>(load: impl Fn() -> F + 'static) -> AnyView
where
    F: Future<Output = Loaded> + 'static,
{
    show(Rc::new(move || Box::pin(load())), false)
}

/// The same for what nobody waits for: it says nothing before it is there.
pub(crate) fn later_quietly<F>(load: impl Fn() -> F + 'static) -> AnyView
where
    F: Future<Output = Loaded> + 'static,
{
    show(Rc::new(move || Box::pin(load())), true)
}

fn show(load: Rc<dyn Fn() -> Loading>, quietly: bool) -> AnyView {
    // The view is there to be taken once.
    let loaded = RwSignal::new_local(None::<Result<Rc<StoredValue<Option<AnyView>, LocalStorage>>, NotLoaded>>);
    // What the page uses it finds by its owner, also after the wait.
    let owner = Owner::current();
    let start = move || {
        let (load, owner) = (Rc::clone(&load), owner.clone());
        leptos::task::spawn_local(async move {
            let begin = || ScopedFuture::new_untracked(load());
            let page = match &owner {
                Some(owner) => owner.with(begin),
                None => begin(),
            };
            let page = page.await.map(|view| Rc::new(StoredValue::new_local(Some(view))));
            // Whoever opened it may be gone by now. What is said already is not said again.
            let is_said = loaded.try_with_untracked(|known| matches!(known, Some(Err(_)))).unwrap_or(true);
            if page.is_ok() || !is_said {
                let _ = loaded.try_set(Some(page));
            }
        });
    };
    start();
    let start = StoredValue::new_local(start);
    let retry = move || start.with_value(|start| start());
    // It comes by itself when the server is back.
    Effect::new(move || {
        if matches!(loaded.get(), Some(Err(_))) {
            let handle = set_interval_with_handle(retry, AGAIN);
            on_cleanup(move || {
                if let Ok(handle) = handle {
                    handle.clear();
                }
            });
        }
    });
    (move || match loaded.get() {
        None | Some(Err(_)) if quietly => ().into_any(),
        None => view! { <p class="hint page" role="status">{t!("Loading …")}</p> }.into_any(),
        Some(Ok(view)) => view.try_update_value(Option::take).flatten().unwrap_or_else(|| ().into_any()),
        Some(Err(NotLoaded)) => view! {
            <div class="page" role="alert">
                <p>{t!("MySafe cannot be reached. This page comes by itself when it is back; if it does not, MySafe was updated: reload the page.")}</p>
                <button class="button" type="button" on:click=move |_| retry()>{t!("Try again")}</button>
            </div>
        }
        .into_any(),
    })
    .into_any()
}

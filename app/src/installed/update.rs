use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration, VisibilityState};

use crate::language::{t, use_language};
use crate::trusted_types::WORKER;

/// How often is looked for a new version while the page is open; it is each time that somebody comes back to it as well.
const LOOK: Duration = Duration::from_hours(1);

/// Keeps the files of this build in the browser, and says when there is a newer one. Nothing is reloaded but on the person's word: it closes what they
/// are writing, and locks their keys.
#[component]
pub(super) fn Updates() -> impl IntoView {
    let language = use_language();
    let (newer, wanted) = (RwSignal::new(false), StoredValue::new(false));
    let looks = RwSignal::new(false);
    let registered = StoredValue::new_local(None::<ServiceWorkerRegistration>);
    let workers = window().navigator().service_worker();
    // There are none in some private windows.
    if !workers.is_undefined() {
        hear(&workers, newer, wanted);
        leptos::task::spawn_local(async move {
            let registration = JsFuture::from(workers.register(WORKER)).await.ok();
            // Something between the page and the browser may answer with nothing.
            if let Some(registration) =
                registration.and_then(|known| known.dyn_into::<ServiceWorkerRegistration>().ok())
            {
                registered.set_value(Some(registration.clone()));
                look(registration);
                let _ = looks.try_set(true);
            }
        });
    }
    let take = move |_| {
        wanted.set_value(true);
        match registered.with_value(|known| known.as_ref().and_then(ServiceWorkerRegistration::waiting)) {
            // The page is reloaded when the new worker has taken over.
            Some(waiting) => say(&waiting, &"reload".into()),
            None => reload(),
        }
    };
    view! {
        <div class="update" aria-live="polite" data-looks=move || looks.get().to_string()>
            {move || (newer.get() && language.get().is_some()).then(|| view! {
                <p>{t!("A new version of MySafe is here. Save first what you are writing.")}</p>
                <button class="button primary" type="button" on:click=take>{t!("Reload")}</button>
                <button class="button" type="button" on:click=move |_| newer.set(false)>{t!("Not now")}</button>
            })}
        </div>
    }
}

/// Hears from workers whether they are of a newer build, and that one has taken over. As long as the page is there.
fn hear(workers: &ServiceWorkerContainer, newer: RwSignal<bool>, wanted: StoredValue<bool>) {
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        newer.set(event.data().as_string().as_deref() == Some("newer"));
    });
    workers.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    let known = workers.clone();
    let taken_over = Closure::<dyn FnMut()>::new(move || {
        if wanted.get_value() {
            reload();
        } else if let Some(worker) = known.controller() {
            // Somebody wanted it in another tab.
            ask(&worker);
        }
    });
    workers.set_oncontrollerchange(Some(taken_over.into_js_value().unchecked_ref()));
}

/// Looks for a newer build: whether one waits already, whenever one has come, every hour, and when somebody looks at the page again.
fn look(registration: ServiceWorkerRegistration) {
    ask_waiting(&registration);
    // One may be coming already.
    follow(&registration);
    let known = registration.clone();
    let found = Closure::<dyn FnMut()>::new(move || follow(&known));
    registration.set_onupdatefound(Some(found.into_js_value().unchecked_ref()));
    let check = move || {
        let registration = registration.clone();
        leptos::task::spawn_local(async move {
            if let Ok(update) = registration.update() {
                // Without a network there is nothing new to know.
                let _ = JsFuture::from(update).await;
            }
            // Who said "not now" is asked again.
            ask_waiting(&registration);
        });
    };
    let again = check.clone();
    let _ = set_interval_with_handle(check, LOOK);
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            again();
        }
    });
}

/// Asks the build that is coming, if one is, when it is here.
fn follow(registration: &ServiceWorkerRegistration) {
    if let Some(installing) = registration.installing() {
        let known = registration.clone();
        let changed = Closure::<dyn FnMut()>::new(move || ask_waiting(&known));
        installing.set_onstatechange(Some(changed.into_js_value().unchecked_ref()));
    }
}

fn ask_waiting(registration: &ServiceWorkerRegistration) {
    if let Some(waiting) = registration.waiting() {
        ask(&waiting);
    }
}

/// Tells a worker of which build this page is: it says whether it is of a newer one. Where it is of the same, it takes over.
fn ask(worker: &ServiceWorker) {
    let meta = document().query_selector("meta[name=build]").ok().flatten();
    let build = meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default();
    say(worker, &build.into());
}

fn say(worker: &ServiceWorker, word: &JsValue) {
    // Refused where the worker is gone already: then there is another one.
    let _ = worker.post_message(word);
}

fn reload() {
    let _ = window().location().reload();
}

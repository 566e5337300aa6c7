use leptos::prelude::*;
use vault::AccountKeys;

use super::api::{begin_unlocking, finish_unlocking};
use super::authenticator::ask_for_keys;
use crate::account::api::Profile;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::ui::FormError;

/// Opens the keys of somebody who is signed in with one of their passkeys.
#[component]
pub(crate) fn UnlockButton(profile: Profile) -> impl IntoView {
    let session = use_session();
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let id = profile.id;
    let unlock = move |_| {
        error.set(None);
        let work = async move {
            let challenge = begin_unlocking().await?;
            let answer = ask_for_keys(&challenge.options, id).await?;
            let output = answer.output.ok_or(AppError::NoPasskeys)?;
            let opened = finish_unlocking(challenge.token, answer.text).await?;
            let keys = AccountKeys::unlock_with_passkey(id, &output, &opened.keys.account_key, &opened.keys.identity)?;
            Ok((opened.profile, keys))
        };
        session.act(pending, work, move |result| match result {
            Ok((profile, keys)) => session.unlock(profile, keys),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=unlock>{t!("Unlock with a passkey")}</button>
        <FormError error />
    }
}

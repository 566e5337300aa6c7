use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountId, Invitation, InvitationCode};

use super::CopyField;
use super::api::{NewInvitation, Person, Status, invite, mail_invitation};
use crate::account::check::{check_email, check_username};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::trust;
use crate::ui::{Dialog, Field, FormError, local_time, use_toasts};

/// How long an invitation can be used, in milliseconds.
const LASTS: u64 = 7 * 24 * 60 * 60 * 1000;

/// The link of an invitation, and until when it can be used.
#[derive(Clone)]
struct Link {
    account: AccountId,
    email: String,
    code: InvitationCode,
    until: u64,
    /// Whether the server can mail it.
    mail: bool,
}

/// Asks for a person's email, username and role, and shows the link that invites them.
#[component]
pub(super) fn InviteDialog(
    /// Invited already: the link from before is replaced. Or active: they start over with new keys.
    again: Option<Person>,
    /// What comes after.
    then: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let (email, username) =
        again.as_ref().map(|person| (person.email.clone(), person.username.clone())).unwrap_or_default();
    let (email, username) = (RwSignal::new(email), RwSignal::new(username));
    let administrator = RwSignal::new(again.as_ref().is_some_and(|person| person.administrator));
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = RwSignal::new(None::<Link>);
    let id = again.as_ref().map_or_else(AccountId::random, |person| person.id);
    let starts_over = again.as_ref().is_some_and(|person| person.status == Status::Active);
    let epoch = again.as_ref().map_or(1, |person| person.epoch + u64::from(starts_over));
    let title = match &again {
        Some(person) if starts_over => t!("Start over with {name}", name = person.name),
        _ => t!("Invite a person").to_owned(),
    };
    let about = if starts_over { help::LOST_PASSWORD } else { help::INVITING };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let (email, username) = (check_email(&email.get_untracked())?, check_username(&username.get_untracked())?);
            make(session, (id, epoch), username, email, administrator.get_untracked()).await
        };
        session.act(pending, work, move |result| match result {
            Ok(link) => made.set(Some(link)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title on_cancel=then can_cancel=Signal::derive(move || !pending.get())>
            {move || match made.get() {
                Some(link) => view! { <LinkView link then /> }.into_any(),
                None => view! {
                    <form on:submit=submit novalidate>
                        {starts_over.then(|| view! {
                            <p>
                                {t!("They make new keys with a new link, and their present ones are gone. What is shared with them comes back once an \
                                     administrator has confirmed the new keys and its owners have opened MySafe. What they own they cannot open any \
                                     more; those it is shared with can. Restore their access instead, if that is still possible.")}
                            </p>
                        })}
                        <Field label=text!("Email") value=email error kind="email" required=true />
                        // Whoever had keys before is known by this name.
                        {(epoch == 1).then(|| view! {
                            <Field label=text!("Username") value=username error required=true
                                hint=t!("They sign in with it, and others know them by it.") />
                        })}
                        <label class="field">
                            <span>{t!("Role")}</span>
                            <select on:change=move |event| administrator.set(event_target_value(&event) == "administrator")>
                                <option value="member" selected=!administrator.get_untracked()>{t!("Member")}</option>
                                <option value="administrator" selected=administrator.get_untracked()>{t!("Administrator")}</option>
                            </select>
                        </label>
                        <FormError error />
                        <div class="dialog-buttons">
                            <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                                on:click=move |_| if !pending.get_untracked() { then.run(()) }>{t!("Cancel")}</button>
                            <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                                {if starts_over { t!("Start over") } else { t!("Invite") }}
                            </button>
                        </div>
                    </form>
                }.into_any(),
            }}
            <HowThisWorks about />
        </Dialog>
    }
}

#[component]
fn LinkView(link: Link, then: Callback<()>) -> impl IntoView {
    let (session, toasts, pending) = (use_session(), use_toasts(), RwSignal::new(false));
    let origin = window().location().origin().unwrap_or_default();
    let url = format!("{origin}/invitation#{}", *link.code.text());
    let (account, code, email) = (link.account, link.code, link.email.clone());
    let mail = move |_| {
        let (code, email) = (code.text().to_string(), email.clone());
        session.act(pending, mail_invitation(account, code), move |result| match result {
            Ok(()) => toasts.done(t!("Invitation mailed to {email}", email)),
            Err(failed) => toasts.failed(failed.to_string()),
        });
    };
    let until = local_time(i64::try_from(link.until).ok());
    view! {
        <p role="status">{t!("The invitation is ready. Send the link in a way that only this person reads: whoever opens it first has the account.")}</p>
        <CopyField label=t!("Invitation link") text=url button=t!("Copy link") />
        <p class="hint">{t!("It can be used once, until {until}. It is not shown again; a new one can be made.", until)}</p>
        <div class="dialog-buttons">
            {link.mail.then(|| view! {
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=mail>
                    {t!("Mail it to {email}", email = link.email)}
                </button>
            })}
            <button class="button primary" type="button" on:click=move |_| then.run(())>{t!("Done")}</button>
        </div>
    }
}

/// Signs an invitation and hands it to the server; the secret stays in the link.
async fn make(
    session: Session,
    (account, epoch): (AccountId, u64),
    username: String,
    email: String,
    administrator: bool,
) -> Result<Link, AppError> {
    let (keys, code, until) = (session.keys()?, InvitationCode::random(), trust::now() + LASTS);
    let new = NewInvitation {
        invitation: Invitation::sign(&code, account, &username, epoch, administrator, until, &keys),
        email,
        administrator,
        proof: code.proof().to_vec(),
        root: code.seal_root(account, &keys.root()),
    };
    let email = new.email.clone();
    let mail = session.proven(|| invite(new.clone())).await?;
    Ok(Link { account, email, code, until, mail })
}

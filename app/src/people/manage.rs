use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{Mandate, RecipientEntry, RecipientId};

use super::api::{Person, Status, end_sessions_of, set_email, set_person_enabled, set_role};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::share::api::recipient_keys;
use crate::trust::Trust;
use crate::ui::{Dialog, Field, FormError, use_toasts};

/// What an administrator can do with one person's account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Enable,
    Disable,
    MakeAdministrator,
    MakeMember,
    SignOut,
}

impl Action {
    fn title(self) -> &'static str {
        match self {
            Self::Enable => t!("Enable"),
            Self::Disable => t!("Disable"),
            Self::MakeAdministrator => t!("Make administrator"),
            Self::MakeMember => t!("Make member"),
            Self::SignOut => t!("Sign out everywhere"),
        }
    }

    fn effect(self) -> &'static str {
        match self {
            Self::Enable => t!("They can sign in again, with everything they had."),
            Self::Disable => {
                t!(
                    "They are signed out at once, and can no longer sign in or open anything. What they have shared stays shared."
                )
            }
            Self::MakeAdministrator => {
                t!("They can manage people and user groups. It shows them no API secret that is not shared with them.")
            }
            Self::MakeMember => t!("They no longer manage people and user groups."),
            Self::SignOut => t!("All their browsers are signed out at once. They can sign in again."),
        }
    }

    fn done(self, name: &str) -> String {
        match self {
            Self::Enable => t!("{name} is enabled", name),
            Self::Disable => t!("{name} is disabled", name),
            Self::MakeAdministrator => t!("{name} is an administrator", name),
            Self::MakeMember => t!("{name} is a member", name),
            Self::SignOut => t!("{name} is signed out everywhere", name),
        }
    }

    /// What can be done with a person as they are now.
    fn all(person: &Person) -> Vec<Self> {
        let role = if person.administrator { Self::MakeMember } else { Self::MakeAdministrator };
        match person.status {
            Status::Disabled => vec![Self::Enable],
            // Their role is in the invitation, which can be made anew.
            Status::Invited(_) => vec![Self::Disable],
            Status::Active => vec![role, Self::SignOut, Self::Disable],
        }
    }
}

/// What can be done with a person, each with what it does.
#[component]
pub(super) fn ManageDialog(
    person: Person,
    /// Invites the person once more, or lets them start over.
    invite: Callback<Person>,
    /// Lets the person set a new password.
    restore: Callback<Person>,
    /// What comes after; whether something was changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let name = person.name.clone();
    let again = matches!(person.status, Status::Invited(_)).then(|| person.clone());
    let is_own = session.profile_untracked().is_some_and(|profile| profile.id == person.id);
    let locked_out = (person.status == Status::Active && !is_own).then(|| person.clone());
    let lost = locked_out.clone();
    let actions = Action::all(&person);
    let (id, called, email) = (person.id, person.name.clone(), RwSignal::new(person.email.clone()));
    let save_email = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let called = called.clone();
        session.act(pending, set_email(id, email.get_untracked()), move |result| match result {
            Ok(()) => {
                toasts.done(t!("{name} gets mail at the new address", name = called));
                then.run(true);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let line = move |action: Action| {
        let person = person.clone();
        let act = move |_| {
            error.set(None);
            let (person, name) = (person.clone(), person.name.clone());
            session.act(pending, carry_out(session, action, person), move |result| match result {
                Ok(()) => {
                    toasts.done(action.done(&name));
                    then.run(true);
                }
                Err(failed) => error.set(Some(failed)),
            });
        };
        view! {
            <li class="action">
                <p>{action.effect()}</p>
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=act>{action.title()}</button>
            </li>
        }
    };
    view! {
        <Dialog title=name on_cancel=Callback::new(move |()| then.run(false)) can_cancel=Signal::derive(move || !pending.get())>
            <form class="action" on:submit=save_email novalidate>
                <Field label=text!("Email") value=email error kind="email" required=true />
                <button class="button" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Change email")}</button>
            </form>
            <ul class="actions">
                {again.map(|person| view! {
                    <li class="action">
                        <p>{t!("The link that was sent before is of no use then.")}</p>
                        <button class="button" type="button" on:click=move |_| invite.run(person.clone())>{t!("Make a new invitation")}</button>
                    </li>
                })}
                {locked_out.map(|person| view! {
                    <li class="action">
                        <p>{t!("They have lost password and recovery code. A second administrator has to agree.")}</p>
                        <button class="button" type="button" on:click=move |_| restore.run(person.clone())>{t!("Restore access")}</button>
                    </li>
                })}
                {lost.map(|person| view! {
                    <li class="action">
                        <p>{t!("Nothing opens their account any more, and it cannot be restored. They make new keys.")}</p>
                        <button class="button" type="button" on:click=move |_| invite.run(person.clone())>{t!("Start over")}</button>
                    </li>
                })}
                {actions.into_iter().map(line).collect_view()}
            </ul>
            <FormError error />
            <div class="dialog-buttons">
                <button class="button" type="button" on:click=move |_| then.run(false)>{t!("Close")}</button>
            </div>
            <HowThisWorks about=help::ADMINISTRATION />
        </Dialog>
    }
}

async fn carry_out(session: Session, action: Action, person: Person) -> Result<(), AppError> {
    match action {
        Action::Enable | Action::Disable => {
            session.proven(|| set_person_enabled(person.id, action == Action::Enable)).await
        }
        Action::SignOut => end_sessions_of(person.id).await,
        Action::MakeMember => session.proven(|| set_role(person.id, false, None)).await,
        Action::MakeAdministrator => {
            let mandate = mandate(session, &person).await?;
            session.proven(|| set_role(person.id, true, Some(mandate.clone()))).await
        }
    }
}

/// Says that a person may sign entries from now on, with the keys that they have.
async fn mandate(session: Session, person: &Person) -> Result<Mandate, AppError> {
    let found = recipient_keys(vec![RecipientId::Account(person.id)]).await?;
    let Some(RecipientEntry::Account(signed)) = found.into_iter().next() else {
        return Err(AppError::UnreadableAnswer);
    };
    if signed.entry.account != person.id || signed.entry.username != person.username {
        return Err(AppError::Unconfirmed);
    }
    Trust::load(session).await?.identity(&signed)?;
    Ok(Mandate::sign(&signed.entry, &*session.keys()?))
}

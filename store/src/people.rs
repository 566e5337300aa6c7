//! What administrators see of people and do with their accounts.

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, Mandate};

use crate::access_key::require_person;
use crate::account::{Account, AccountRow, FIELDS, Role, require_administrator, taken};
use crate::audit::{Event, note};
use crate::database::{Store, Tx, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::organization::lock_administrators;
use crate::search::changed;
use crate::trust::{administrators, insert_mandate, lock_entry_of, require_mandate};
use crate::{Millis, record};

/// How many people one page of the list has.
const PAGE: usize = 100;

/// A person as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The account.
    pub account: Account,
    /// Whether an administrator has signed their keys.
    pub signed: bool,
    /// Until when their invitation can be used, where one is open.
    pub invited_until: Option<Millis>,
}

/// A part of the list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeoplePage {
    /// The people, in order of their names.
    pub people: Vec<PersonRow>,
    /// How many there are in all.
    pub total: u64,
}

#[derive(SurrealValue)]
struct SignedRow {
    id: RecordId,
    signed: bool,
}

impl Store {
    /// The people whose name, username or email has `text` in it, from the `skip`th on, at most 100.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn people(&self, caller: AccountId, text: &str, skip: u32) -> Result<PeoplePage, StoreError> {
        let key = search_key(text);
        let (rows, signed, total) = self
            .transact(|tx| {
                let key = key.clone();
                async move {
                    require_administrator(&tx, caller).await?;
                    let filter = "kind = 'person' AND ($key = '' OR string::contains(name_key, $key)
                        OR string::contains(username_key, $key) OR string::contains(email_key, $key))";
                    let text = format!(
                        "SELECT {FIELDS}, name_key FROM account WHERE {filter} ORDER BY name_key LIMIT {PAGE} START $skip;
                         SELECT id, signature IS NOT NONE AS signed, name_key FROM account WHERE {filter}
                             ORDER BY name_key LIMIT {PAGE} START $skip;
                         RETURN count(SELECT VALUE id FROM account WHERE {filter})"
                    );
                    let mut answer = query!(tx, text, key = key, skip = skip)?;
                    let rows: Vec<AccountRow> = answer.take(0)?;
                    let signed: Vec<SignedRow> = answer.take(1)?;
                    let total: Option<i64> = answer.take(2)?;
                    Ok((rows, signed, total))
                }
            })
            .await?;
        let accounts = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        let open = self.open_until(&ids).await?;
        let mut people = Vec::with_capacity(accounts.len());
        for account in accounts {
            let row = record::account(account.id);
            people.push(PersonRow {
                signed: signed.iter().any(|signed| signed.id == row && signed.signed),
                invited_until: open.iter().find(|(id, _)| *id == account.id).map(|(_, until)| *until),
                account,
            });
        }
        Ok(PeoplePage { people, total: record::number(total.unwrap_or_default())? })
    }

    /// One person.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NotFound`] where there is no such person.
    pub async fn person(&self, caller: AccountId, id: AccountId) -> Result<PersonRow, StoreError> {
        let signed = self
            .transact(|tx| async move {
                require_administrator(&tx, caller).await?;
                let text = "SELECT id, signature IS NOT NONE AS signed FROM ONLY $id";
                let row: Option<SignedRow> = query!(tx, text, id = record::account(id))?.take(0)?;
                Ok(row.ok_or(StoreError::NotFound)?.signed)
            })
            .await?;
        let invited_until = self.open_until(&[id]).await?.pop().map(|(_, until)| until);
        Ok(PersonRow { account: self.account(id).await?, signed, invited_until })
    }

    /// Lets a person sign in, or no more: then their sessions end and what is shared with them is refused, both at once.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::LastAdministrator`] for the only one there is.
    pub async fn set_person_enabled(&self, caller: AccountId, id: AccountId, enabled: bool) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            lock_administrators(&tx).await?;
            let person = locked(&tx, id).await?;
            if !enabled && person.role == Role::Administrator {
                require_another(&tx, id).await?;
            }
            query!(
                tx,
                "UPDATE $id SET status = IF $enabled { IF public_identity { 'active' } ELSE { 'invited' } }
                     ELSE { 'disabled' } RETURN NONE",
                id = record::account(id),
                enabled = enabled
            )?;
            changed(&tx, &[record::account(id)]).await?;
            let event = if enabled { Event::AccountEnabled } else { Event::AccountDisabled };
            note(&tx, event, caller, id).await?;
            if enabled { Ok(()) } else { end_sign_ins(&tx, id).await }
        })
        .await
    }

    /// Changes where a person gets mail.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::Taken`] for an email that somebody has.
    pub async fn set_email(&self, caller: AccountId, id: AccountId, email: &str) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            require_person(&tx, id).await?;
            locked(&tx, id).await?;
            query!(
                tx,
                "UPDATE $id SET email = $email, email_key = $key RETURN NONE",
                id = record::account(id),
                email = email.to_owned(),
                key = search_key(email)
            )
            .map_err(|error| taken(error.into()))?;
            note(&tx, Event::EmailChanged, caller, id).await?;
            changed(&tx, &[record::account(id)]).await
        })
        .await
    }

    /// Makes a person an administrator, with a mandate, or a member.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::LastAdministrator`] for the only one there is, [`StoreError::Malformed`] for a
    /// mandate that does not fit.
    pub async fn set_role(
        &self,
        caller: AccountId,
        id: AccountId,
        role: Role,
        mandate: Option<&Mandate>,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            lock_administrators(&tx).await?;
            require_person(&tx, id).await?;
            let person = locked(&tx, id).await?;
            match (role, mandate) {
                (Role::Member, _) if person.role == Role::Administrator => require_another(&tx, id).await?,
                (Role::Administrator, Some(mandate)) => {
                    let signer = require_mandate(&tx, caller).await?;
                    let entry = lock_entry_of(&tx, id).await?.and_then(|entry| entry.signed);
                    let entry = entry.ok_or(StoreError::Stale)?.entry;
                    let fits = mandate.account == id
                        && mandate.identity == entry.identity
                        && mandate.signer == caller
                        && mandate.is_by(&signer);
                    if !fits {
                        return Err(StoreError::Malformed("the mandate"));
                    }
                    query!(tx, "DELETE $id RETURN NONE", id = record::mandate(id, entry.epoch)?)?;
                    insert_mandate(&tx, mandate, entry.epoch).await?;
                }
                // The role of who has no keys yet is in their invitation.
                (Role::Administrator, None) => return Err(StoreError::Malformed("the mandate")),
                (Role::Member, _) => {}
            }
            query!(tx, "UPDATE $id SET role = $role RETURN NONE", id = record::account(id), role = role.text())?;
            let event = if role == Role::Administrator { Event::MadeAdministrator } else { Event::MadeMember };
            note(&tx, event, caller, id).await
        })
        .await
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn end_sessions_of(&self, caller: AccountId, id: AccountId) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            locked(&tx, id).await?;
            note(&tx, Event::SignedOut, caller, id).await?;
            end_sign_ins(&tx, id).await
        })
        .await
    }
}

pub(crate) async fn locked(tx: &Tx, id: AccountId) -> Result<Account, StoreError> {
    let text = format!("SELECT {FIELDS} FROM ONLY $id FOR UPDATE");
    let row: Option<AccountRow> = query!(tx, text, id = record::account(id))?.take(0)?;
    row.ok_or(StoreError::NotFound)?.try_into()
}

/// Fails where nobody else is an active administrator whose signatures count: without one nobody could be invited or confirmed ever again.
pub(crate) async fn require_another(tx: &Tx, id: AccountId) -> Result<(), StoreError> {
    let is_another = administrators(tx).await?.iter().any(|(administrator, _)| *administrator != id);
    if is_another { Ok(()) } else { Err(StoreError::LastAdministrator) }
}

/// Ends the sessions of an account, and the sign-ins that are under way: one that is about to commit fails by the row of the account.
pub(crate) async fn end_sign_ins(tx: &Tx, id: AccountId) -> Result<(), StoreError> {
    query!(
        tx,
        "DELETE session WHERE account = $id RETURN NONE; DELETE login WHERE account = $id RETURN NONE;
         UPDATE $id SET sign_ins += 1 RETURN NONE",
        id = record::account(id)
    )?;
    Ok(())
}

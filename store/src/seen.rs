//! What was shared with somebody is new to them until they have looked at it. And who has opened what: when they lose access, it should be rotated.

use std::collections::HashSet;

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, SecretId, ShareId};

use crate::account::require_active;
use crate::clock::{Millis, millis, now};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::StoreError;
use crate::record;

/// What an account has looked at.
pub(crate) struct Seen {
    secrets: HashSet<SecretId>,
    /// All that was shared before counts as seen.
    until: Option<Millis>,
}

impl Seen {
    pub(crate) async fn by(tx: &Tx, account: AccountId) -> Result<Self, StoreError> {
        let mut answer = query!(
            tx,
            "SELECT VALUE secret FROM seen:[$key, NONE]..=[$key, ..];
             SELECT VALUE seen_until FROM ONLY $account",
            key = account.uuid(),
            account = record::account(account)
        )?;
        let secrets: Vec<RecordId> = answer.take(0)?;
        let until: Option<Datetime> = answer.take(1)?;
        let secrets = secrets.iter().map(record::id).collect::<Result<_, _>>()?;
        Ok(Self { secrets, until: until.as_ref().map(millis) })
    }

    /// Whether what has been shared since then is new.
    pub(crate) fn is_new(&self, secret: SecretId, since: Millis) -> bool {
        self.until.is_none_or(|until| since > until) && !self.secrets.contains(&secret)
    }
}

#[derive(SurrealValue)]
struct SeenRow {
    id: RecordId,
    secret: RecordId,
    owner: RecordId,
    opened_at: Datetime,
}

impl Store {
    /// Whatever is shared with `caller` by now is not new to them any more.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn see_all(&self, caller: AccountId) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let text = "UPDATE $caller SET seen_until = $now RETURN NONE";
            query!(tx, text, caller = record::account(caller), now = now())?;
            Ok(())
        })
        .await
    }
}

/// Notes that `account` has looked at a secret of `owner`. Whether that was the first time.
pub(crate) async fn look(tx: &Tx, account: AccountId, secret: SecretId, owner: AccountId) -> Result<bool, StoreError> {
    let known: Option<RecordId> =
        query!(tx, "SELECT VALUE id FROM ONLY $id", id = record::seen(account, secret))?.take(0)?;
    if known.is_none() {
        query!(
            tx,
            "UPSERT $id SET secret = $secret, owner = $owner RETURN NONE",
            id = record::seen(account, secret),
            secret = record::secret(secret),
            owner = record::account(owner)
        )?;
    }
    Ok(known.is_none())
}

/// Notes that `account` has opened the value of a secret of `owner`.
pub(crate) async fn note_opened(
    tx: &Tx,
    account: AccountId,
    secret: SecretId,
    owner: AccountId,
) -> Result<(), StoreError> {
    query!(
        tx,
        "UPSERT $id SET secret = $secret, owner = $owner, opened_at = $now RETURN NONE",
        id = record::seen(account, secret),
        secret = record::secret(secret),
        owner = record::account(owner),
        now = now()
    )?;
    Ok(())
}

/// Hands what is known of who opened secrets over to their new owner. The owner before knows them all.
pub(crate) async fn hand_over(tx: &Tx, secrets: &[SecretId], from: AccountId, to: AccountId) -> Result<(), StoreError> {
    for chunk in secrets.chunks(CHUNK) {
        let rows = chunk.iter().map(|secret| SeenRow {
            id: record::seen(from, *secret),
            secret: record::secret(*secret),
            owner: record::account(to),
            opened_at: now(),
        });
        query!(
            tx,
            "UPDATE seen SET owner = $to WHERE secret IN $ids RETURN NONE;
             INSERT INTO seen $rows ON DUPLICATE KEY UPDATE opened_at = $input.opened_at RETURN NONE",
            ids = record::secrets(chunk),
            to = record::account(to),
            rows = rows.collect::<Vec<_>>()
        )?;
    }
    Ok(())
}

/// A share that takes the place of others is as old as the first of them: what it gives is no news.
pub(crate) async fn keep_age(tx: &Tx, share: ShareId, before: Vec<RecordId>) -> Result<(), StoreError> {
    let text = "UPDATE $id SET created_at = array::min(SELECT VALUE created_at FROM $before) ?? created_at RETURN NONE";
    query!(tx, text, id = record::share(share), before = before)?;
    Ok(())
}

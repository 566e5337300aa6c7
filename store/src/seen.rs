//! What was shared with somebody is new to them until they have looked at it. And who has opened what: when they lose access, it should be rotated.

use std::collections::{HashMap, HashSet};

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, SecretId, ShareId};

use crate::access::second;
use crate::account::require_active;
use crate::clock::{Millis, millis, now, time};
use crate::database::{CHUNK, Store, Tx, insert, query};
use crate::error::StoreError;
use crate::record;

/// What an account has looked at, and when.
pub(crate) struct Seen {
    secrets: HashMap<SecretId, Millis>,
    /// All that was shared before counts as seen.
    until: Option<Millis>,
}

impl Seen {
    pub(crate) async fn by(tx: &Tx, account: AccountId) -> Result<Self, StoreError> {
        let mut answer = query!(
            tx,
            "SELECT secret, seen_at FROM seen:[$key, NONE]..=[$key, ..];
             SELECT VALUE seen_until FROM ONLY $account",
            key = account.uuid(),
            account = record::account(account)
        )?;
        let rows: Vec<LookRow> = answer.take(0)?;
        let until: Option<Datetime> = answer.take(1)?;
        let look = |row: &LookRow| Ok((record::id(&row.secret)?, millis(&row.seen_at)));
        let secrets = rows.iter().map(look).collect::<Result<_, StoreError>>()?;
        Ok(Self { secrets, until: until.as_ref().map(millis) })
    }

    /// Whether what has been shared since then is new.
    pub(crate) fn is_new(&self, secret: SecretId, since: Millis) -> bool {
        let before = [self.until, self.secrets.get(&secret).copied()];
        before.into_iter().flatten().all(|seen| since > seen)
    }
}

#[derive(SurrealValue)]
struct SeenRow {
    id: RecordId,
    secret: RecordId,
    seen_at: Datetime,
    owner: RecordId,
    opened_at: Datetime,
}

#[derive(SurrealValue)]
struct LookRow {
    secret: RecordId,
    seen_at: Datetime,
}

impl Store {
    /// Whatever was shared with `caller` until then is not new to them any more. What they have seen already stays seen.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] for a time that is not over yet.
    pub async fn see_all(&self, caller: AccountId, until: Millis) -> Result<(), StoreError> {
        let until = time(until)?;
        if until > now() {
            return Err(StoreError::Malformed("a time"));
        }
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let text =
                "UPDATE $caller SET seen_until = $until WHERE seen_until IS NONE OR seen_until < $until RETURN NONE";
            query!(tx, text, caller = record::account(caller), until = until)?;
            Ok(())
        })
        .await
    }
}

/// Whether a secret that has been shared with `account` since then is new to it.
pub(crate) async fn is_new(tx: &Tx, account: AccountId, secret: SecretId, since: Millis) -> Result<bool, StoreError> {
    let mut answer = query!(
        tx,
        "SELECT VALUE seen_at FROM ONLY $id; SELECT VALUE seen_until FROM ONLY $account",
        id = record::seen(account, secret),
        account = record::account(account)
    )?;
    let before: [Option<Datetime>; 2] = [answer.take(0)?, answer.take(1)?];
    Ok(before.iter().flatten().all(|seen| since > millis(seen)))
}

/// Notes that `account` has looked at a secret.
pub(crate) async fn look(tx: &Tx, account: AccountId, secret: SecretId) -> Result<(), StoreError> {
    note(tx, account, secret, None).await
}

/// Notes that `account`, which does not own it, has opened the value of a secret, or written it.
pub(crate) async fn note_opened(tx: &Tx, account: AccountId, secret: SecretId) -> Result<(), StoreError> {
    // Whoever transfers it at the same time meets the rows of those who have opened it before. Of one who opens it for the first time they would
    // know nothing: so both write the secret.
    query!(
        tx,
        "IF (SELECT VALUE opened_at FROM ONLY $id) IS NONE { UPDATE $secret SET openers += 1 RETURN NONE }",
        id = record::seen(account, secret),
        secret = record::secret(secret)
    )?;
    note(tx, account, secret, Some(now())).await
}

async fn note(tx: &Tx, account: AccountId, secret: SecretId, opened_at: Option<Datetime>) -> Result<(), StoreError> {
    // Whoever makes somebody else its owner at the same time hands this row over as well, or this fails.
    let text = "SELECT VALUE owner FROM ONLY $id FOR UPDATE";
    let owner: Option<RecordId> = query!(tx, text, id = record::secret(secret))?.take(0)?;
    query!(
        tx,
        "UPSERT $id SET secret = $secret, owner = $owner, seen_at = $now, opened_at = $opened_at ?? opened_at RETURN NONE",
        id = record::seen(account, secret),
        secret = record::secret(secret),
        owner = owner.ok_or(StoreError::NotFound)?,
        now = now(),
        opened_at = opened_at
    )?;
    Ok(())
}

/// Hands what is known of who opened secrets over to their new owner. The owner before knows them all.
pub(crate) async fn hand_over(tx: &Tx, secrets: &[SecretId], from: AccountId, to: AccountId) -> Result<(), StoreError> {
    for chunk in secrets.chunks(CHUNK) {
        // One by one, each by its index: a condition with all of them would read the whole table.
        let known: Vec<RecordId> = query!(
            tx,
            "FOR $secret IN $ids { UPDATE seen SET owner = $to WHERE secret = $secret RETURN NONE };
             UPDATE $known SET opened_at = $now RETURN VALUE id",
            ids = record::secrets(chunk),
            to = record::account(to),
            known = chunk.iter().map(|secret| record::seen(from, *secret)).collect::<Vec<_>>(),
            now = now()
        )?
        .take(1)?;
        let known: HashSet<SecretId> = known.iter().map(second).collect::<Result<_, _>>()?;
        let new = chunk.iter().filter(|secret| !known.contains(secret)).map(|secret| SeenRow {
            id: record::seen(from, *secret),
            secret: record::secret(*secret),
            seen_at: now(),
            owner: record::account(to),
            opened_at: now(),
        });
        insert(tx, "seen", new.collect()).await?;
    }
    Ok(())
}

/// A share that takes the place of others is as old as the first of them: what it gives is no news.
pub(crate) async fn keep_age(tx: &Tx, share: ShareId, before: Vec<RecordId>) -> Result<(), StoreError> {
    let text = "UPDATE $id SET created_at = array::min(SELECT VALUE created_at FROM $before) ?? created_at RETURN NONE";
    query!(tx, text, id = record::share(share), before = before)?;
    Ok(())
}

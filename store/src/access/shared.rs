//! What is shared with an account, and since when.

use std::collections::HashMap;

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, GroupId, Permission, RecipientId, SecretId, ShareId};

use super::{FoundPath, grants_to, items_among, paths, recipients_of};
use crate::clock::{Millis, millis};
use crate::database::{CHUNK, Tx, query};
use crate::error::StoreError;
use crate::limit::Limits;
use crate::record;

/// What an account has of a secret that is shared with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedWith {
    /// The highest permission.
    pub permission: Permission,
    /// Since when it has been shared with it: also where it came into a group later.
    pub since: Millis,
}

#[derive(SurrealValue)]
struct SinceRow {
    id: RecordId,
    since: Datetime,
}

/// All secrets that are shared with `account`. What it owns may be among them: by a group it is in.
pub(crate) async fn shared_with(tx: &Tx, account: AccountId) -> Result<HashMap<SecretId, SharedWith>, StoreError> {
    shared_by_way_of(tx, account, &recipients_of(tx, account).await?, None).await
}

/// The same, of some secrets only.
pub(crate) async fn shared_among(
    tx: &Tx,
    account: AccountId,
    among: &[SecretId],
) -> Result<HashMap<SecretId, SharedWith>, StoreError> {
    shared_by_way_of(tx, account, &recipients_of(tx, account).await?, Some(among)).await
}

/// The same, as far as it comes by some of those through whom the account gets access; of all secrets, or some.
pub(crate) async fn shared_by_way_of(
    tx: &Tx,
    account: AccountId,
    recipients: &[RecipientId],
    among: Option<&[SecretId]>,
) -> Result<HashMap<SecretId, SharedWith>, StoreError> {
    let mut some = match among {
        Some([]) => return Ok(HashMap::new()),
        Some(among) => Some(items_among(tx, among, Some(account)).await?),
        None => None,
    };
    let mut secrets: HashMap<SecretId, SharedWith> = HashMap::new();
    let limits = Limits::for_recipients(tx, recipients).await?;
    let text = "SELECT `group` AS id, added_at AS since FROM membership:[$key, NONE]..=[$key, ..]";
    let joined: HashMap<GroupId, Millis> = since(query!(tx, text, key = account.uuid())?.take(0)?)?;
    let mut shares = grants_to(tx, recipients).await?;
    if let Some(some) = &some {
        shares.retain(|share, _| some.contains_key(share));
    }
    let mut ages: HashMap<ShareId, Millis> = HashMap::with_capacity(shares.len());
    let ids: Vec<RecordId> = shares.keys().copied().map(record::share).collect();
    for chunk in ids.chunks(CHUNK) {
        let text = "SELECT id, created_at AS since FROM $ids";
        ages.extend(since::<ShareId>(query!(tx, text, ids = chunk.to_vec())?.take(0)?)?);
    }
    for (share, grants) in shares {
        let age = ages.get(&share).copied().unwrap_or_default();
        let items = match &mut some {
            Some(some) => some.remove(&share).unwrap_or_default(),
            None => items_for(tx, account, share).await?,
        };
        for secret in items {
            for grant in &grants {
                let Some(permission) = limits.leave(grant, secret) else { continue };
                let since = match grant.recipient {
                    RecipientId::Account(_) => age,
                    RecipientId::Group(group) => age.max(joined.get(&group).copied().unwrap_or_default()),
                };
                let best = secrets.entry(secret).or_insert(SharedWith { permission, since });
                best.permission = best.permission.max(permission);
                best.since = best.since.min(since);
            }
        }
    }
    Ok(secrets)
}

/// Since when one secret has been shared with `account`, which has access to it.
pub(crate) async fn shared_since(tx: &Tx, account: AccountId, secret: SecretId) -> Result<Millis, StoreError> {
    let mut first = Millis::MAX;
    for (FoundPath { path, .. }, _) in paths(tx, account, secret).await? {
        let text = "SELECT VALUE created_at FROM ONLY $id";
        let shared: Option<Datetime> = query!(tx, text, id = record::share(path.share))?.take(0)?;
        let joined: Option<Datetime> = match path.recipient {
            RecipientId::Account(_) => None,
            RecipientId::Group(group) => {
                let text = "SELECT VALUE added_at FROM ONLY $id";
                query!(tx, text, id = record::membership(account, group))?.take(0)?
            }
        };
        first = first.min([shared, joined].iter().flatten().map(millis).max().unwrap_or_default());
    }
    Ok(first)
}

fn since<T: From<uuid::Uuid> + Eq + std::hash::Hash>(rows: Vec<SinceRow>) -> Result<HashMap<T, Millis>, StoreError> {
    rows.iter().map(|row| Ok((record::id(&row.id)?, millis(&row.since)))).collect()
}

/// The secrets that one share gives access to, without those that `account` has left.
async fn items_for(tx: &Tx, account: AccountId, share: ShareId) -> Result<Vec<SecretId>, StoreError> {
    let secrets: Vec<RecordId> = query!(
        tx,
        "SELECT VALUE secret FROM item:[$key, NONE]..=[$key, ..] WHERE !ended AND left CONTAINSNOT $account",
        key = share.uuid(),
        account = record::account(account)
    )?
    .take(0)?;
    secrets.iter().map(record::id).collect()
}

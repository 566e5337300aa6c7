//! Limits: what recipients no longer have, although their grants still say so. They take effect at once and need no keys; the granter's client
//! brings grants and keys in line with them when it settles the shares, and then they go.
//!
//! A limit is an object, as a share is: N secrets and M recipients are 1 + N + M rows. It is on what was granted before it, and on nothing that is
//! granted later; the count of the granter's `ownership`, which both write, tells which came first.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use surrealdb::types::{RecordId, SurrealValue};
use uuid::Uuid;
use vault::{AccountId, Limit, Permission, RecipientId, SecretId};

use crate::access::{parse_permission, permission_text};
use crate::database::{Tx, insert, query};
use crate::error::StoreError;
use crate::record;

/// What one grant gives, and where it stands among the limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted {
    /// Who granted it.
    pub granter: AccountId,
    /// To whom.
    pub recipient: RecipientId,
    /// What they may do.
    pub permission: Permission,
    /// When, as the granter's `ownership` counts.
    pub number: i64,
}

/// Limits, as far as they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Limits(Vec<Known>);

#[derive(Debug)]
struct Known {
    granter: AccountId,
    number: i64,
    secrets: HashSet<SecretId>,
    recipients: HashMap<RecipientId, Option<Permission>>,
}

impl Known {
    fn is_on(&self, grant: &Granted) -> bool {
        // What a transfer grants is no access that a limit could end: it makes an owner.
        grant.permission != Permission::Own
            && self.granter == grant.granter
            && self.number > grant.number
            && self.recipients.contains_key(&grant.recipient)
    }
}

#[derive(SurrealValue)]
struct LimitRow {
    id: RecordId,
    granter: RecordId,
    number: i64,
}

#[derive(SurrealValue)]
struct LimitedSecretRow {
    id: RecordId,
    limit: RecordId,
    secret: RecordId,
}

#[derive(SurrealValue)]
struct LimitedRecipientRow {
    id: RecordId,
    limit: RecordId,
    recipient: RecordId,
    permission: Option<String>,
}

#[derive(SurrealValue)]
struct OfRecipientRow {
    limit: RecordId,
    permission: Option<String>,
    granter: RecordId,
    number: i64,
}

#[derive(SurrealValue)]
struct RecipientRow {
    recipient: RecordId,
    permission: Option<String>,
}

impl Limits {
    /// Those for some recipients, with all of their secrets.
    pub(crate) async fn for_recipients(tx: &Tx, recipients: &[RecipientId]) -> Result<Self, StoreError> {
        let mut found: BTreeMap<Uuid, Known> = BTreeMap::new();
        for recipient in recipients {
            let rows: Vec<OfRecipientRow> = query!(
                tx,
                "SELECT `limit`, permission, `limit`.granter AS granter, `limit`.number AS number
                 FROM limited_recipient:[$key, NONE]..=[$key, ..]",
                key = record::recipient(*recipient)
            )?
            .take(0)?;
            for row in rows {
                let id: Uuid = record::id(&row.limit)?;
                let known = match found.entry(id) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(Known {
                        granter: record::id(&row.granter)?,
                        number: row.number,
                        secrets: secrets_of(tx, id).await?,
                        recipients: HashMap::new(),
                    }),
                };
                known.recipients.insert(*recipient, parse(row.permission.as_deref())?);
            }
        }
        Ok(Self(found.into_values().collect()))
    }

    /// Those on one secret, with all of their recipients.
    pub(crate) async fn on_secret(tx: &Tx, secret: SecretId) -> Result<Self, StoreError> {
        let text = "SELECT id, granter, number FROM (SELECT VALUE `limit` FROM limited_secret WHERE secret = $secret)";
        let rows: Vec<LimitRow> = query!(tx, text, secret = record::secret(secret))?.take(0)?;
        Self::load(tx, rows, Some(secret)).await
    }

    /// Those on everything that `granter` has granted.
    pub(crate) async fn by_granter(tx: &Tx, granter: AccountId) -> Result<Self, StoreError> {
        let text = "SELECT id, granter, number FROM `limit` WHERE granter = $granter";
        let rows: Vec<LimitRow> = query!(tx, text, granter = record::account(granter))?.take(0)?;
        Self::load(tx, rows, None).await
    }

    async fn load(tx: &Tx, rows: Vec<LimitRow>, only: Option<SecretId>) -> Result<Self, StoreError> {
        let mut limits = Vec::with_capacity(rows.len());
        for row in rows {
            let id: Uuid = record::id(&row.id)?;
            let secrets = match only {
                Some(secret) => HashSet::from([secret]),
                None => secrets_of(tx, id).await?,
            };
            let text = "SELECT recipient, permission FROM limited_recipient WHERE `limit` = $limit";
            let recipients: Vec<RecipientRow> = query!(tx, text, limit = record::limit(id))?.take(0)?;
            let recipients = recipients
                .iter()
                .map(|row| Ok((record::recipient_id(&row.recipient)?, parse(row.permission.as_deref())?)))
                .collect::<Result<_, StoreError>>()?;
            limits.push(Known { granter: record::id(&row.granter)?, number: row.number, secrets, recipients });
        }
        Ok(Self(limits))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What they leave of what a grant gives of a secret.
    pub(crate) fn leave(&self, grant: &Granted, secret: SecretId) -> Option<Permission> {
        let on = self.0.iter().filter(|limit| limit.is_on(grant) && limit.secrets.contains(&secret));
        on.map(|limit| limit.recipients[&grant.recipient])
            .try_fold(grant.permission, |permission, limit| limit.map(|limit| limit.min(permission)))
    }

    /// Those on a share with these secrets, as its settled form is worked out from.
    pub(crate) fn on_share(&self, grants: &[Granted], items: &[SecretId]) -> Vec<Limit> {
        let on = |known: &Known| {
            let mut secrets: Vec<SecretId> =
                items.iter().filter(|item| known.secrets.contains(item)).copied().collect();
            let mut recipients: Vec<_> = grants
                .iter()
                .filter(|grant| known.is_on(grant))
                .map(|grant| (grant.recipient, known.recipients[&grant.recipient]))
                .collect();
            secrets.sort_unstable();
            recipients.sort_unstable();
            Limit { secrets, recipients }
        };
        let is_any = |limit: &Limit| !limit.secrets.is_empty() && !limit.recipients.is_empty();
        self.0.iter().map(on).filter(is_any).collect()
    }
}

/// Limits what `granter` has granted until now. The count of their `ownership` is `number` since.
pub(crate) async fn write(
    tx: &Tx,
    granter: AccountId,
    number: i64,
    secrets: &BTreeSet<SecretId>,
    recipients: &BTreeMap<RecipientId, Option<Permission>>,
) -> Result<(), StoreError> {
    let id = Uuid::from_bytes(vault::random_bytes());
    let limit = record::limit(id);
    insert(tx, "limit", vec![LimitRow { id: limit.clone(), granter: record::account(granter), number }]).await?;
    let secrets = secrets.iter().map(|secret| LimitedSecretRow {
        id: record::limited_secret(id, *secret),
        limit: limit.clone(),
        secret: record::secret(*secret),
    });
    insert(tx, "limited_secret", secrets.collect()).await?;
    let recipients = recipients.iter().map(|(recipient, permission)| LimitedRecipientRow {
        id: record::limited_recipient(*recipient, id),
        limit: limit.clone(),
        recipient: record::recipient(*recipient),
        permission: permission.map(|permission| permission_text(permission).to_owned()),
    });
    insert(tx, "limited_recipient", recipients.collect()).await
}

/// Lets go of the limits on what `granter` has granted, once none of their shares is due: each of those a limit was on has been settled since.
pub(crate) async fn forget_settled(tx: &Tx, granter: AccountId) -> Result<(), StoreError> {
    let text = "SELECT VALUE id FROM share WHERE granter = $granter AND due_since IS NOT NONE LIMIT 1";
    let due: Vec<RecordId> = query!(tx, text, granter = record::account(granter))?.take(0)?;
    if !due.is_empty() {
        return Ok(());
    }
    let text = "SELECT VALUE id FROM `limit` WHERE granter = $granter";
    let limits: Vec<RecordId> = query!(tx, text, granter = record::account(granter))?.take(0)?;
    for limit in limits {
        query!(
            tx,
            "DELETE limited_secret:[$key, NONE]..=[$key, ..] RETURN NONE;
             DELETE (SELECT VALUE id FROM limited_recipient WHERE `limit` = $limit) RETURN NONE;
             DELETE $limit RETURN NONE",
            key = record::id::<Uuid>(&limit)?,
            limit = limit
        )?;
    }
    Ok(())
}

async fn secrets_of(tx: &Tx, limit: Uuid) -> Result<HashSet<SecretId>, StoreError> {
    let text = "SELECT VALUE secret FROM limited_secret:[$key, NONE]..=[$key, ..]";
    let secrets: Vec<RecordId> = query!(tx, text, key = limit)?.take(0)?;
    secrets.iter().map(record::id).collect()
}

fn parse(permission: Option<&str>) -> Result<Option<Permission>, StoreError> {
    permission.map(parse_permission).transpose()
}

//! Live: what was done, as soon as it is written, and whom it concerns. What is told of it is who should look again, and no more than they would see
//! then.

mod heard;
mod since;

use std::collections::{BTreeSet, HashMap};

use surrealdb::types::RecordId;
use uuid::Uuid;
use vault::{AccountId, BatchId, GroupId, RecipientId, SecretId, ShareId};

use crate::access::{first, grants_of};
use crate::audit::{EntryRow, Event, time_of};
use crate::batch::{BatchPart, parts_of, parts_of_event};
use crate::clock::{millis, now_in_millis};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::group::members_of;
use crate::record;
use crate::secret::owners;

pub use heard::Heard;
pub use since::{AsOf, ListChanges, SEEN};

/// How long it takes at most from the id of an entry until the entry is there, with what clocks differ by: milliseconds.
const OVERLAP_MS: u128 = 10_000;

/// Where to begin, not to miss what came while somebody looked.
fn before(event: Uuid) -> Uuid {
    Uuid::from_u128(event.as_u128().saturating_sub(OVERLAP_MS << 80))
}

/// Whether an event is later than it can be: the clock was set back since, and what came after it is before it in the log.
fn is_ahead(event: Uuid) -> bool {
    let ahead = millis(&time_of(event)) - now_in_millis();
    u128::try_from(ahead).is_ok_and(|ahead| ahead > OVERLAP_MS)
}

/// Of so many secrets is looked up who has them. Of more, everyone is told with whom their owners share anything: to look again harms nobody, and one
/// large batch does not keep the next ones waiting.
const FEW: usize = 100;

/// Something that was done: an entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// The entry.
    pub id: Uuid,
    event: Event,
    by: AccountId,
    account: Option<AccountId>,
    group: Option<GroupId>,
    secret: Option<SecretId>,
    batch: Option<BatchId>,
}

/// What one person is told of it, besides that something has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// How the one is called who did it.
    pub by: String,
    /// Whether the secrets were given to them, and not shared with them.
    pub given: bool,
    /// How many they were.
    pub secrets: usize,
}

impl Happened {
    fn of(row: &EntryRow) -> Result<Self, StoreError> {
        fn id<T: From<Uuid>>(record: Option<&RecordId>) -> Result<Option<T>, StoreError> {
            record.map(record::id).transpose()
        }
        Ok(Self {
            id: record::id(&row.id)?,
            event: Event::parse(&row.event)?,
            by: record::id(&row.by)?,
            account: id(row.account.as_ref())?,
            group: id(row.group.as_ref())?,
            secret: id(row.secret.as_ref())?,
            batch: id(row.batch.as_ref())?,
        })
    }

    /// Whether anybody sees something else than before: not where somebody only looked.
    fn changes_something(&self) -> bool {
        !matches!(self.event, Event::SecretOpened | Event::VersionOpened | Event::Exported)
    }
}

impl Store {
    /// Whether anything may have been done that somebody has not seen who has seen everything up to an event. Ids are made before what they are
    /// about is written, by clocks that are not quite the same: what came a little before it counts as well.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn happened_since(&self, event: Uuid) -> Result<bool, StoreError> {
        if is_ahead(event) {
            return Ok(true);
        }
        let from = before(event);
        let ids: Vec<RecordId> = query!(self.db, format!("SELECT VALUE id FROM audit:u'{from}'.. LIMIT 2"))?.take(0)?;
        let ids = ids.iter().map(record::id).collect::<Result<Vec<Uuid>, _>>()?;
        Ok(ids.iter().any(|id| *id != event))
    }

    /// Whom something concerns: those who see something else than before, and what is news to them.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn concerned(&self, happened: &Happened) -> Result<HashMap<AccountId, Option<News>>, StoreError> {
        if !happened.changes_something() {
            return Ok(HashMap::new());
        }
        self.transact(|tx| async move {
            let concern = concern(&tx, happened).await?;
            let news = news(&tx, happened, &concern).await?;
            Ok(concern.accounts.into_iter().map(|account| (account, news.get(&account).cloned())).collect())
        })
        .await
    }
}

/// Whom something concerns.
struct Concern {
    accounts: BTreeSet<AccountId>,
    parts: Vec<BatchPart>,
    /// Who is behind those whom it was shared with.
    members: HashMap<RecipientId, Vec<AccountId>>,
}

async fn concern(tx: &Tx, happened: &Happened) -> Result<Concern, StoreError> {
    let mut accounts = BTreeSet::from([happened.by]);
    accounts.extend(happened.account);
    // Of who comes and goes nobody else in the group sees anything in their list.
    if let Some(group) = happened.group.filter(|_| happened.account.is_none()) {
        accounts.extend(members_of(tx, group).await?);
    }
    let parts = parts_about(tx, happened).await?;
    let secrets: BTreeSet<SecretId> = parts.iter().flat_map(|part| &part.secrets).copied().collect();
    let secrets: Vec<SecretId> = secrets.into_iter().chain(happened.secret).collect();
    let changed: BTreeSet<RecipientId> =
        parts.iter().flat_map(|part| &part.changes).map(|change| change.recipient).collect();
    let owners: BTreeSet<AccountId> = owners(tx, &secrets).await?.into_values().collect();
    // What has just been added, nobody else has. Whose it is, everyone sees who has it.
    let by_secret = (changed.is_empty() || happened.event == Event::Transferred) && happened.event != Event::Imported;
    let mut recipients = if by_secret { recipients_of(tx, &secrets, &owners).await? } else { BTreeSet::new() };
    accounts.extend(owners);
    recipients.extend(changed);
    let mut members = HashMap::new();
    for recipient in recipients {
        let people = people_of(tx, recipient).await?;
        accounts.extend(people.iter().copied());
        members.insert(recipient, people);
    }
    Ok(Concern { accounts, parts, members })
}

/// What a batch did that something is about.
async fn parts_about(tx: &Tx, happened: &Happened) -> Result<Vec<BatchPart>, StoreError> {
    let Some(batch) = happened.batch else { return Ok(Vec::new()) };
    let (parts, _) = parts_of_event(tx, batch, happened.id).await?;
    if !parts.is_empty() {
        return Ok(parts);
    }
    // It is about the end of what the batch gave.
    Ok(parts_of(tx, batch, None).await?.into_values().flatten().collect())
}

/// Everyone who has secrets by a share; of many secrets everyone whom their owners share anything with, where that is asked faster.
async fn recipients_of(
    tx: &Tx,
    secrets: &[SecretId],
    owners: &BTreeSet<AccountId>,
) -> Result<BTreeSet<RecipientId>, StoreError> {
    let mut shares: BTreeSet<ShareId> = BTreeSet::new();
    if secrets.len() > FEW {
        for owner in owners {
            let text = "SELECT VALUE id FROM share WHERE granter = $owner AND !ended";
            let live: Vec<RecordId> = query!(tx, text, owner = record::account(*owner))?.take(0)?;
            shares.extend(live.iter().map(record::id).collect::<Result<Vec<ShareId>, _>>()?);
        }
    }
    if secrets.len() <= FEW || shares.len() > secrets.len() {
        shares.clear();
        for secret in secrets {
            let text = "SELECT VALUE id FROM item WHERE secret = $secret AND !ended";
            let items: Vec<RecordId> = query!(tx, text, secret = record::secret(*secret))?.take(0)?;
            shares.extend(items.iter().map(first).collect::<Result<Vec<ShareId>, _>>()?);
        }
    }
    let mut recipients = BTreeSet::new();
    for share in shares {
        recipients.extend(grants_of(tx, share).await?.iter().map(|grant| grant.recipient));
    }
    Ok(recipients)
}

async fn people_of(tx: &Tx, recipient: RecipientId) -> Result<Vec<AccountId>, StoreError> {
    Ok(match recipient {
        RecipientId::Account(account) => vec![account],
        RecipientId::Group(group) => members_of(tx, group).await?.into_iter().collect(),
    })
}

/// What is told to those with whom something was shared, or to whom it was given.
async fn news(tx: &Tx, happened: &Happened, concern: &Concern) -> Result<HashMap<AccountId, News>, StoreError> {
    let given = happened.event == Event::Transferred;
    if !given && !matches!(happened.event, Event::Shared | Event::ShareExtended | Event::PermissionsChanged) {
        return Ok(HashMap::new());
    }
    let mut secrets: HashMap<AccountId, BTreeSet<SecretId>> = HashMap::new();
    for part in &concern.parts {
        for change in part.changes.iter().filter(|change| change.before.is_none() && change.after.is_some()) {
            for account in concern.members.get(&change.recipient).into_iter().flatten() {
                secrets.entry(*account).or_default().extend(&part.secrets);
            }
        }
    }
    secrets.remove(&happened.by);
    let by: Option<String> =
        query!(tx, "SELECT VALUE name FROM ONLY $id", id = record::account(happened.by))?.take(0)?;
    let by = by.unwrap_or_default();
    Ok(secrets
        .into_iter()
        .map(|(account, secrets)| (account, News { by: by.clone(), given, secrets: secrets.len() }))
        .collect())
}

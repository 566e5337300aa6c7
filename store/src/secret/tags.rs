//! Tags, of many secrets at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId};

use super::states;
use crate::access::{Access, access, rely_on_access};
use crate::account::require_active;
use crate::batch::{self, BatchKind, BatchPart, NewBatch, Request};
use crate::clock::now;
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;

/// The most tags of one secret.
pub(crate) const MAX_TAGS: usize = 20;

/// Tags that secrets get, and tags that they lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagging {
    /// The secrets.
    pub secrets: Vec<SecretId>,
    /// What they get, where they do not have it yet.
    pub add: Vec<String>,
    /// What they lose, where they have it.
    pub remove: Vec<String>,
}

#[derive(SurrealValue)]
struct TagsRow {
    id: RecordId,
    tags: Vec<String>,
}

impl Store {
    /// Changes the tags of secrets, all or none, by their owner or someone who may edit them.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that the caller may not change now, or that would have too many tags, [`StoreError::Reused`] for another
    /// batch with this id.
    pub async fn tag_secrets(&self, caller: AccountId, id: BatchId, tagging: &Tagging) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let request = Request::new(BatchKind::Tag).secrets(&tagging.secrets);
            let request = tagging.add.iter().fold(request, |request, tag| request.part(tag.as_bytes()).part(b"+"));
            let request = tagging.remove.iter().fold(request, |request, tag| request.part(tag.as_bytes()).part(b"-"));
            let digest = request.digest();
            if batch::is_done(&tx, caller, id, &digest).await? {
                return Ok(());
            }
            let parts = retag(&tx, caller, std::slice::from_ref(tagging)).await?;
            batch::write(
                &tx,
                NewBatch { id, kind: BatchKind::Tag, by: caller, digest, undoes: None, parts, also: None },
            )
            .await
        })
        .await
    }
}

/// Changes tags, all or none. What has changed, by owners.
pub(crate) async fn retag(
    tx: &Tx,
    caller: AccountId,
    taggings: &[Tagging],
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    /// What a secret of an owner got and lost.
    type Changed = (AccountId, Vec<String>, Vec<String>);
    let (mut problems, mut owners) = (Vec::new(), BTreeSet::new());
    let mut changed: BTreeMap<Changed, Vec<SecretId>> = BTreeMap::new();
    let mut becomes: BTreeMap<Vec<String>, Vec<SecretId>> = BTreeMap::new();
    for tagging in taggings {
        let states = states(tx, &tagging.secrets).await?;
        let tags = tags_of(tx, &tagging.secrets).await?;
        for secret in &tagging.secrets {
            let found = match states.get(secret) {
                Some(state) => access(tx, caller, *secret, state.owner).await?.map(|access| (access, state)),
                None => None,
            };
            let reason = match found {
                Some((Access::Shared(_), state)) if !state.enabled => Reason::Disabled,
                Some((access, state)) if access.may_edit() => {
                    let has = tags.get(secret).cloned().unwrap_or_default();
                    let got: Vec<String> = tagging.add.iter().filter(|tag| !has.contains(tag)).cloned().collect();
                    let lost: Vec<String> = tagging.remove.iter().filter(|tag| has.contains(tag)).cloned().collect();
                    let mut now: Vec<String> = has.into_iter().filter(|tag| !lost.contains(tag)).collect();
                    now.extend(got.iter().cloned());
                    if now.len() <= MAX_TAGS {
                        owners.insert(state.owner);
                        if !got.is_empty() || !lost.is_empty() {
                            changed.entry((state.owner, got, lost)).or_default().push(*secret);
                            becomes.entry(now).or_default().push(*secret);
                        }
                        continue;
                    }
                    Reason::TooManyTags
                }
                Some(_) => Reason::Forbidden,
                None => Reason::NotFound,
            };
            problems.push(Problem { subject: Subject::Secret(*secret), reason });
        }
    }
    if !problems.is_empty() {
        return Err(StoreError::Refused(problems));
    }
    for owner in owners.into_iter().filter(|owner| *owner != caller) {
        rely_on_access(tx, caller, owner).await?;
    }
    for (tags, secrets) in becomes {
        for chunk in secrets.chunks(CHUNK) {
            query!(
                tx,
                "UPDATE $ids SET tags = $tags, revision += 1, changed_at = $now, changed_by = $caller RETURN NONE",
                ids = record::secrets(chunk),
                tags = tags.clone(),
                now = now(),
                caller = record::account(caller)
            )?;
        }
    }
    let mut parts: BTreeMap<AccountId, Vec<BatchPart>> = BTreeMap::new();
    for ((owner, tagged, untagged), secrets) in changed {
        parts.entry(owner).or_default().push(BatchPart { tagged, untagged, ..BatchPart::of(secrets) });
    }
    Ok(parts)
}

async fn tags_of(tx: &Tx, secrets: &[SecretId]) -> Result<HashMap<SecretId, Vec<String>>, StoreError> {
    let mut tags = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let rows: Vec<TagsRow> = query!(tx, "SELECT id, tags FROM $ids", ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            tags.insert(record::id(&row.id)?, row.tags);
        }
    }
    Ok(tags)
}

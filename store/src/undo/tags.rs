//! What a batch did to tags, and what of that can be turned back.

use std::collections::{BTreeMap, HashMap};

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId};

use super::left_out::{Reasons, Why};
use super::plan::editable;
use crate::batch::{self, BatchKind, BatchPart, BatchRow, parts_of};
use crate::database::{CHUNK, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::secret::{MAX_TAGS, Tagging};

#[derive(SurrealValue)]
struct TagsRow {
    id: RecordId,
    tags: Vec<String>,
    enabled: bool,
}

/// The tags that a batch gave and took, the other way round: each as far as no later batch changed it as well, and the caller may change it now.
pub(super) async fn taggings(
    tx: &Tx,
    caller: AccountId,
    row: &BatchRow,
    parts: &BTreeMap<AccountId, Vec<BatchPart>>,
    reasons: &mut Reasons,
) -> Result<Vec<Tagging>, StoreError> {
    let mut found: BTreeMap<(Vec<String>, Vec<String>), Vec<SecretId>> = BTreeMap::new();
    for (owner, parts) in parts {
        let later = changed_later(tx, *owner, row).await?;
        for part in parts {
            let secrets = editable(tx, caller, *owner, part.secrets.clone(), false).await?;
            for (secret, (has, enabled)) in tags_of(tx, &secrets).await? {
                let is_last = |tag: &&String| !later.has(secret, tag);
                let (untagged, tagged) = (part.untagged.iter(), part.tagged.iter());
                let add: Vec<String> = untagged.filter(is_last).filter(|tag| !has.contains(tag)).cloned().collect();
                let remove: Vec<String> = tagged.filter(is_last).filter(|tag| has.contains(tag)).cloned().collect();
                if add.is_empty() && remove.is_empty() {
                    continue;
                }
                if !enabled && *owner != caller {
                    reasons.insert(secret, Why::Disabled);
                } else if has.len() + add.len() > MAX_TAGS + remove.len() {
                    reasons.insert(secret, Why::Full);
                } else {
                    found.entry((add, remove)).or_default().push(secret);
                }
            }
        }
    }
    Ok(found.into_iter().map(|((add, remove), secrets)| Tagging { secrets, add, remove }).collect())
}

/// The tags of secrets, in the order of their ids, and whether they are enabled.
async fn tags_of(tx: &Tx, secrets: &[SecretId]) -> Result<BTreeMap<SecretId, (Vec<String>, bool)>, StoreError> {
    let mut tags = BTreeMap::new();
    for chunk in secrets.chunks(CHUNK) {
        let text = "SELECT id, tags, enabled FROM $ids";
        let rows: Vec<TagsRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            tags.insert(record::id(&row.id)?, (row.tags, row.enabled));
        }
    }
    Ok(tags)
}

/// The batches after another one that changed a tag of a secret, without those that were undone.
#[derive(Default)]
struct ChangedLater(HashMap<SecretId, HashMap<String, Vec<BatchId>>>);

impl ChangedLater {
    fn has(&self, secret: SecretId, tag: &str) -> bool {
        self.0.get(&secret).and_then(|tags| tags.get(tag)).is_some_and(|batches| !batches.is_empty())
    }

    /// A batch has changed a tag; one that undid another takes the other's change away, if that came later as well.
    fn add(&mut self, secret: SecretId, tag: &str, batch: BatchId, undoes: Option<BatchId>) {
        let batches = self.0.entry(secret).or_default().entry(tag.to_owned()).or_default();
        if let Some(undone) = batches.iter().position(|known| Some(*known) == undoes) {
            batches.remove(undone);
        } else {
            batches.push(batch);
        }
    }
}

/// What later batches did to tags of one owner's secrets, in the order of time.
async fn changed_later(tx: &Tx, owner: AccountId, row: &BatchRow) -> Result<ChangedLater, StoreError> {
    let text =
        "SELECT VALUE batch FROM activity:[$key, $event]..=[$key, ..] WHERE batch != $batch AND batch.kind = $kind";
    let (event, kind) = (surrealdb::types::Uuid::from(row.event()), BatchKind::Tag.text());
    let later: Vec<RecordId> =
        query!(tx, text, key = owner.uuid(), event = event, batch = record::batch(row.id()?), kind = kind)?.take(0)?;
    let mut changed = ChangedLater::default();
    for batch in later {
        let batch: BatchId = record::id(&batch)?;
        let undoes = batch::read(tx, batch).await?.undoes()?;
        for part in parts_of(tx, batch, Some(owner)).await?.remove(&owner).unwrap_or_default() {
            for secret in &part.secrets {
                for tag in part.tagged.iter().chain(&part.untagged) {
                    changed.add(*secret, tag, batch, undoes);
                }
            }
        }
    }
    Ok(changed)
}

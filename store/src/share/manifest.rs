//! What a share is, as its rows have it.

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, Manifest, SecretId, ShareId, SignedManifest};

use crate::clock::{millis, now};
use crate::database::{Tx, query};
use crate::error::StoreError;
use crate::limit::{Granted, Limits};
use crate::{access, record};

#[derive(SurrealValue)]
struct ManifestRow {
    granter: RecordId,
    epoch: i64,
    key_check: Bytes,
    signature: Bytes,
    ends_at: Option<Datetime>,
}

#[derive(SurrealValue)]
pub(super) struct ManifestItemRow {
    pub secret: RecordId,
    pub ended: bool,
    pub left: Vec<RecordId>,
}

/// A live share, as its rows have it.
pub(super) struct Found {
    share: ShareId,
    row: ManifestRow,
    pub items: Vec<ManifestItemRow>,
    pub grants: Vec<Granted>,
}

/// The manifest of a live share, and those of the limits that are on it.
pub(crate) async fn signed_manifest(
    tx: &Tx,
    share: ShareId,
    limits: &Limits,
) -> Result<Option<SignedManifest>, StoreError> {
    read(tx, share).await?.map(|found| found.signed(limits)).transpose()
}

pub(super) async fn read(tx: &Tx, share: ShareId) -> Result<Option<Found>, StoreError> {
    let row: Option<ManifestRow> = query!(
        tx,
        "SELECT granter, epoch, key_check, signature, ends_at FROM ONLY $id WHERE ends_at IS NONE OR ends_at > $now",
        id = record::share(share),
        now = now()
    )?
    .take(0)?;
    let Some(row) = row else { return Ok(None) };
    let text = "SELECT secret, ended, left FROM item:[$key, NONE]..=[$key, ..]";
    let items = query!(tx, text, key = share.uuid())?.take(0)?;
    Ok(Some(Found { share, row, items, grants: access::grants_of(tx, share).await? }))
}

impl Found {
    pub fn signed(&self, limits: &Limits) -> Result<SignedManifest, StoreError> {
        let mut manifest = Manifest {
            granter: record::id(&self.row.granter)?,
            share: self.share,
            epoch: record::number(self.row.epoch)?,
            key_check: self.row.key_check[..]
                .try_into()
                .map_err(|_| StoreError::Content(format!("key check of share {}", self.share)))?,
            items: self.items.iter().map(|item| record::id(&item.secret)).collect::<Result<_, _>>()?,
            grants: self.grants.iter().map(|grant| (grant.recipient, grant.permission)).collect(),
        };
        manifest.sort();
        let ended = self.items.iter().filter(|item| item.ended).map(|item| record::id(&item.secret));
        let ended = ended.collect::<Result<_, _>>()?;
        let limits = limits.on_share(&self.grants, &manifest.items);
        let ends_at = self.row.ends_at.as_ref().map(millis);
        Ok(SignedManifest {
            manifest,
            signature: self.row.signature.to_vec(),
            ended,
            limits,
            left: Vec::new(),
            ends_at,
        })
    }

    /// The secrets that somebody has left, which is for their owner to know.
    fn left(&self) -> Result<Vec<SecretId>, StoreError> {
        self.items.iter().filter(|item| !item.left.is_empty()).map(|item| record::id(&item.secret)).collect()
    }
}

/// The live shares of `granter` that secrets are in, which are in the order of their ids, with the limits on them. The transaction fails if one of
/// them changes before it commits.
pub(crate) async fn shares_with(
    tx: &Tx,
    granter: AccountId,
    secrets: &[SecretId],
) -> Result<Vec<SignedManifest>, StoreError> {
    let text = "SELECT VALUE id FROM share WHERE granter = $granter AND (ends_at IS NONE OR ends_at > $now)";
    let shares: Vec<RecordId> = query!(tx, text, granter = record::account(granter), now = now())?.take(0)?;
    let limits = Limits::by_granter(tx, granter).await?;
    let mut found = Vec::new();
    for share in shares {
        let items = access::items_of(tx, record::id(&share)?).await?;
        if items.iter().any(|item| secrets.binary_search(item).is_ok()) {
            query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = share.clone())?;
            let share = read(tx, record::id(&share)?).await?.ok_or(StoreError::NotFound)?;
            let signed = SignedManifest { left: share.left()?, ..share.signed(&limits)? };
            // A transfer is no share.
            if signed.manifest.is_share() {
                found.push(signed);
            }
        }
    }
    Ok(found)
}

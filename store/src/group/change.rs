use surrealdb::types::{Bytes, RecordId};
use vault::{AccountId, GroupId, GroupKey};

use super::managed;
use crate::account::{Role, require_active};
use crate::audit::{Event, note_group};
use crate::database::{Store, query};
use crate::error::StoreError;
use crate::search::changed;
use crate::{directory, record};

/// What is changed of a group; its name is signed with its key.
#[derive(Clone, Debug)]
pub struct GroupChange {
    /// How it is called from now on.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether members see who is in it, and a private group at all.
    pub members_can_view: bool,
    /// The epoch of the key that was signed with the name.
    pub epoch: u64,
    /// The signature of who manages the group.
    pub signature: Vec<u8>,
}

impl Store {
    /// Changes a group, by who manages it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] or [`StoreError::Forbidden`] for those who do not, [`StoreError::Stale`] where the group has another key by
    /// now, [`StoreError::Malformed`] for a signature that does not fit.
    pub async fn change_group(&self, caller: AccountId, id: GroupId, change: &GroupChange) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let managed = managed(&tx, caller, id).await?;
            if managed.key.epoch != change.epoch {
                return Err(StoreError::Stale);
            }
            let key = GroupKey { name: change.name.clone(), ..managed.key };
            if !key.is_by(&change.signature, &managed.caller) {
                return Err(StoreError::Malformed("the group and its signature"));
            }
            query!(
                tx,
                "UPDATE $id SET name = $name, name_key = $name_key, description = $description,
                        members_can_view = $members_can_view, signer = $signer, signer_epoch = $signer_epoch, signature = $signature RETURN NONE",
                id = record::group(id),
                name = change.name.clone(),
                name_key = directory::search_key(&change.name),
                description = change.description.clone(),
                members_can_view = change.members_can_view,
                signer = record::account(caller),
                signer_epoch = record::integer(managed.caller.epoch)?,
                signature = Bytes::from(change.signature.clone())
            )?;
            changed(&tx, &[record::group(id)]).await?;
            note_group(&tx, Event::GroupChanged, caller, id).await
        })
        .await
    }

    /// Enables or disables a group, by who manages it; administrators can disable private groups as well.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] or [`StoreError::Forbidden`] for everyone else.
    pub async fn set_group_enabled(&self, caller: AccountId, id: GroupId, enabled: bool) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let role = require_active(&tx, caller).await?;
            let owner: Option<Option<RecordId>> =
                query!(tx, "SELECT VALUE owner FROM ONLY $id FOR UPDATE", id = record::group(id))?.take(0)?;
            let exists: Option<RecordId> =
                query!(tx, "SELECT VALUE id FROM ONLY $id", id = record::group(id))?.take(0)?;
            exists.ok_or(StoreError::NotFound)?;
            let is_administrator = role == Role::Administrator;
            match owner.flatten() {
                Some(owner) if owner == record::account(caller) => {}
                Some(_) if is_administrator && !enabled => {}
                None if is_administrator => {}
                None => return Err(StoreError::Forbidden),
                Some(_) => return Err(StoreError::NotFound),
            }
            query!(tx, "UPDATE $id SET enabled = $enabled RETURN NONE", id = record::group(id), enabled = enabled)?;
            changed(&tx, &[record::group(id)]).await?;
            let event = if enabled { Event::GroupEnabled } else { Event::GroupDisabled };
            note_group(&tx, event, caller, id).await
        })
        .await
    }
}

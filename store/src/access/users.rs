//! Who has access to one secret, as those are told who have it too.

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, Permission, RecipientId, SecretId, ShareId};

use super::{access, granted, recipients_of, shares_of};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::limit::Limits;
use crate::record;
use crate::search::RecipientKind;

/// One line of "Users with access".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientAccess {
    /// Who.
    pub recipient: RecipientId,
    /// How they are called.
    pub name: String,
    /// What kind.
    pub kind: RecipientKind,
    /// The highest permission over all shares.
    pub permission: Permission,
    /// Whether it is in force: the account is active, the group enabled.
    pub active: bool,
}

#[derive(SurrealValue)]
struct LeftRow {
    left: Vec<RecordId>,
}

/// Who left a secret of a share.
pub(super) async fn left_of(tx: &Tx, share: ShareId, secret: SecretId) -> Result<Vec<RecordId>, StoreError> {
    let row: Option<LeftRow> = query!(tx, "SELECT left FROM ONLY $id", id = record::item(share, secret))?.take(0)?;
    Ok(row.map(|row| row.left).unwrap_or_default())
}

#[derive(SurrealValue)]
struct RecipientRow {
    recipient: RecordId,
    name: String,
    kind: String,
    owner: Option<RecordId>,
    status: Option<String>,
    enabled: Option<bool>,
    granter: RecordId,
    permission: String,
    number: i64,
}

impl Store {
    /// Who has access to a secret, for anyone who has access to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone else.
    pub async fn secret_access(&self, caller: AccountId, secret: SecretId) -> Result<Vec<RecipientAccess>, StoreError> {
        self.transact(|tx| async move {
            let owner = crate::secret::owner_of(&tx, secret).await?.ok_or(StoreError::NotFound)?;
            access(&tx, caller, secret, owner).await?.ok_or(StoreError::NotFound)?;
            // A private group is known by name to those who share with it or are in it.
            let own = recipients_of(&tx, caller).await?;
            let may_know = |row: &RecipientRow, recipient| {
                owner == caller
                    || row.kind != "private_group"
                    || row.owner == Some(record::account(caller))
                    || own.contains(&recipient)
            };
            let mut rows: Vec<RecipientRow> = Vec::new();
            for share in shares_of(&tx, secret).await? {
                rows.append(
                    &mut query!(
                        tx,
                        "SELECT recipient, recipient.name AS name, recipient.kind AS kind, recipient.status AS status,
                                recipient.owner AS owner, recipient.enabled AS enabled, share.granter AS granter,
                                permission, number
                         FROM grant WHERE share = $share AND permission != 'own' AND recipient NOTINSIDE $left",
                        left = left_of(&tx, record::id(&share)?, secret).await?,
                        share = share
                    )?
                    .take(0)?,
                );
            }
            let limits = Limits::on_secret(&tx, secret).await?;
            let mut found: Vec<RecipientAccess> = Vec::new();
            for row in rows {
                let grant = granted(&row.recipient, &row.granter, &row.permission, row.number)?;
                let Some(permission) = limits.leave(&grant, secret) else { continue };
                let recipient = grant.recipient;
                match found.iter_mut().find(|known| known.recipient == recipient) {
                    Some(known) => known.permission = known.permission.max(permission),
                    None => found.push(RecipientAccess {
                        recipient,
                        name: if may_know(&row, recipient) { row.name } else { "A private group".into() },
                        kind: RecipientKind::parse(&row.kind)?,
                        permission,
                        active: row.enabled.unwrap_or(row.status.as_deref() == Some("active")),
                    }),
                }
            }
            found.sort_by_cached_key(|access| access.name.to_lowercase());
            Ok(found)
        })
        .await
    }
}

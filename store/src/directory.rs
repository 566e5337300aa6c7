use surrealdb::types::{Bytes, RecordId, SurrealValue};
use unicode_normalization::UnicodeNormalization as _;
use vault::{AccountId, GroupId, GroupKey, RecipientEntry, RecipientId, SignedEntry, SignedGroupKey};

use crate::account::Status;
use crate::database::{Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::group::{GroupKind, may_share_with};
use crate::record;
use crate::trust::{lock_entry_of, signer_entry};

/// How names, usernames and emails are compared: without case and outer spaces, and however Unicode writes them (NFKC). Whoever makes or looks for
/// such a key makes it here.
pub fn search_key(text: &str) -> String {
    // At the end of a word the small sigma is another character, and yet the same letter.
    let small = text.trim().nfkc().flat_map(char::to_lowercase).map(|char| if char == 'ς' { 'σ' } else { char });
    // Once more: there are small letters with accents in one character whose capitals have theirs apart.
    small.nfkc().collect()
}

impl Store {
    /// The keys of recipients, all or none.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every recipient that cannot be shared with.
    pub async fn recipient_keys(
        &self,
        caller: AccountId,
        recipients: &[RecipientId],
    ) -> Result<Vec<RecipientEntry>, StoreError> {
        self.transact(|tx| async move { keys_of(&tx, caller, recipients).await }).await
    }
}

#[derive(SurrealValue)]
struct GroupKeyRow {
    kind: String,
    name: String,
    enabled: bool,
    owner: Option<RecordId>,
    members_can_view: bool,
    epoch: i64,
    public_key: Bytes,
    signer: RecordId,
    signer_epoch: i64,
    signature: Bytes,
}

/// The current keys of recipients that `caller` may share with, or every reason why not.
pub(crate) async fn keys_of(
    tx: &Tx,
    caller: AccountId,
    recipients: &[RecipientId],
) -> Result<Vec<RecipientEntry>, StoreError> {
    let (mut keys, mut problems) = (Vec::with_capacity(recipients.len()), Vec::new());
    for recipient in recipients {
        let result = match recipient {
            RecipientId::Account(id) if *id == caller => Err(Reason::Yourself),
            RecipientId::Account(id) => account_key(tx, *id).await?.map(RecipientEntry::Account),
            RecipientId::Group(id) => group_key(tx, caller, *id).await?.map(RecipientEntry::Group),
        };
        match result {
            Ok(key) => keys.push(key),
            Err(reason) => problems.push(Problem { subject: Subject::Recipient(*recipient), reason }),
        }
    }
    if problems.is_empty() { Ok(keys) } else { Err(StoreError::Refused(problems)) }
}

async fn account_key(tx: &Tx, account: AccountId) -> Result<Result<SignedEntry, Reason>, StoreError> {
    let Some(found) = lock_entry_of(tx, account).await? else { return Ok(Err(Reason::NotFound)) };
    Ok(found.signed.filter(|_| found.status == Status::Active).ok_or(Reason::NotActive))
}

async fn group_key(tx: &Tx, caller: AccountId, group: GroupId) -> Result<Result<SignedGroupKey, Reason>, StoreError> {
    let Some(row) = group_row(tx, group).await? else { return Ok(Err(Reason::NotFound)) };
    let owner = row.owner.as_ref().map(record::id).transpose()?;
    if !may_share_with(tx, caller, group, GroupKind::parse(&row.kind)?, owner, row.members_can_view).await? {
        return Ok(Err(Reason::NotFound));
    }
    if row.enabled { signed_key(tx, group, row).await.map(Ok) } else { Ok(Err(Reason::Disabled)) }
}

async fn group_row(tx: &Tx, group: GroupId) -> Result<Option<GroupKeyRow>, StoreError> {
    let text = "SELECT kind, name, enabled, owner, members_can_view, epoch, public_key, signer, signer_epoch, signature
                FROM ONLY $id FOR UPDATE";
    Ok(query!(tx, text, id = record::group(group))?.take(0)?)
}

async fn signed_key(tx: &Tx, group: GroupId, row: GroupKeyRow) -> Result<SignedGroupKey, StoreError> {
    let key = GroupKey {
        group,
        name: row.name,
        managed_by: GroupKind::parse(&row.kind)?.signer(),
        epoch: record::number(row.epoch)?,
        key: row.public_key.to_vec(),
    };
    let signer = signer_entry(tx, record::id(&row.signer)?, row.signer_epoch).await?;
    Ok(SignedGroupKey { key, signature: row.signature.to_vec(), signer })
}

/// The key of a recipient, whether or not the person can sign in, or the group is enabled.
pub(crate) async fn entry_of_recipient(tx: &Tx, recipient: RecipientId) -> Result<Option<RecipientEntry>, StoreError> {
    match recipient {
        RecipientId::Account(id) => {
            Ok(lock_entry_of(tx, id).await?.and_then(|entry| entry.signed).map(RecipientEntry::Account))
        }
        RecipientId::Group(id) => match group_row(tx, id).await? {
            Some(row) => signed_key(tx, id, row).await.map(RecipientEntry::Group).map(Some),
            None => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::search_key;

    #[test]
    fn a_key_is_the_same_however_its_text_is_written() {
        // Iota with diaeresis and acute: in one character, and as small and capital letters with accents apart.
        for written in ["\u{390}", "\u{3B9}\u{308}\u{301}", "\u{399}\u{308}\u{301}", "\u{3AA}\u{301}"] {
            assert_eq!(search_key(written), "\u{390}", "{written:?}");
        }
        for (one, other) in
            [(" Ana ", "ana"), ("ＡＮＡ", "ana"), ("ΟΔΟΣ", "οδος"), ("E\u{301}MILE", "émile"), ("ﬁn", "FIN")]
        {
            assert_eq!(search_key(one), search_key(other));
        }
        for text in ["Ana Lima", "\u{3AA}\u{301}", "ΟΔΟΣ", "İzmir", "Straße", "ﬁn"] {
            assert_eq!(search_key(&search_key(text)), search_key(text), "{text}");
        }
    }
}

//! The signed directory: entries of accounts and groups, mandates, and what each account has seen of them.

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{Acceptance, AccountId, Entry, Invitation, Mandate, SignedEntry, Vouch};

use crate::account::{Account, AccountRow, FIELDS, Role, Status, require_active, require_administrator};
use crate::audit::{Event, note};
use crate::clock::{at, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::people::require_another;
use crate::record;

/// How many entries one look for those to be signed takes on.
const UNSIGNED: usize = 500;

/// The entry of an account, and whether its person can sign in.
pub(crate) struct AccountEntry {
    pub status: Status,
    /// `None` before there are keys.
    pub signed: Option<SignedEntry>,
}

#[derive(SurrealValue)]
struct EntryRow {
    username: String,
    status: String,
    public_identity: Option<Bytes>,
    epoch: i64,
    signer: Option<RecordId>,
    signature: Option<Bytes>,
}

#[derive(SurrealValue)]
struct InvitationRow {
    epoch: i64,
    administrator: bool,
    key: Bytes,
    expires_at: Datetime,
    signer: RecordId,
    signature: Bytes,
    acceptance: Option<Bytes>,
}

#[derive(SurrealValue)]
struct MandateRow {
    account: RecordId,
    identity: Bytes,
    signer: RecordId,
    signature: Bytes,
}

#[derive(SurrealValue)]
struct AdministratorRow {
    id: RecordId,
    epoch: i64,
}

#[derive(SurrealValue)]
struct NewMandateRow {
    id: RecordId,
    account: RecordId,
    identity: Bytes,
    signer: RecordId,
    signature: Bytes,
}

/// What an account has seen of others' keys, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPins {
    /// How often they were written.
    pub revision: u64,
    /// The sealed pins.
    pub pins: Vec<u8>,
}

#[derive(SurrealValue)]
struct PinsRow {
    pins: Option<Bytes>,
    pins_revision: i64,
}

/// The entry of one account; `None` where there is no such account.
pub(crate) async fn entry_of(tx: &Tx, account: AccountId) -> Result<Option<AccountEntry>, StoreError> {
    read_entry(tx, account, format!("{ENTRY} FROM ONLY $id")).await
}

/// The same, and the transaction fails if the account changes before it commits.
pub(crate) async fn lock_entry_of(tx: &Tx, account: AccountId) -> Result<Option<AccountEntry>, StoreError> {
    read_entry(tx, account, format!("{ENTRY} FROM ONLY $id FOR UPDATE")).await
}

/// Whether somebody answers for the keys of an entry now: an administrator, or an invitation that lasts.
pub(crate) fn is_vouched(signed: &SignedEntry) -> bool {
    match &signed.vouch {
        Vouch::Signed { .. } => true,
        Vouch::Invited { invitation, .. } => at(invitation.expires_at).is_some_and(|end| end > now()),
    }
}

#[derive(SurrealValue)]
struct EarlierRow {
    username: String,
    identity: Bytes,
    signer: RecordId,
    signature: Bytes,
}

/// The entry of the keys that an account signed something with in one epoch of its keys.
pub(crate) async fn signer_entry(tx: &Tx, account: AccountId, epoch: i64) -> Result<SignedEntry, StoreError> {
    let epoch = record::number(epoch)?;
    let present = entry_of(tx, account).await?.and_then(|entry| entry.signed);
    if let Some(present) = present.filter(|present| present.entry.epoch == epoch) {
        return Ok(present);
    }
    let text = "SELECT username, identity, signer, signature FROM ONLY $id";
    let row: Option<EarlierRow> = query!(tx, text, id = record::earlier_entry(account, epoch)?)?.take(0)?;
    let row = row.ok_or_else(|| StoreError::Content(format!("keys {epoch} of {account}")))?;
    let entry = Entry { account, username: row.username, epoch, identity: row.identity.to_vec() };
    let vouch = Vouch::Signed { signer: record::id(&row.signer)?, signature: row.signature.to_vec() };
    Ok(SignedEntry { entry, vouch })
}

/// The epoch of an account's present keys.
pub(crate) async fn epoch_of(tx: &Tx, account: AccountId) -> Result<i64, StoreError> {
    let epoch: Option<i64> = query!(tx, "SELECT VALUE epoch FROM ONLY $id", id = record::account(account))?.take(0)?;
    epoch.ok_or(StoreError::NotFound)
}

const ENTRY: &str = "SELECT username, status, public_identity, epoch, signer, signature";

async fn read_entry(tx: &Tx, account: AccountId, text: String) -> Result<Option<AccountEntry>, StoreError> {
    let row: Option<EntryRow> = query!(tx, text, id = record::account(account))?.take(0)?;
    let Some(row) = row else { return Ok(None) };
    let status = Status::parse(&row.status)?;
    let Some(identity) = row.public_identity else { return Ok(Some(AccountEntry { status, signed: None })) };
    let (username, epoch) = (row.username, record::number(row.epoch)?);
    let entry = Entry { account, username: username.clone(), epoch, identity: identity.to_vec() };
    let vouch = match (row.signer, row.signature) {
        (Some(signer), Some(signature)) => {
            Some(Vouch::Signed { signer: record::id(&signer)?, signature: signature.to_vec() })
        }
        _ => invitation_of(tx, account, &username)
            .await?
            .and_then(|(invitation, acceptance)| Some(Vouch::Invited { invitation, acceptance: acceptance? })),
    };
    Ok(Some(AccountEntry { status, signed: vouch.map(|vouch| SignedEntry { entry, vouch }) }))
}

/// The last invitation of an account, and what was accepted with it.
pub(crate) async fn invitation_of(
    tx: &Tx,
    account: AccountId,
    username: &str,
) -> Result<Option<(Invitation, Option<Acceptance>)>, StoreError> {
    let row: Option<InvitationRow> = query!(
        tx,
        "SELECT epoch, administrator, key, expires_at, signer, signature, acceptance FROM ONLY $id",
        id = record::invitation(account)
    )?
    .take(0)?;
    let Some(row) = row else { return Ok(None) };
    let invitation = Invitation {
        account,
        username: username.to_owned(),
        epoch: record::number(row.epoch)?,
        administrator: row.administrator,
        key: row.key[..].try_into().map_err(|_| StoreError::Content(format!("key of the invitation of {account}")))?,
        expires_at: record::number(millis(&row.expires_at))?,
        signer: record::id(&row.signer)?,
        signature: row.signature.to_vec(),
    };
    Ok(Some((invitation, row.acceptance.map(|acceptance| acceptance.to_vec()))))
}

/// Fails unless `caller` is an active administrator whose signatures count: the entry of their own keys.
pub(crate) async fn require_mandate(tx: &Tx, caller: AccountId) -> Result<Entry, StoreError> {
    require_administrator(tx, caller).await?;
    let entry = entry_of(tx, caller).await?.and_then(|entry| entry.signed).ok_or(StoreError::NoMandate)?.entry;
    let mandate: Option<RecordId> =
        query!(tx, "SELECT VALUE id FROM ONLY $id", id = record::mandate(caller, entry.epoch)?)?.take(0)?;
    mandate.map(|_| entry).ok_or(StoreError::NoMandate)
}

/// The active administrators whose signatures count, with the epochs of their keys.
pub(crate) async fn administrators(tx: &Tx) -> Result<Vec<(AccountId, u64)>, StoreError> {
    let text = "SELECT id, epoch FROM account WHERE role = 'administrator' AND status = 'active'";
    let rows: Vec<AdministratorRow> = query!(tx, text)?.take(0)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (account, epoch) = (record::id(&row.id)?, record::number(row.epoch)?);
        let mandate = record::mandate(account, epoch)?;
        let mandate: Option<RecordId> = query!(tx, "SELECT VALUE id FROM ONLY $id", id = mandate)?.take(0)?;
        if mandate.is_some() {
            found.push((account, epoch));
        }
    }
    Ok(found)
}

/// Fails for an account that is not to be an administrator. Its row is locked already.
async fn require_role(tx: &Tx, account: AccountId) -> Result<(), StoreError> {
    let role: Option<String> = query!(tx, "SELECT VALUE role FROM ONLY $id", id = record::account(account))?.take(0)?;
    if role.as_deref() == Some(Role::Administrator.text()) { Ok(()) } else { Err(StoreError::Malformed("the mandate")) }
}

pub(crate) async fn insert_mandate(tx: &Tx, mandate: &Mandate, epoch: u64) -> Result<(), StoreError> {
    let row = NewMandateRow {
        id: record::mandate(mandate.account, epoch)?,
        account: record::account(mandate.account),
        identity: mandate.identity.clone().into(),
        signer: record::account(mandate.signer),
        signature: mandate.signature.clone().into(),
    };
    insert(tx, "mandate", vec![row]).await
}

impl Store {
    /// Who may sign entries.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn mandates(&self) -> Result<Vec<Mandate>, StoreError> {
        let rows: Vec<MandateRow> =
            query!(self.db, "SELECT account, identity, signer, signature FROM mandate")?.take(0)?;
        rows.into_iter()
            .map(|row| {
                Ok(Mandate {
                    account: record::id(&row.account)?,
                    identity: row.identity.to_vec(),
                    signer: record::id(&row.signer)?,
                    signature: row.signature.to_vec(),
                })
            })
            .collect()
    }

    /// The first keys of accounts, while an invitation alone vouches for them, and what their people may do: an administrator's client signs them by
    /// itself. Later keys are compared by people. Some at a time; none for an administrator whose signatures do not count yet.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn unsigned_entries(&self, caller: AccountId) -> Result<Vec<(SignedEntry, Role)>, StoreError> {
        self.transact(|tx| async move {
            if let Err(error) = require_mandate(&tx, caller).await {
                return if matches!(error, StoreError::NoMandate) { Ok(Vec::new()) } else { Err(error) };
            }
            let text = "SELECT VALUE id FROM invitation WHERE vouches_until > $now AND epoch = 1";
            let invitations: Vec<RecordId> = query!(tx, text, now = now())?.take(0)?;
            let mut entries = Vec::new();
            for invitation in invitations {
                if entries.len() == UNSIGNED {
                    break;
                }
                let text = format!("SELECT {FIELDS} FROM ONLY $id WHERE status = 'active'");
                let id = record::account(record::id(&invitation)?);
                let row: Option<AccountRow> = query!(tx, text, id = id)?.take(0)?;
                let Some(account) = row.map(Account::try_from).transpose()? else { continue };
                let entry = entry_of(&tx, account.id).await?.and_then(|entry| entry.signed).filter(is_vouched);
                entries.extend(entry.map(|signed| (signed, account.role)));
            }
            Ok(entries)
        })
        .await
    }

    /// The keys of a person, and who answers for them if anybody does, for an administrator to compare.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NotFound`] where there is no such person.
    pub async fn keys_of_person(&self, caller: AccountId, id: AccountId) -> Result<Option<SignedEntry>, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            Ok(entry_of(&tx, id).await?.ok_or(StoreError::NotFound)?.signed)
        })
        .await
    }

    /// Puts an administrator's signature on an entry, and says whom it makes an administrator that others' entries can be signed by.
    /// The invitation has done its part then.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the account has other keys by now, [`StoreError::Malformed`] for a signature that does not fit,
    /// [`StoreError::Forbidden`] for members, [`StoreError::NoMandate`] for administrators whose signature does not count yet.
    pub async fn sign_entry(
        &self,
        caller: AccountId,
        signed: &SignedEntry,
        mandate: Option<&Mandate>,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let signer_entry = require_mandate(&tx, caller).await?;
            let account = signed.entry.account;
            let known = lock_entry_of(&tx, account).await?.ok_or(StoreError::NotFound)?;
            if known.signed.as_ref().is_none_or(|known| known.entry != signed.entry) {
                return Err(StoreError::Stale);
            }
            let Vouch::Signed { signer, signature } = &signed.vouch else {
                return Err(StoreError::Malformed("who signs"));
            };
            let holds = *signer == caller
                && signed.is_by(&signer_entry)
                && mandate.is_none_or(|mandate| {
                    mandate.signer == caller
                        && mandate.account == account
                        && mandate.identity == signed.entry.identity
                        && mandate.is_by(&signer_entry)
                });
            if !holds {
                return Err(StoreError::Malformed("the signature of the entry"));
            }
            if let Some(Vouch::Invited { invitation, .. }) = known.signed.map(|known| known.vouch)
                && invitation.epoch > 1
                && invitation.signer == caller
                && require_another(&tx, caller).await.is_ok()
            {
                return Err(StoreError::AnotherHasToConfirm);
            }
            query!(
                tx,
                "UPDATE $id SET signer = $signer, signature = $signature RETURN NONE; DELETE $invitation RETURN NONE",
                id = record::account(account),
                invitation = record::invitation(account),
                signer = record::account(caller),
                signature = Bytes::from(signature.clone())
            )?;
            note(&tx, Event::KeysConfirmed, caller, account).await?;
            match mandate {
                Some(mandate) => {
                    require_role(&tx, account).await?;
                    let row = record::mandate(account, signed.entry.epoch)?;
                    query!(tx, "DELETE $id RETURN NONE", id = row)?;
                    insert_mandate(&tx, mandate, signed.entry.epoch).await
                }
                None => Ok(()),
            }
        })
        .await
    }

    /// What `caller` has seen of others' keys; `None` before the first time.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn pins(&self, caller: AccountId) -> Result<Option<SealedPins>, StoreError> {
        let row: Option<PinsRow> =
            query!(self.db, "SELECT pins, pins_revision FROM ONLY $id", id = record::account(caller))?.take(0)?;
        let row = row.ok_or(StoreError::NotFound)?;
        let revision = record::number(row.pins_revision)?;
        Ok(row.pins.map(|pins| SealedPins { revision, pins: pins.to_vec() }))
    }

    /// Keeps what `caller` has seen of others' keys.
    ///
    /// # Errors
    /// [`StoreError::Stale`] unless the revision is the next one.
    pub async fn set_pins(&self, caller: AccountId, new: &SealedPins) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let next = record::integer(new.revision)?;
            let updated: Vec<RecordId> = query!(
                tx,
                "UPDATE $id SET pins = $pins, pins_revision = $next WHERE pins_revision = $next - 1 RETURN VALUE id",
                id = record::account(caller),
                pins = Bytes::from(new.pins.clone()),
                next = next
            )?
            .take(0)?;
            if updated.is_empty() { Err(StoreError::Stale) } else { Ok(()) }
        })
        .await
    }
}

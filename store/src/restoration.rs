//! Getting an account open without its person's password: two administrators together, and its person is told. The keys for it are an
//! [`Escrow`] that the person's own client makes for the administrators there are.

mod escrow;
mod notice;

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue, Uuid};
use vault::{AccountId, Approval, Escrow, Purpose, Restoration, SignedEntry};

use crate::access_key::require_person;
use crate::account::{Status, is_administrator, require_administrator};
use crate::audit::{Event, note};
use crate::clock::{at, in_seconds, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::people::end_sign_ins;
use crate::record;
use crate::recovery::{NewPassword, kept, set_password};
use crate::trust::{entry_of, require_mandate};

pub use escrow::EscrowNeed;
use escrow::read_escrow;
pub use notice::Notice;
use notice::NoticeRow;

/// How long two administrators have, and then the one with the link; a little more for clocks that differ.
const LONGEST_SECONDS: i64 = 7 * 24 * 60 * 60 + 10 * 60;

/// An account that an administrator wants to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRestoration {
    /// What was asked for.
    pub restoration: Restoration,
    /// The keys of who asks.
    pub signer: SignedEntry,
    /// How who asks is called.
    pub asked_by: String,
    /// How the person of the account is called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Who approved, if anyone did.
    pub approved_by: Option<String>,
}

/// An account that two administrators have agreed to open, for the one who can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRestoration {
    /// The account.
    pub account: AccountId,
    /// What its person signs in with.
    pub username: String,
    /// The seeds of its identity, sealed under the account key.
    pub identity: Vec<u8>,
    /// The account key, for any two administrators.
    pub escrow: Escrow,
    /// The parts of the two who agreed.
    pub approvals: Vec<Approval>,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    purpose: String,
    generation: i64,
    key: Bytes,
    expires_at: Datetime,
    signer: RecordId,
    signature: Bytes,
    signer_part: Bytes,
    approver: Option<RecordId>,
    approver_part: Option<Bytes>,
    proof: Option<String>,
    used_at: Option<Datetime>,
}

const FIELDS: &str =
    "id, purpose, generation, key, expires_at, signer, signature, signer_part, approver, approver_part, proof, used_at";

#[derive(SurrealValue)]
struct PersonRow {
    name: String,
    username: String,
    status: String,
    identity: Option<Bytes>,
}

impl Store {
    /// Asks the other administrators to open an account. A link that was made before is of no use then.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NoMandate`] for administrators whose signature does not count yet,
    /// [`StoreError::NotFound`] where there is no such account with keys, [`StoreError::Stale`] for an escrow that was replaced,
    /// [`StoreError::Malformed`] for what does not fit.
    pub async fn ask_restoration(
        &self,
        caller: AccountId,
        asked: &Restoration,
        proof: Option<&[u8]>,
        approval: &Approval,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_person(&tx, asked.account).await?;
            let signer = require_mandate(&tx, caller).await?;
            let expires_at = at(asked.expires_at).ok_or(StoreError::Malformed("the end of the restoration"))?;
            let fits = asked.signer == caller
                && asked.account != caller
                && approval.administrator == caller
                && proof.is_some() == (asked.purpose == Purpose::Restore)
                && asked.is_by(&signer);
            if !fits || expires_at > in_seconds(LONGEST_SECONDS) {
                return Err(StoreError::Malformed("the restoration"));
            }
            let person = person(&tx, asked.account).await?;
            // Whoever is disabled does not get back in by a link.
            if asked.purpose == Purpose::Restore && person.status != Status::Active.text() {
                return Err(StoreError::NotFound);
            }
            require_part(&tx, asked, caller).await?;
            let row = Row {
                id: record::restoration(asked.account),
                purpose: purpose_text(asked.purpose).into(),
                generation: record::integer(asked.generation)?,
                key: asked.key.clone().into(),
                expires_at,
                signer: record::account(caller),
                signature: asked.signature.clone().into(),
                signer_part: approval.part.clone().into(),
                approver: None,
                approver_part: None,
                proof: proof.map(kept),
                used_at: None,
            };
            query!(tx, "DELETE $id RETURN NONE", id = row.id.clone())?;
            insert(&tx, "restoration", vec![row]).await?;
            note(&tx, Event::OpeningAsked, caller, asked.account).await
        })
        .await
    }

    /// What administrators are asked to approve, and what was approved and can still be used.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn restorations(&self, caller: AccountId) -> Result<Vec<AskedRestoration>, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            let text = format!(
                "SELECT {FIELDS} FROM restoration WHERE expires_at > $now AND (used_at IS NONE OR purpose = 'transfer')"
            );
            let rows: Vec<Row> = query!(tx, text, now = now())?.take(0)?;
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                let restoration = row.restoration()?;
                let signer = entry_of(&tx, restoration.signer).await?.and_then(|entry| entry.signed);
                let person = person(&tx, restoration.account).await?;
                let approved_by = match &row.approver {
                    Some(approver) => Some(name_of(&tx, approver).await?),
                    None => None,
                };
                found.push(AskedRestoration {
                    signer: signer.ok_or_else(|| StoreError::Content(format!("keys of {}", restoration.signer)))?,
                    asked_by: name_of(&tx, &row.signer).await?,
                    name: person.name,
                    username: person.username,
                    approved_by,
                    restoration,
                });
            }
            Ok(found)
        })
        .await
    }

    /// Approves of what another administrator asked for, which is named by its signature.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members and for who asked, [`StoreError::Stale`] where something else is asked for by now, or nothing,
    /// [`StoreError::NoMandate`] for administrators whose signature does not count yet.
    pub async fn approve_restoration(
        &self,
        caller: AccountId,
        account: AccountId,
        signature: &[u8],
        approval: &Approval,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_mandate(&tx, caller).await?;
            let row = live(&tx, account).await?.ok_or(StoreError::Stale)?;
            if row.signer == record::account(caller) || account == caller {
                return Err(StoreError::Forbidden);
            }
            if *row.signature != *signature || row.approver.is_some() || approval.administrator != caller {
                return Err(StoreError::Stale);
            }
            require_part(&tx, &row.restoration()?, caller).await?;
            query!(
                tx,
                "UPDATE $id SET approver = $caller, approver_part = $part RETURN NONE",
                id = row.id,
                caller = record::account(caller),
                part = Bytes::from(approval.part.clone())
            )?;
            note(&tx, Event::OpeningApproved, caller, account).await
        })
        .await
    }

    /// Ends what was asked for: any administrator can refuse, and who asked can take it back.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn end_restoration(&self, caller: AccountId, account: AccountId) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            query!(tx, "DELETE $id RETURN NONE", id = record::restoration(account))?;
            note(&tx, Event::OpeningEnded, caller, account).await
        })
        .await
    }

    /// What somebody who has the link opens their account with.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, used or ended link, [`StoreError::NotApproved`] before the second administrator agreed.
    pub async fn open_restoration(&self, proof: &[u8]) -> Result<OpenRestoration, StoreError> {
        self.transact(|tx| async move { by_link(&tx, proof).await?.open(&tx).await }).await
    }

    /// Sets a new password and recovery code with the link, and ends all sessions of the account. The same again is done once.
    ///
    /// # Errors
    /// As [`Store::open_restoration`].
    pub async fn restore(&self, proof: &[u8], new: &NewPassword) -> Result<AccountId, StoreError> {
        self.transact(|tx| async move {
            let text = format!("SELECT {FIELDS} FROM restoration WHERE proof = $proof AND used_at IS NOT NONE LIMIT 1");
            let used: Option<Row> = query!(tx, text, proof = kept(proof))?.take(0)?;
            if let Some(used) = used {
                let account = record::id(&used.id)?;
                let known: Option<Bytes> =
                    query!(tx, "SELECT VALUE account_key FROM ONLY $id", id = record::account(account))?.take(0)?;
                return if known.is_some_and(|known| *known == *new.account_key) {
                    Ok(account)
                } else {
                    Err(StoreError::NotFound)
                };
            }
            let row = by_link(&tx, proof).await?;
            let open = row.open(&tx).await?;
            set_password(&tx, open.account, new).await?;
            end_sign_ins(&tx, open.account).await?;
            row.use_it(&tx).await?;
            Ok(open.account)
        })
        .await
    }

    /// What `caller` opens the account of somebody with, to give away what they own.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where `caller` did not ask for it, [`StoreError::NotApproved`] before the second administrator agreed.
    pub async fn restored(&self, caller: AccountId, account: AccountId) -> Result<OpenRestoration, StoreError> {
        self.transact(|tx| async move {
            let row = for_transfer(&tx, caller, account).await?;
            let open = row.open(&tx).await?;
            row.use_it(&tx).await?;
            Ok(open)
        })
        .await
    }
}

/// Fails unless two administrators agreed that `caller` gives away what `owner` owns.
pub(crate) async fn require_agreed(tx: &Tx, caller: AccountId, owner: AccountId) -> Result<(), StoreError> {
    require_administrator(tx, caller).await?;
    let row = for_transfer(tx, caller, owner).await?;
    row.open(tx).await.map(|_| ())
}

impl Row {
    fn restoration(&self) -> Result<Restoration, StoreError> {
        Ok(Restoration {
            account: record::id(&self.id)?,
            purpose: parse_purpose(&self.purpose)?,
            generation: record::number(self.generation)?,
            key: self.key.to_vec(),
            expires_at: record::number(millis(&self.expires_at))?,
            signer: record::id(&self.signer)?,
            signature: self.signature.to_vec(),
        })
    }

    /// What opens the account, once the second administrator agreed.
    async fn open(&self, tx: &Tx) -> Result<OpenRestoration, StoreError> {
        let (Some(approver), Some(part)) = (&self.approver, &self.approver_part) else {
            return Err(StoreError::NotApproved);
        };
        // What somebody asked for or agreed to who is no administrator any more is of no use.
        for administrator in [&self.signer, approver] {
            if !is_administrator(tx, record::id(administrator)?).await? {
                return Err(StoreError::NotFound);
            }
        }
        let account = record::id(&self.id)?;
        let person = person(tx, account).await?;
        Ok(OpenRestoration {
            account,
            username: person.username,
            identity: person.identity.ok_or(StoreError::NotFound)?.to_vec(),
            escrow: read_escrow(tx, account).await?,
            approvals: vec![
                Approval { administrator: record::id(&self.signer)?, part: self.signer_part.to_vec() },
                Approval { administrator: record::id(approver)?, part: part.to_vec() },
            ],
        })
    }

    /// From now on the account's key is in other hands: its person is told, once for each time two agreed.
    async fn use_it(&self, tx: &Tx) -> Result<(), StoreError> {
        if self.used_at.is_some() {
            return Ok(());
        }
        let mut by = vec![name_of(tx, &self.signer).await?];
        if let Some(approver) = &self.approver {
            by.push(name_of(tx, approver).await?);
        }
        let notice = NoticeRow {
            id: RecordId::new("notice", Uuid::new_v7()),
            account: record::account(record::id(&self.id)?),
            at: now(),
            purpose: self.purpose.clone(),
            by,
        };
        insert(tx, "notice", vec![notice]).await?;
        note(tx, Event::AccountOpened, record::id(&self.signer)?, record::id(&self.id)?).await?;
        query!(tx, "UPDATE $id SET used_at = $now RETURN NONE", id = self.id.clone(), now = now())?;
        Ok(())
    }
}

/// Fails unless the administrator has a part of the generation that is asked for.
async fn require_part(tx: &Tx, asked: &Restoration, administrator: AccountId) -> Result<(), StoreError> {
    let escrow = read_escrow(tx, asked.account).await?;
    let has_part = escrow.parts.iter().any(|part| part.administrator == administrator);
    if escrow.generation == asked.generation && has_part { Ok(()) } else { Err(StoreError::Stale) }
}

async fn person(tx: &Tx, account: AccountId) -> Result<PersonRow, StoreError> {
    let text = "SELECT name, username, status, identity FROM ONLY $id FOR UPDATE";
    let row: Option<PersonRow> = query!(tx, text, id = record::account(account))?.take(0)?;
    row.filter(|row| row.identity.is_some()).ok_or(StoreError::NotFound)
}

async fn name_of(tx: &Tx, account: &RecordId) -> Result<String, StoreError> {
    let name: Option<String> = query!(tx, "SELECT VALUE name FROM ONLY $id", id = account.clone())?.take(0)?;
    Ok(name.unwrap_or_default())
}

/// What is asked for an account at present. The transaction fails if that ends before it commits.
async fn live(tx: &Tx, account: AccountId) -> Result<Option<Row>, StoreError> {
    let text = format!("SELECT {FIELDS} FROM ONLY $id WHERE expires_at > $now FOR UPDATE");
    Ok(query!(tx, text, id = record::restoration(account), now = now())?.take(0)?)
}

async fn by_link(tx: &Tx, proof: &[u8]) -> Result<Row, StoreError> {
    let text = format!(
        "SELECT {FIELDS} FROM restoration WHERE proof = $proof AND expires_at > $now AND used_at IS NONE LIMIT 1"
    );
    let row: Option<Row> = query!(tx, text, proof = kept(proof), now = now())?.take(0)?;
    let row = row.ok_or(StoreError::NotFound)?;
    if person(tx, record::id(&row.id)?).await?.status == Status::Active.text() {
        Ok(row)
    } else {
        Err(StoreError::NotFound)
    }
}

async fn for_transfer(tx: &Tx, caller: AccountId, account: AccountId) -> Result<Row, StoreError> {
    require_administrator(tx, caller).await?;
    let row = live(tx, account).await?;
    let row = row.filter(|row| row.purpose == "transfer" && row.signer == record::account(caller));
    let row = row.ok_or(StoreError::NotFound)?;
    if row.approver.is_some() { Ok(row) } else { Err(StoreError::NotApproved) }
}

fn purpose_text(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Restore => "restore",
        Purpose::Transfer => "transfer",
    }
}

fn parse_purpose(text: &str) -> Result<Purpose, StoreError> {
    match text {
        "restore" => Ok(Purpose::Restore),
        "transfer" => Ok(Purpose::Transfer),
        other => Err(StoreError::Content(format!("purpose {other}"))),
    }
}

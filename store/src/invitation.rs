use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, Entry, Invitation, PublicIdentity};

use crate::access_key::require_person;
use crate::account::{NewKeys, Role, Status, is_administrator, taken};
use crate::audit::{Event, note};
use crate::clock::{at, in_seconds, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::organization::lock_administrators;
use crate::recovery::kept;
use crate::search::changed;
use crate::start_over::{give_again, start_over};
use crate::trust::{invitation_of, require_mandate};
use crate::{Millis, record};

/// How long an invitation can be used at most, and a little more for clocks that differ.
const LONGEST_SECONDS: i64 = 7 * 24 * 60 * 60 + 10 * 60;

/// An invitation of somebody who has no keys yet.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// What the administrator signed.
    pub invitation: Invitation,
    /// Where the person gets mail.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// What shows that one has the link; its hash is kept.
    pub proof: Vec<u8>,
    /// Whom the new account is to trust, sealed under the invitation's secret.
    pub root: Vec<u8>,
}

/// What somebody who has the link needs to make their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvitation {
    /// What the administrator signed.
    pub invitation: Invitation,
    /// Where the person gets mail.
    pub email: String,
    /// Whom the new account is to trust, sealed under the invitation's secret.
    pub root: Vec<u8>,
    /// Who invites.
    pub invited_by: String,
    /// To what.
    pub organization: String,
}

/// What somebody who was invited made.
#[derive(Clone, Debug)]
pub struct AcceptedInvitation {
    /// How they are called.
    pub name: String,
    /// Their keys' public halves.
    pub entry: Entry,
    /// Made with the invitation's secret.
    pub acceptance: Vec<u8>,
    /// Their sealed keys.
    pub keys: NewKeys,
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    username: String,
    username_key: String,
    email: String,
    email_key: String,
    name: String,
    name_key: String,
    role: String,
    status: String,
    epoch: i64,
    created_at: Datetime,
}

#[derive(SurrealValue)]
struct InvitationRow {
    id: RecordId,
    proof: String,
    epoch: i64,
    administrator: bool,
    key: Bytes,
    expires_at: Datetime,
    signer: RecordId,
    signature: Bytes,
    root: Bytes,
}

#[derive(SurrealValue)]
struct FoundRow {
    id: RecordId,
    signer: RecordId,
    epoch: i64,
    root: Bytes,
    acceptance: Option<Bytes>,
    expires_at: Datetime,
}

#[derive(SurrealValue)]
struct KnownRow {
    status: String,
    epoch: i64,
    username: String,
}

#[derive(SurrealValue)]
struct InvitedRow {
    username: String,
    email: String,
    status: String,
    epoch: i64,
}

impl Store {
    /// Invites somebody, or invites anew who was invited and has made no keys yet: the link from before is of no use then. An invitation for the
    /// next set of keys lets somebody start over who has lost all that opens theirs: see [`start_over`].
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NoMandate`] for administrators whose signature does not count yet, [`StoreError::Taken`] for a username or email that somebody has, [`StoreError::Reused`] for
    /// keys that are there, [`StoreError::Malformed`] for a signature that does not fit, or one that holds too long.
    pub async fn invite(&self, caller: AccountId, new: &NewInvitation) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let signer = require_mandate(&tx, caller).await?;
            let invitation = &new.invitation;
            let expires_at = at(invitation.expires_at).ok_or(StoreError::Malformed("the end of the invitation"))?;
            let fits = invitation.signer == caller
                && invitation.administrator == (new.role == Role::Administrator)
                && invitation.is_by(&signer);
            if !fits || expires_at > in_seconds(LONGEST_SECONDS) {
                return Err(StoreError::Malformed("the invitation"));
            }
            require_person(&tx, invitation.account).await?;
            if invitation.account == caller {
                return Err(StoreError::Forbidden);
            }
            write_account(&tx, new).await?;
            changed(&tx, &[record::account(invitation.account)]).await?;
            let row = InvitationRow {
                id: record::invitation(invitation.account),
                proof: kept(&new.proof),
                epoch: record::integer(invitation.epoch)?,
                administrator: invitation.administrator,
                key: invitation.key.to_vec().into(),
                expires_at,
                signer: record::account(caller),
                signature: invitation.signature.clone().into(),
                root: new.root.clone().into(),
            };
            query!(tx, "DELETE $id RETURN NONE", id = row.id.clone())?;
            insert(&tx, "invitation", vec![row]).await?;
            note(&tx, Event::Invited, caller, invitation.account).await
        })
        .await
    }

    /// Where the mail with an open invitation goes, and who invites to what; for administrators.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NotFound`] where no invitation is open.
    pub async fn invited(&self, caller: AccountId, account: AccountId) -> Result<(String, String, String), StoreError> {
        let organization = self.organization().await?.ok_or(StoreError::NotFound)?.name;
        let email: Option<String> = self
            .transact(|tx| async move {
                crate::account::require_administrator(&tx, caller).await?;
                let text = "SELECT VALUE email FROM ONLY $id WHERE status = 'invited'";
                Ok(query!(tx, text, id = record::account(account))?.take(0)?)
            })
            .await?;
        Ok((email.ok_or(StoreError::NotFound)?, self.account(caller).await?.name, organization))
    }

    /// What somebody who has the link of an invitation needs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, used or ended one: it does not tell which.
    pub async fn open_invitation(&self, proof: &[u8]) -> Result<OpenInvitation, StoreError> {
        let organization = self.organization().await?.ok_or(StoreError::NotFound)?.name;
        self.transact(|tx| {
            let organization = organization.clone();
            async move {
                let (found, invited) = find(&tx, proof).await?;
                if found.acceptance.is_some() {
                    return Err(StoreError::NotFound);
                }
                let (invitation, _) =
                    invitation_of(&tx, record::id(&found.id)?, &invited.username).await?.ok_or(StoreError::NotFound)?;
                let host: Option<String> =
                    query!(tx, "SELECT VALUE name FROM ONLY $id", id = record::account(invitation.signer))?.take(0)?;
                Ok(OpenInvitation {
                    invitation,
                    email: invited.email,
                    root: found.root.to_vec(),
                    invited_by: host.unwrap_or_default(),
                    organization,
                })
            }
        })
        .await
    }

    /// Makes the account of somebody who has the link. The same again is done once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, used or ended invitation, [`StoreError::Malformed`] for keys that were not made with it.
    pub async fn accept_invitation(
        &self,
        proof: &[u8],
        accepted: &AcceptedInvitation,
    ) -> Result<AccountId, StoreError> {
        self.transact(|tx| async move {
            let (found, invited) = find(&tx, proof).await?;
            let account = record::id(&found.id)?;
            if found.acceptance.is_some_and(|known| *known == *accepted.acceptance) {
                return Ok(account);
            }
            if invited.status != Status::Invited.text() {
                return Err(StoreError::NotFound);
            }
            let (invitation, _) = invitation_of(&tx, account, &invited.username).await?.ok_or(StoreError::NotFound)?;
            let now_millis = record::number(millis(&now()))?;
            if PublicIdentity::from_bytes(&accepted.entry.identity).is_err()
                || invitation.admits(&accepted.entry, &accepted.acceptance, now_millis).is_err()
            {
                return Err(StoreError::Malformed("the keys and the invitation"));
            }
            query!(
                tx,
                "UPDATE $id SET status = 'active', name = $name, name_key = $name_key, password_file = $password_file,
                        account_key = $account_key, identity = $identity, public_identity = $public_identity,
                        recovery_key = $recovery_key, recovery_proof = $recovery_proof RETURN NONE;
                 UPDATE $invitation SET acceptance = $acceptance, vouches_until = expires_at RETURN NONE",
                id = record::account(account),
                invitation = found.id.clone(),
                name = accepted.name.clone(),
                name_key = search_key(&accepted.name),
                password_file = Bytes::from(accepted.keys.password_file.clone()),
                account_key = Bytes::from(accepted.keys.sealed.account_key.clone()),
                identity = Bytes::from(accepted.keys.sealed.identity.clone()),
                public_identity = Bytes::from(accepted.entry.identity.clone()),
                recovery_key = accepted.keys.recovery.as_ref().map(|recovery| Bytes::from(recovery.key.clone())),
                recovery_proof = accepted.keys.recovery.as_ref().map(|recovery| kept(&recovery.proof)),
                acceptance = Bytes::from(accepted.acceptance.clone())
            )?;
            give_again(&tx, account).await?;
            changed(&tx, &[record::account(account)]).await?;
            note(&tx, Event::Joined, account, account).await?;
            Ok(account)
        })
        .await
    }

    /// Until when the invitations of accounts can be used, for those that are open.
    pub(crate) async fn open_until(&self, accounts: &[AccountId]) -> Result<Vec<(AccountId, Millis)>, StoreError> {
        let ids: Vec<RecordId> = accounts.iter().copied().map(record::invitation).collect();
        let rows: Vec<OpenRow> = query!(
            self.db,
            "SELECT id, expires_at FROM $ids WHERE acceptance IS NONE AND expires_at > $now",
            ids = ids,
            now = now()
        )?
        .take(0)?;
        rows.iter().map(|row| Ok((record::id(&row.id)?, millis(&row.expires_at)))).collect()
    }
}

#[derive(SurrealValue)]
struct OpenRow {
    id: RecordId,
    expires_at: Datetime,
}

/// The account that an invitation is for: a new one, or one that has no keys yet.
async fn write_account(tx: &Tx, new: &NewInvitation) -> Result<(), StoreError> {
    let invitation = &new.invitation;
    if new.role == Role::Administrator {
        lock_administrators(tx).await?;
    }
    let known: Option<KnownRow> = query!(
        tx,
        "SELECT status, epoch, username FROM ONLY $id FOR UPDATE",
        id = record::account(invitation.account)
    )?
    .take(0)?;
    let epoch = record::integer(invitation.epoch)?;
    match known {
        None if epoch == 1 => {
            let row = NewRow {
                id: record::account(invitation.account),
                username: invitation.username.clone(),
                username_key: search_key(&invitation.username),
                email: new.email.clone(),
                email_key: search_key(&new.email),
                name: invitation.username.clone(),
                name_key: search_key(&invitation.username),
                role: new.role.text().into(),
                status: Status::Invited.text().into(),
                epoch: 1,
                created_at: now(),
            };
            insert(tx, "account", vec![row]).await.map_err(taken)
        }
        Some(known) if known.status == Status::Invited.text() && known.epoch == epoch => {
            if epoch > 1 && known.username != invitation.username {
                return Err(StoreError::Malformed("the username"));
            }
            // Whoever starts over keeps their name.
            query!(
                tx,
                "UPDATE $id SET username = $username, username_key = $username_key, name = IF $epoch > 1 { name } ELSE { $username },
                        name_key = IF $epoch > 1 { name_key } ELSE { $username_key }, email = $email, email_key = $email_key, role = $role RETURN NONE",
                id = record::account(invitation.account),
                username = invitation.username.clone(),
                username_key = search_key(&invitation.username),
                email = new.email.clone(),
                email_key = search_key(&new.email),
                epoch = epoch,
                role = new.role.text()
            )
            .map_err(|error| taken(error.into()))?;
            Ok(())
        }
        Some(known) if known.status == Status::Active.text() && known.epoch + 1 == epoch => {
            if known.username != invitation.username {
                return Err(StoreError::Malformed("the username"));
            }
            start_over(tx, new).await?;
            // Their private groups are disabled now.
            let text = "SELECT VALUE id FROM `group` WHERE owner = $id";
            let groups: Vec<RecordId> = query!(tx, text, id = record::account(invitation.account))?.take(0)?;
            changed(tx, &groups).await
        }
        _ => Err(StoreError::Reused),
    }
}

/// The invitation that a link is for, while it lasts.
async fn find(tx: &Tx, proof: &[u8]) -> Result<(FoundRow, InvitedRow), StoreError> {
    let found: Option<FoundRow> = query!(
        tx,
        "SELECT id, signer, epoch, root, acceptance, expires_at FROM invitation WHERE proof = $proof LIMIT 1",
        proof = kept(proof)
    )?
    .take(0)?;
    let found = found.filter(|found| found.expires_at > now()).ok_or(StoreError::NotFound)?;
    // What somebody prepared who is no administrator any more is of no use.
    if !is_administrator(tx, record::id(&found.signer)?).await? {
        return Err(StoreError::NotFound);
    }
    let account = record::account(record::id(&found.id)?);
    let text = "SELECT username, email, status, epoch FROM ONLY $id FOR UPDATE";
    let invited: Option<InvitedRow> = query!(tx, text, id = account)?.take(0)?;
    let invited = invited.filter(|invited| invited.status != Status::Disabled.text() && invited.epoch == found.epoch);
    Ok((found, invited.ok_or(StoreError::NotFound)?))
}

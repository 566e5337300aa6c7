use surrealdb::types::Bytes;
use vault::{AccountId, SignedEntry, Vouch};

use crate::account::{Role, taken};
use crate::audit::{Event, note};
use crate::clock::now;
use crate::database::{Tx, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::invitation::NewInvitation;
use crate::organization::lock_administrators;
use crate::people::{end_sign_ins, locked, require_another};
use crate::share::change_ownership;
use crate::trust::entry_of;
use crate::{passkey, record, totp};

/// Takes an account's keys away, because nothing is left that opens them: its person makes new ones with the invitation. What is shared with them
/// is due, so that its owners seal it to the new keys once an administrator has confirmed those; what they own is lost to them and stays with those
/// it is shared with. Groups hand them their seeds again; private groups of their own are disabled, since nobody has the seeds that manage them.
pub(crate) async fn start_over(tx: &Tx, new: &NewInvitation) -> Result<(), StoreError> {
    let account = new.invitation.account;
    let person = locked(tx, account).await?;
    // What they signed with the keys that go stays signed, where somebody answers for those.
    let present = entry_of(tx, account).await?.and_then(|entry| entry.signed);
    let Some(SignedEntry { entry, vouch: Vouch::Signed { signer, signature } }) = present else {
        return Err(StoreError::Stale);
    };
    query!(
        tx,
        "CREATE ONLY $id SET username = $username, identity = $identity, signer = $signer, signature = $signature RETURN NONE",
        id = record::earlier_entry(account, entry.epoch)?,
        username = entry.username,
        identity = Bytes::from(entry.identity),
        signer = record::account(signer),
        signature = Bytes::from(signature)
    )?;
    lock_administrators(tx).await?;
    if person.role == Role::Administrator {
        require_another(tx, account).await?;
    }
    query!(
        tx,
        "UPDATE $id SET status = 'invited', epoch = $epoch, email = $email, email_key = $email_key, role = $role,
                password_file = NONE, account_key = NONE, identity = NONE, public_identity = NONE, recovery_key = NONE,
                recovery_proof = NONE, signer = NONE, signature = NONE, pins = NONE, pins_revision = 0 RETURN NONE",
        id = record::account(account),
        epoch = record::integer(new.invitation.epoch)?,
        email = new.email.clone(),
        email_key = search_key(&new.email),
        role = new.role.text()
    )
    .map_err(|error| taken(error.into()))?;
    // Whatever is sealed to the earlier keys at the same time fails, or is lost with them.
    change_ownership(tx, account).await?;
    query!(
        tx,
        "DELETE [$escrow, $restoration] RETURN NONE;
         DELETE restoration WHERE signer = $id OR approver = $id RETURN NONE;
         UPDATE `group` SET enabled = false WHERE owner = $id RETURN NONE;
         DELETE management:[$key, NONE]..=[$key, ..] RETURN NONE;
         UPDATE membership:[$key, NONE]..=[$key, ..] SET epoch = 0 RETURN NONE;
         UPDATE secret SET lost = true WHERE owner = $id AND key IS NOT NONE RETURN NONE;
         UPDATE (SELECT VALUE share FROM grant:[$id, NONE]..=[$id, ..] WHERE permission != 'own')
             SET due_since = due_since ?? $now, exposed = true RETURN NONE",
        escrow = record::escrow(account),
        restoration = record::restoration(account),
        key = account.uuid(),
        id = record::account(account),
        now = now()
    )?;
    totp::forget(tx, account).await?;
    passkey::forget(tx, account).await?;
    end_sign_ins(tx, account).await?;
    note(tx, Event::StartedOver, new.invitation.signer, account).await
}

/// What somebody gave to an account that has new keys now, and that it had not taken over: the client of who gave it can still open it and seals it
/// to the new keys, as it does with a share. Before there are new ones it has nothing to do.
pub(crate) async fn give_again(tx: &Tx, account: AccountId) -> Result<(), StoreError> {
    query!(
        tx,
        "UPDATE (SELECT VALUE share FROM grant:[$id, NONE]..=[$id, ..] WHERE permission = 'own')
             SET due_since = due_since ?? $now RETURN NONE",
        id = record::account(account),
        now = now()
    )?;
    Ok(())
}

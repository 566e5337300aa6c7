//! The one error that crosses the wire. Its text is for the person at the screen; causes stay in the server's log.

use leptos::server_fn::codec::PostcardEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use vault::{RecipientId, SecretId};

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// There is no session, or it has ended.
    #[error("You are signed out. Sign in to go on.")]
    SignedOut,
    /// Username and password do not fit. Does not tell which.
    #[error("Wrong username or password.")]
    WrongPassword,
    /// Somebody who is signed in typed another password than theirs.
    #[error("This is not your current password.")]
    WrongOwnPassword,
    /// The code of a second step does not fit.
    #[error("This code is not right, or was used already. Wait until the app shows the next one.")]
    WrongCode,
    /// Too many codes were tried.
    #[error("Too many codes were tried. Wait half a minute, then try the one that the app shows.")]
    TooManyCodes,
    /// Username and recovery code do not fit. Does not tell which.
    #[error("Wrong username or recovery code. Where you have set a new password already, sign in with it.")]
    WrongRecoveryCode,
    /// The set-up token does not fit, or was used.
    #[error("This set-up code is not valid. The server prints a new one each time it starts.")]
    WrongSetUpCode,
    /// The caller sees the record, but may not do this with it.
    #[error("You may not do this. Ask the owner for the permission Can edit.")]
    Forbidden,
    /// The caller is no administrator.
    #[error("Only administrators may do this.")]
    NotAdministrator,
    /// The signatures of this administrator do not count yet.
    #[error("Another administrator has to confirm your keys first. Ask one to open MySafe, then try again.")]
    NoMandate,
    /// Nobody would be an administrator any more.
    #[error(
        "This is the last administrator whose keys are confirmed. Make somebody else an administrator first, and let their browser be confirmed: open MySafe as both."
    )]
    LastAdministrator,
    /// The link of an invitation is of no use.
    #[error(
        "This invitation is not valid: it was used, has ended, or was sent once more since. Ask an administrator for a new one."
    )]
    InvitationEnded,
    /// Nobody whose word counts has signed the keys of somebody who is concerned.
    #[error(
        "The keys of the person concerned are not confirmed. Ask an administrator to compare and confirm them, under People."
    )]
    Unconfirmed,
    /// The keys of somebody who is concerned are not those that this person has seen before.
    #[error(
        "The keys of the person concerned are other ones than before. Do not go on: ask an administrator to compare and confirm them."
    )]
    ChangedKeys,
    /// The secret is disabled, and the caller is not its owner.
    #[error("This API secret is disabled. Its owner can enable it.")]
    Disabled,
    /// Does not exist, or the caller may not know that it does.
    #[error("This does not exist, or you have no access to it any more.")]
    NotFound,
    /// A field of a form does not fit.
    #[error("{field}: {reason}")]
    Invalid {
        /// The label of the field.
        field: String,
        /// What is wrong, and what would fit.
        reason: String,
    },
    /// Somebody changed the record first.
    #[error("Somebody changed this API secret while you were editing. Copy what you wrote, reload, and try again.")]
    Stale,
    /// A batch was undone, has ended, or something else was done with it first.
    #[error(
        "This was undone, has ended or was changed in the meantime. Nothing was done: look at it again, and go on."
    )]
    BatchChanged,
    /// The end of what a batch gave is not for one owner to set any more.
    #[error(
        "Some of these API secrets have another owner by now, so there is no end to be set for all of them. Unshare your own, or undo this: it ends what is yours."
    )]
    NotAllYours,
    /// Somebody changed a person's account first.
    #[error("This person has changed in the meantime. Nothing was done: reload the page and try again.")]
    PersonChanged,
    /// Somebody changed the group first.
    #[error("Somebody changed this group in the meantime. Nothing was done: reload the page and try again.")]
    GroupChanged,
    /// Nothing can be sealed to somebody who is concerned, or be taken from them, before something about their keys has changed.
    #[error("{name} {reason}.")]
    WaitsFor {
        /// How the person or group is called.
        name: String,
        /// What is the matter with their keys.
        reason: Reason,
    },
    /// What the caller owns, sealed to keys that they have no more.
    #[error(
        "This is sealed to the keys that you had before you started over. Those it is shared with can still open it."
    )]
    LostKeys,
    /// Shared with the caller, sealed to keys that they have no more.
    #[error("This is not sealed to your new keys yet. The browser of who shared it does that when they open MySafe.")]
    NotSealedYet,
    /// The keys of the group have not been handed to the caller yet.
    #[error("Your browser does not have this group's key yet. It gets it when another administrator opens MySafe.")]
    NoGroupKey,
    /// The same id came with another content.
    #[error("This was already sent with other content. Start again.")]
    Reused,
    /// A batch that was refused as a whole.
    #[error("Nothing was changed. {} of the records cannot be used.", .0.len())]
    Refused(Vec<Problem>),
    /// More than one request may hold.
    #[error("Too many {what}: at most {limit} at a time.")]
    TooMany {
        /// What there is too much of.
        what: String,
        /// How much is allowed.
        limit: u32,
    },
    /// More requests in a short time than a person makes.
    #[error("Too many searches in a short time. Wait a little, after long lists a minute or two, and go on.")]
    TooFast,
    /// The request is not of the form that the server expects.
    #[error("The server did not understand the request. Reload the page and try again.")]
    BadRequest,
    /// The answer is not of the form that the page expects.
    #[error("The answer cannot be read. MySafe may be starting, or was updated: try again, or reload the page.")]
    UnreadableAnswer,
    /// The person stopped it before anything was sent.
    #[error("Cancelled.")]
    Cancelled,
    /// The server cannot be reached.
    #[error("MySafe cannot be reached. Nothing is lost: check your connection and try again.")]
    Offline,
    /// The link by which somebody gets back into their account is of no use.
    #[error("This link is not valid: it was used, has ended, or was taken back. Ask an administrator for a new one.")]
    LinkEnded,
    /// Who let somebody start over wants to confirm their new keys as well.
    #[error(
        "You made the link by which they started over, so another administrator has to compare and confirm these keys."
    )]
    AnotherHasToConfirm,
    /// A second administrator has yet to agree.
    #[error("Another administrator has to agree first. Ask one to open People in MySafe, then try again.")]
    NotApproved,
    /// The person's browser has not made parts of their key for the administrators.
    #[error(
        "Their browser has not prepared this yet. It does by itself, when there are two other administrators and the person opens MySafe."
    )]
    NoEscrow,
    /// What administrators asked each other for is not what it was.
    #[error(
        "This has changed in the meantime: it was taken back, or there are other administrators now. Reload the page."
    )]
    RestorationChanged,
    /// The browser used no passkey.
    #[error("No passkey was used: it was cancelled, or took too long. Try again.")]
    PasskeyNotUsed,
    /// The authenticator has a passkey for this account already.
    #[error("There is a passkey for MySafe on it already.")]
    PasskeyKnown,
    /// The browser cannot use passkeys, or not at this address.
    #[error("Passkeys cannot be used here. Open MySafe at the address where you added yours, or try a newer browser.")]
    NoPasskeys,
    /// A passkey that is not the account's, or an answer that does not belong to the question.
    #[error("This passkey was not accepted. Try again, or use another one.")]
    WrongPasskey,
    /// The mail server did not take a mail.
    #[error("The mail could not be sent. Copy the link and send it yourself; the server's log says why.")]
    NotMailed,
    /// Something sealed does not open.
    #[error(
        "This cannot be opened with your keys. Tell the owner and your administrator: it may have been tampered with."
    )]
    Sealed,
    /// The server failed. The log has the cause under the same number.
    #[error(
        "Something went wrong on the server. Try again; if it stays, give your administrator the number {incident}."
    )]
    Internal {
        /// Names the line in the log.
        incident: String,
    },
}

/// One record that keeps a batch from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which record.
    pub subject: Subject,
    /// Why.
    pub reason: Reason,
}

/// What a [`Problem`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A secret of the batch.
    Secret(SecretId),
    /// A recipient of the batch.
    Recipient(RecipientId),
}

/// Why a record keeps a batch from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Reason {
    /// Does not exist, or the caller may not know that it does.
    #[error("does not exist any more, or you have no access to it")]
    NotFound,
    /// The caller sees it, but may not do this with it.
    #[error("belongs to somebody else")]
    Forbidden,
    /// The caller owns it.
    #[error("is yours")]
    Yours,
    /// Is disabled.
    #[error("is disabled")]
    Disabled,
    /// Has no keys yet, or can no longer sign in.
    #[error("has no active account")]
    NotActive,
    /// Has lost their keys and not made new ones yet.
    #[error("is starting over and has no keys yet")]
    NoKeysYet,
    /// Is the caller.
    #[error("is you, and you have access anyway")]
    Yourself,
    /// No administrator has signed its keys.
    #[error("has keys that no administrator has confirmed yet: ask one to compare and confirm them")]
    Unconfirmed,
    /// Its keys are not those that the caller has seen before.
    #[error("has other keys than before: ask an administrator to compare and confirm them")]
    ChangedKeys,
    /// Its keys changed in the meantime.
    #[error("has new keys since: remove it and pick it again")]
    Outdated,
    /// Has just come to the caller, whose browser has yet to take it over.
    #[error("has just come to you, and your browser is taking it over: try again in a minute")]
    NotTakenOver,
    /// Has an identifier that who is to own it uses for another one.
    #[error("would be the second of its owner with the same identifier: change one of the two")]
    IdentifierTaken,
    /// Would have more tags than a secret may have.
    #[error("would have more than 20 tags")]
    TooManyTags,
}

impl AppError {
    /// Whether nobody knows what became of the request: it may have been done.
    pub(crate) fn leaves_open(&self) -> bool {
        matches!(self, Self::Offline | Self::UnreadableAnswer | Self::Internal { .. })
    }

    /// Whether a batch was refused only because keys were replaced since they were asked for: asked for anew it can be done.
    pub(crate) fn is_outdated(&self) -> bool {
        matches!(self, Self::Refused(problems) if problems.iter().all(|problem| problem.reason == Reason::Outdated))
    }

    /// The same, and whose keys it is about, where it is about somebody's.
    pub(crate) fn of_keys(self, name: &str) -> Self {
        let reason = match self {
            Self::Unconfirmed => Reason::Unconfirmed,
            Self::ChangedKeys => Reason::ChangedKeys,
            other => return other,
        };
        Self::WaitsFor { name: name.into(), reason }
    }

    /// An error of one field of a form.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }
}

impl From<vault::VaultError> for AppError {
    fn from(error: vault::VaultError) -> Self {
        match error {
            vault::VaultError::Password => Self::WrongPassword,
            vault::VaultError::TooLong => {
                Self::invalid("Client secret", "Client secret and notes are longer than 64 KiB.")
            }
            _ => Self::Sealed,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Serialization(_) => {
                Self::BadRequest
            }
            // On the server this is a body that could not be read, in the browser an answer that could not.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => Self::BadRequest,
            _ => Self::UnreadableAnswer,
        }
    }
}

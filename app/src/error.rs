//! The one error that crosses the wire. Its text is for the person at the screen; causes stay in the server's log.

use std::fmt;

use leptos::server_fn::codec::PostcardEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use vault::{RecipientId, SecretId};

use crate::language::{t, text, translate};
use crate::ui::number;

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// There is no session, or it has ended.
    SignedOut,
    /// Username and password do not fit. Does not tell which.
    WrongPassword,
    /// Somebody who is signed in typed another password than theirs.
    WrongOwnPassword,
    /// The caller has to show first that it is they.
    ProofNeeded,
    /// The code of a second step does not fit.
    WrongCode,
    /// Too many codes were tried.
    TooManyCodes,
    /// Too many passwords or codes were tried from the same place.
    TooManyAttempts,
    /// Username and recovery code do not fit. Does not tell which.
    WrongRecoveryCode,
    /// The set-up token does not fit, or was used.
    WrongSetUpCode,
    /// The caller sees the record, but may not do this with it.
    Forbidden,
    /// The caller is no administrator.
    NotAdministrator,
    /// The signatures of this administrator do not count yet.
    NoMandate,
    /// Nobody would be an administrator any more.
    LastAdministrator,
    /// The link of an invitation is of no use.
    InvitationEnded,
    /// Nobody whose word counts has signed the keys of somebody who is concerned.
    Unconfirmed,
    /// The keys of somebody who is concerned are not those that this person has seen before.
    ChangedKeys,
    /// The secret is disabled, and the caller is not its owner.
    Disabled,
    /// Does not exist, or the caller may not know that it does.
    NotFound,
    /// A field of a form does not fit.
    Invalid {
        /// The label of the field.
        field: String,
        /// What is wrong, and what would fit.
        reason: String,
    },
    /// Somebody changed the record first.
    Stale,
    /// A batch was undone, has ended, or something else was done with it first.
    BatchChanged,
    /// The end of what a batch gave is not for one owner to set any more.
    NotAllYours,
    /// Somebody changed a person's account first.
    PersonChanged,
    /// Somebody changed the group first.
    GroupChanged,
    /// Nothing can be sealed to somebody who is concerned, or be taken from them, before something about their keys has changed.
    WaitsFor {
        /// How the person or group is called.
        name: String,
        /// What is the matter with their keys.
        reason: Reason,
    },
    /// What the caller owns, sealed to keys that they have no more.
    LostKeys,
    /// Shared with the caller, sealed to keys that they have no more.
    NotSealedYet,
    /// The keys of the group have not been handed to the caller yet.
    NoGroupKey,
    /// The same id came with another content.
    Reused,
    /// A batch that was refused as a whole.
    Refused(Vec<Problem>),
    /// More than one request may hold.
    TooMany {
        /// What there is too much of.
        what: String,
        /// How much is allowed.
        limit: u32,
    },
    /// More requests in a short time than a person makes.
    TooFast,
    /// The request is not of the form that the server expects.
    BadRequest,
    /// The answer is not of the form that the page expects.
    UnreadableAnswer,
    /// The person stopped it before anything was sent.
    Cancelled,
    /// The server cannot be reached.
    Offline,
    /// The server cannot reach its database.
    Away,
    /// The server's disk is full, or cannot be written.
    NotWritten,
    /// The link by which somebody gets back into their account is of no use.
    LinkEnded,
    /// Who let somebody start over wants to confirm their new keys as well.
    AnotherHasToConfirm,
    /// A second administrator has yet to agree.
    NotApproved,
    /// The person's browser has not made parts of their key for the administrators.
    NoEscrow,
    /// What administrators asked each other for is not what it was.
    RestorationChanged,
    /// The browser used no passkey.
    PasskeyNotUsed,
    /// The authenticator has a passkey for this account already.
    PasskeyKnown,
    /// The browser cannot use passkeys, or not at this address.
    NoPasskeys,
    /// A passkey that is not the account's, or an answer that does not belong to the question.
    WrongPasskey,
    /// The mail server did not take a mail.
    NotMailed,
    /// Something sealed does not open.
    Sealed,
    /// The server failed. The log has the cause under the same number.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Does not exist, or the caller may not know that it does.
    NotFound,
    /// The caller sees it, but may not do this with it.
    Forbidden,
    /// The caller owns it.
    Yours,
    /// Is disabled.
    Disabled,
    /// Has no keys yet, or can no longer sign in.
    NotActive,
    /// Has lost their keys and not made new ones yet.
    NoKeysYet,
    /// Is the caller.
    Yourself,
    /// No administrator has signed its keys.
    Unconfirmed,
    /// Its keys are not those that the caller has seen before.
    ChangedKeys,
    /// Its keys changed in the meantime.
    Outdated,
    /// Has just come to the caller, whose browser has yet to take it over.
    NotTakenOver,
    /// Has an identifier that who is to own it uses for another one.
    IdentifierTaken,
    /// Would have more tags than a secret may have.
    TooManyTags,
}

/// In the language of the page.
impl fmt::Display for AppError {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str(translate(match self {
            Self::SignedOut => text!("You are signed out. Sign in to go on."),
            Self::WrongPassword => text!("Wrong username or password."),
            Self::WrongOwnPassword => text!("This is not your current password."),
            Self::ProofNeeded => text!("This needs your password. Nothing was done."),
            Self::WrongCode => text!("This code is not right, or was used already. Wait until the app shows the next one."),
            Self::TooManyCodes => text!("Too many codes were tried. Wait half a minute, then try the one that the app shows."),
            Self::TooManyAttempts => text!("Too many attempts from where you are. Wait a minute, then try again."),
            Self::WrongRecoveryCode => text!("Wrong username or recovery code. Where you have set a new password already, sign in with it."),
            Self::WrongSetUpCode => text!("This set-up code is not valid. The server prints a new one each time it starts."),
            Self::Forbidden => text!("You may not do this. Ask the owner for the permission Can edit."),
            Self::NotAdministrator => text!("Only administrators may do this."),
            Self::NoMandate => text!("Another administrator has to confirm your keys first. Ask one to open MySafe, then try again."),
            Self::LastAdministrator => text!("This is the last administrator whose keys are confirmed. Make somebody else an administrator first, and let their browser be confirmed: open MySafe as both."),
            Self::InvitationEnded => text!("This invitation is not valid: it was used, has ended, or was sent once more since. Ask an administrator for a new one."),
            Self::Unconfirmed => text!("The keys of the person concerned are not confirmed. Ask an administrator to compare and confirm them, under People."),
            Self::ChangedKeys => text!("The keys of the person concerned are other ones than before. Do not go on: ask an administrator to compare and confirm them."),
            Self::Disabled => text!("This API secret is disabled. Its owner can enable it."),
            Self::NotFound => text!("This does not exist, or you have no access to it any more."),
            Self::Invalid { field, reason } => return write!(text, "{}: {}", translate(field), translate(reason)),
            Self::Stale => text!("Somebody changed this API secret while you were editing. Copy what you wrote, reload, and try again."),
            Self::BatchChanged => text!("This was undone, has ended or was changed in the meantime. Nothing was done: look at it again, and go on."),
            Self::NotAllYours => text!("Some of these API secrets have another owner by now, so there is no end to be set for all of them. Unshare your own, or undo this: it ends what is yours."),
            Self::PersonChanged => text!("This person has changed in the meantime. Nothing was done: reload the page and try again."),
            Self::GroupChanged => text!("Somebody changed this group in the meantime. Nothing was done: reload the page and try again."),
            Self::WaitsFor { name, reason } => return text.write_str(&t!("{name} {reason}.", name, reason)),
            Self::LostKeys => text!("This is sealed to the keys that you had before you started over. Those it is shared with can still open it."),
            Self::NotSealedYet => text!("This is not sealed to your new keys yet. The browser of who shared it does that when they open MySafe."),
            Self::NoGroupKey => text!("Your browser does not have this group's key yet. It gets it when another administrator opens MySafe."),
            Self::Reused => text!("This was already sent with other content. Start again."),
            Self::Refused(problems) => {
                return text.write_str(&t!("Nothing was changed. {n} of the records cannot be used.", n = number(problems.len())));
            }
            Self::TooMany { what, limit } => {
                return text.write_str(&t!("Too many {what}: at most {limit} at a time.", what = translate(what), limit));
            }
            Self::TooFast => text!("Too many searches in a short time. Wait a little, after long lists a minute or two, and go on."),
            Self::BadRequest => text!("The server did not understand the request. Reload the page and try again."),
            Self::UnreadableAnswer => text!("The answer cannot be read. MySafe may be starting, or was updated: try again, or reload the page."),
            Self::Cancelled => text!("Cancelled."),
            Self::Offline => text!("MySafe cannot be reached. Nothing is lost: check your connection and try again."),
            Self::Away => text!("MySafe cannot reach its database. Nothing is lost: try again in a moment."),
            Self::NotWritten => text!("The server cannot save anything: its disk is full or faulty. Nothing was changed. Tell your administrator."),
            Self::LinkEnded => text!("This link is not valid: it was used, has ended, or was taken back. Ask an administrator for a new one."),
            Self::AnotherHasToConfirm => text!("You made the link by which they started over, so another administrator has to compare and confirm these keys."),
            Self::NotApproved => text!("Another administrator has to agree first. Ask one to open People in MySafe, then try again."),
            Self::NoEscrow => text!("Their browser has not prepared this yet. It does by itself, when there are two other administrators and the person opens MySafe."),
            Self::RestorationChanged => text!("This has changed in the meantime: it was taken back, or there are other administrators now. Reload the page."),
            Self::PasskeyNotUsed => text!("No passkey was used: it was cancelled, or took too long. Try again."),
            Self::PasskeyKnown => text!("There is a passkey for MySafe on it already."),
            Self::NoPasskeys => text!("Passkeys cannot be used here. Open MySafe at the address where you added yours, or try a newer browser."),
            Self::WrongPasskey => text!("This passkey was not accepted. Try again, or use another one."),
            Self::NotMailed => text!("The mail could not be sent. Copy the link and send it yourself; the server's log says why."),
            Self::Sealed => text!("This cannot be opened with your keys. Tell the owner and your administrator: it may have been tampered with."),
            Self::Internal { incident } => {
                return text.write_str(&t!("Something went wrong on the server. Try again; if it stays, give your administrator the number {incident}.", incident));
            }
        }))
    }
}

impl std::error::Error for AppError {}

/// What follows the name of the record, in the language of the page.
impl fmt::Display for Reason {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str(translate(match self {
            Self::NotFound => text!("does not exist any more, or you have no access to it"),
            Self::Forbidden => text!("belongs to somebody else"),
            Self::Yours => text!("is yours"),
            Self::Disabled => text!("is disabled"),
            Self::NotActive => text!("has no active account"),
            Self::NoKeysYet => text!("is starting over and has no keys yet"),
            Self::Yourself => text!("is you, and you have access anyway"),
            Self::Unconfirmed => {
                text!("has keys that no administrator has confirmed yet: ask one to compare and confirm them")
            }
            Self::ChangedKeys => text!("has other keys than before: ask an administrator to compare and confirm them"),
            Self::Outdated => text!("has new keys since: remove it and pick it again"),
            Self::NotTakenOver => {
                text!("has just come to you, and your browser is taking it over: try again in a minute")
            }
            Self::IdentifierTaken => {
                text!("would be the second of its owner with the same identifier: change one of the two")
            }
            Self::TooManyTags => text!("would have more than 20 tags"),
        }))
    }
}

impl AppError {
    /// Whether nobody knows what became of the request: it may have been done.
    pub(crate) fn leaves_open(&self) -> bool {
        matches!(self, Self::Offline | Self::Away | Self::UnreadableAnswer | Self::Internal { .. })
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
                Self::invalid(text!("Client secret"), text!("Client secret and notes are longer than 64 KiB."))
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

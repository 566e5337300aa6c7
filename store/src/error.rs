use vault::{RecipientId, SecretId};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Does not exist, or the caller may not know that it does.
    #[error("not found")]
    NotFound,
    /// The caller sees it, but may not do this with it.
    #[error("not allowed")]
    Forbidden,
    /// An administrator whose own keys no other one has confirmed yet.
    #[error("no mandate yet")]
    NoMandate,
    /// Who let somebody start over does not confirm their new keys as well, where there is anybody else.
    #[error("another administrator has to confirm")]
    AnotherHasToConfirm,
    /// A second administrator has yet to agree.
    #[error("not approved yet")]
    NotApproved,
    /// Without this account nobody would be an administrator.
    #[error("the last administrator")]
    LastAdministrator,
    /// A field that its owner alone changes. Names the field.
    #[error("{0} is the owner's alone")]
    OwnersAlone(&'static str),
    /// Another record has this value, and it must be unique. Names the field.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// Somebody changed the record in the meantime.
    #[error("changed in the meantime")]
    Stale,
    /// The same id was used for another request.
    #[error("the id was used for another request")]
    Reused,
    /// The parts of a request do not fit each other. No client of ours sends such a one.
    #[error("the request does not fit together: {0}")]
    Malformed(&'static str),
    /// A batch that was refused as a whole, with every reason.
    #[error("refused for {} records", .0.len())]
    Refused(Vec<Problem>),
    /// The database does not answer.
    #[error("the database does not answer")]
    Away,
    /// The database could not do it. For the log alone.
    #[error("database: {0}")]
    Database(#[from] surrealdb::Error),
    /// A row or file is not what this version expects. For the log alone.
    #[error("unexpected content: {0}")]
    Content(String),
}

/// One record that keeps a batch from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which record.
    pub subject: Subject,
    /// Why.
    pub reason: Reason,
}

/// What a [`Problem`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A secret of the batch.
    Secret(SecretId),
    /// A recipient of the batch.
    Recipient(RecipientId),
}

/// Why a record keeps a batch from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Is the caller, who has access anyway.
    Yourself,
    /// Its keys changed in the meantime.
    Outdated,
    /// Has just come to the caller, whose client has yet to take it over.
    NotTakenOver,
    /// Has an identifier that who is to own it uses for another one.
    IdentifierTaken,
    /// Would have more tags than a secret may have.
    TooManyTags,
}

impl StoreError {
    /// Whether the same transaction may succeed when it is tried again.
    ///
    /// At commit, `SurrealDB` 3.3 gives a conflict as an internal error that only its text tells apart.
    pub(crate) fn is_conflict(&self) -> bool {
        let Self::Database(error) = self else { return false };
        error.to_string().contains("This transaction can be retried")
    }

    /// Whether the database cannot be reached. What was under way may be done, or not.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away) || matches!(self, Self::Database(error) if error.is_connection())
    }

    /// Whether the disk of the database is full (28, or 122 by a quota) or cannot be written (30). The engine gives the system's error as text.
    pub fn is_unwritable(&self) -> bool {
        let Self::Database(error) = self else { return false };
        let text = error.to_string();
        ["(os error 28)", "(os error 30)", "(os error 122)"].iter().any(|fault| text.contains(fault))
    }

    /// The name of the unique index that the database says is violated.
    pub(crate) fn violates(&self, index: &str) -> bool {
        let Self::Database(error) = self else { return false };
        error.to_string().contains(&format!("index `{index}` already contains"))
    }
}

/// Why something could not be sealed, opened or checked. Says nothing about the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The bytes are not of the format, or of a suite this version does not know.
    #[error("not a format this version of MySafe knows")]
    Format,
    /// The key does not fit, or the bytes were changed or moved from their place.
    #[error("cannot be opened with this key in this place")]
    Sealed,
    /// A signature does not fit what it is said to sign.
    #[error("the signature does not fit")]
    Signature,
    /// The password is wrong, or the account is unknown: the two cannot be told apart.
    #[error("wrong username or password")]
    Password,
    /// The content is longer than a secret may be.
    #[error("longer than a secret may be")]
    TooLong,
}

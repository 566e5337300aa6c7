//! What batches do.

use crate::error::StoreError;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    /// Secrets were shared.
    Share,
    /// Access of some recipients ended.
    Unshare,
    /// Permissions of some recipients changed.
    ChangePermission,
    /// Secrets were enabled.
    Enable,
    /// Secrets were disabled.
    Disable,
    /// Secrets got another owner.
    Transfer,
    /// Secrets went to the bin.
    Delete,
    /// Secrets came back from the bin.
    Restore,
    /// Secrets got tags, or lost some.
    Tag,
    /// Secrets were added together.
    Import,
}

impl BatchKind {
    const ALL: [Self; 10] = [
        Self::Share,
        Self::Unshare,
        Self::ChangePermission,
        Self::Enable,
        Self::Disable,
        Self::Transfer,
        Self::Delete,
        Self::Restore,
        Self::Tag,
        Self::Import,
    ];

    /// As it is called in the database and on the wire: never changed.
    pub fn text(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Unshare => "unshare",
            Self::ChangePermission => "change permission",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Transfer => "transfer",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Tag => "tag",
            Self::Import => "import",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|kind| kind.text() == text);
        found.ok_or_else(|| StoreError::Content(format!("batch {text}")))
    }

    /// What undoes it.
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::Share => Self::Unshare,
            Self::Unshare => Self::Share,
            Self::ChangePermission => Self::ChangePermission,
            Self::Enable => Self::Disable,
            Self::Disable => Self::Enable,
            Self::Transfer => Self::Transfer,
            Self::Delete => Self::Restore,
            Self::Restore | Self::Import => Self::Delete,
            Self::Tag => Self::Tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in BatchKind::ALL {
            assert_eq!(BatchKind::parse(kind.text()).unwrap(), kind);
        }
        assert!(BatchKind::parse("nothing").is_err());
    }
}

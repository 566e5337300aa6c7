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

    /// What undoes it. A transfer is for its new owner to give back.
    pub(crate) fn opposite(self) -> Option<Self> {
        match self {
            Self::Share => Some(Self::Unshare),
            Self::Unshare => Some(Self::Share),
            Self::ChangePermission => Some(Self::ChangePermission),
            Self::Enable => Some(Self::Disable),
            Self::Disable => Some(Self::Enable),
            Self::Delete => Some(Self::Restore),
            Self::Restore | Self::Import => Some(Self::Delete),
            Self::Tag => Some(Self::Tag),
            Self::Transfer => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written_and_what_undoes_it_can_be_undone() {
        for kind in BatchKind::ALL {
            assert_eq!(BatchKind::parse(kind.text()).unwrap(), kind);
            assert!(kind.opposite().is_none_or(|opposite| opposite.opposite().is_some()));
        }
        assert!(BatchKind::parse("nothing").is_err());
    }
}

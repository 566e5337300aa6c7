use vault::Permission;

use crate::error::Reason;
use crate::secret::api::SecretRow;
use crate::secret::records;

/// What can be done with several secrets at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Enable,
    Disable,
    Share,
    Transfer,
    Unshare,
    ChangePermission,
    SameAccess,
    Tag,
    Delete,
    Leave,
}

impl Kind {
    /// The text of its button.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Share => "Share",
            Self::Transfer => "Transfer",
            Self::Unshare => "Unshare",
            Self::ChangePermission => "Change permission",
            Self::SameAccess => "Same access as …",
            Self::Tag => "Tag",
            Self::Delete => "Delete",
            Self::Leave => "Leave",
        }
    }

    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Share => "share",
            Self::Transfer => "transfer",
            Self::Unshare => "unshare",
            Self::ChangePermission | Self::SameAccess => "change the permissions for",
            Self::Tag => "tag",
            Self::Delete => "delete",
            Self::Leave => "leave",
        }
    }

    /// Asks whether to go on with so many.
    pub(crate) fn question(self, count: usize) -> String {
        format!("Are you sure you want to {} the {} selected?", self.verb(), records(count))
    }

    /// What is said of so many records once it was done.
    pub(crate) fn done(self, count: usize) -> String {
        let records = records(count);
        match self {
            Self::Unshare => format!("{records} unshared. Access has ended"),
            Self::ChangePermission | Self::SameAccess => format!("Permissions changed for {records}"),
            Self::Leave => format!("You have left {records}"),
            Self::Tag => format!("Tags changed for {records}"),
            Self::Delete => format!("{records} deleted. They can be restored from the bin for 30 days"),
            kind => format!("{records} {}d", kind.verb()),
        }
    }

    /// What is worth knowing before saying yes.
    pub(super) fn hint(self) -> Option<&'static str> {
        match self {
            Self::Leave => Some(
                "You have no access to them any more then, also where it came to you by a group. Their owners can share them with you anew.",
            ),
            Self::Delete => {
                Some("Everyone's access ends at once. They stay in the bin for 30 days and can be restored until then.")
            }
            _ => None,
        }
    }

    /// Whether Yes leads to another dialog, and changes nothing yet.
    pub(super) fn goes_on(self) -> bool {
        !matches!(self, Self::Enable | Self::Disable | Self::Leave | Self::Delete)
    }

    /// Why it cannot be done with a secret, as far as the list knows. The server decides.
    pub(super) fn problem(self, row: &SecretRow, administrator: bool) -> Option<Reason> {
        let is_own = row.permission.is_none();
        let (allowed, needs_enabled) = match self {
            Self::Share | Self::SameAccess => (is_own, true),
            Self::Transfer | Self::ChangePermission | Self::Delete => (is_own, false),
            // Administrators may end whatever somebody shared, without keys.
            Self::Unshare => (is_own || administrator, false),
            Self::Disable => (row.may_enable() || administrator, false),
            Self::Enable => (row.may_enable(), false),
            Self::Tag => (row.permission.is_none_or(|permission| permission >= Permission::Edit), !is_own),
            Self::Leave => return is_own.then_some(Reason::Yours),
        };
        if allowed { (needs_enabled && !row.enabled).then_some(Reason::Disabled) } else { Some(Reason::Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::row;

    #[test]
    fn what_cannot_be_done_with_a_record_is_known_before() {
        let mut row = row("one");
        row.enabled = true;
        for kind in [Kind::Share, Kind::Transfer, Kind::Delete, Kind::Tag, Kind::Disable] {
            assert_eq!(kind.problem(&row, false), None);
        }
        row.enabled = false;
        assert_eq!(Kind::Share.problem(&row, false), Some(Reason::Disabled));
        assert_eq!(Kind::Tag.problem(&row, false), None);
        row.permission = Some(Permission::Edit);
        assert_eq!(Kind::Tag.problem(&row, false), Some(Reason::Disabled));
        assert_eq!(Kind::Enable.problem(&row, false), None);
        row.permission = Some(Permission::View);
        assert_eq!(Kind::Tag.problem(&row, false), Some(Reason::Forbidden));
        assert_eq!(Kind::Enable.problem(&row, false), Some(Reason::Forbidden));
        assert_eq!(Kind::Delete.problem(&row, false), Some(Reason::Forbidden));
        assert_eq!(Kind::Unshare.problem(&row, false), Some(Reason::Forbidden));
        assert_eq!(Kind::Unshare.problem(&row, true), None);
        assert_eq!(Kind::Disable.problem(&row, true), None);
        assert_eq!(Kind::Leave.problem(&row, false), None);
        row.permission = None;
        assert_eq!(Kind::Leave.problem(&row, false), Some(Reason::Yours));
    }
}

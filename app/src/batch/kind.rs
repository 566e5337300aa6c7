use vault::Permission;

use crate::error::Reason;
use crate::language::{counted, n, t, text, translate};
use crate::secret::api::SecretRow;

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
        translate(match self {
            Self::Enable => text!("Enable"),
            Self::Disable => text!("Disable"),
            Self::Share => text!("Share"),
            Self::Transfer => text!("Transfer"),
            Self::Unshare => text!("Unshare"),
            Self::ChangePermission => text!("Change permission"),
            Self::SameAccess => text!("Same access as …"),
            Self::Tag => text!("Tag"),
            Self::Delete => text!("Delete"),
            Self::Leave => text!("Leave"),
        })
    }

    pub(super) fn verb(self) -> &'static str {
        translate(match self {
            Self::Enable => text!("enable"),
            Self::Disable => text!("disable"),
            Self::Share => text!("share"),
            Self::Transfer => text!("transfer"),
            Self::Unshare => text!("unshare"),
            Self::ChangePermission | Self::SameAccess => text!("change the permissions for"),
            Self::Tag => text!("tag"),
            Self::Delete => text!("delete"),
            Self::Leave => text!("leave"),
        })
    }

    /// Asks whether to go on with so many.
    pub(crate) fn question(self, count: usize) -> String {
        n!(
            count,
            "Are you sure you want to {verb} the {n} record selected?",
            "Are you sure you want to {verb} the {n} records selected?",
            verb = self.verb()
        )
    }

    /// What is said of so many records once it was done.
    pub(crate) fn done(self, count: usize) -> String {
        let (one, more) = match self {
            Self::Enable => text!("{n} record enabled", "{n} records enabled"),
            Self::Disable => text!("{n} record disabled", "{n} records disabled"),
            Self::Share => text!("{n} record shared", "{n} records shared"),
            Self::Transfer => text!("{n} record transferred", "{n} records transferred"),
            Self::Unshare => {
                text!("{n} record unshared. Access has ended", "{n} records unshared. Access has ended")
            }
            Self::ChangePermission | Self::SameAccess => {
                text!("Permissions changed for {n} record", "Permissions changed for {n} records")
            }
            Self::Leave => text!("You have left {n} record", "You have left {n} records"),
            Self::Tag => text!("Tags changed for {n} record", "Tags changed for {n} records"),
            Self::Delete => text!(
                "{n} record deleted. It can be restored from the bin for 30 days",
                "{n} records deleted. They can be restored from the bin for 30 days"
            ),
        };
        counted(count, one, more)
    }

    /// What is worth knowing before saying yes.
    pub(super) fn hint(self) -> Option<&'static str> {
        match self {
            Self::Leave => Some(t!(
                "You have no access to them any more then, also where it came to you by a group. Their owners can share them with you anew."
            )),
            Self::Delete => Some(t!(
                "Everyone's access ends at once. They stay in the bin for 30 days and can be restored until then."
            )),
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

//! What an undo leaves as it is, and why.

use std::collections::HashMap;

use vault::SecretId;

/// How many secrets of a batch an undo leaves as they are, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Because of what was done later.
    pub later: usize,
    /// Because they are disabled: once they are enabled it can be undone for them as well.
    pub disabled: usize,
    /// Because nobody of those who had access is active.
    pub inactive: usize,
    /// Because they would have more tags than a secret may have.
    pub full: usize,
    /// Because their new owner has taken them over.
    pub taken_over: usize,
}

/// Why a secret is left out, where it is not because of what was done later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Disabled,
    Inactive,
    Full,
    TakenOver,
}

/// What there is to say of secrets that are left out. They may be among those that are not, for somebody else.
pub(super) type Reasons = HashMap<SecretId, Why>;

impl LeftOut {
    /// Counts secrets that are left out.
    pub(super) fn count(secrets: impl Iterator<Item = SecretId>, reasons: &Reasons) -> Self {
        let mut counted = Self::default();
        for secret in secrets {
            let number = match reasons.get(&secret) {
                None => &mut counted.later,
                Some(Why::Disabled) => &mut counted.disabled,
                Some(Why::Inactive) => &mut counted.inactive,
                Some(Why::Full) => &mut counted.full,
                Some(Why::TakenOver) => &mut counted.taken_over,
            };
            *number += 1;
        }
        counted
    }
}

//! What the store tells of API secrets, as it travels.

use super::{SealedSecret, SecretFields, SecretRow};

impl From<SecretFields> for store::Secret {
    fn from(fields: SecretFields) -> Self {
        let SecretFields { name, url, client_id, identifier, method, tags, rotate_on } = fields;
        let said = |text: String| (!text.is_empty()).then_some(text);
        Self { name, url, client_id, identifier: said(identifier), method, tags, rotate_on: said(rotate_on) }
    }
}

impl From<store::SecretRow> for SecretRow {
    fn from(row: store::SecretRow) -> Self {
        let store::Secret { name, url, client_id, identifier, method, tags, rotate_on } = row.secret;
        let (identifier, rotate_on) = (identifier.unwrap_or_default(), rotate_on.unwrap_or_default());
        Self {
            id: row.id,
            fields: SecretFields { name, url, client_id, identifier, method, tags, rotate_on },
            owner: row.owner,
            owner_name: row.owner_name,
            permission: row.permission,
            shared: row.shared,
            is_new: row.is_new,
            enabled: row.enabled,
            revision: row.revision,
            last_used_at: row.last_used_at,
            rotated_at: row.rotated_at,
            created_at: row.created_at,
            created_by: row.created_by,
            changed_at: row.changed_at,
            changed_by: row.changed_by,
        }
    }
}

impl From<store::SecretKeys> for SealedSecret {
    fn from(keys: store::SecretKeys) -> Self {
        let store::SecretKeys { revision, value_revision, value, opening } = keys;
        Self { revision, value_revision, value, opening }
    }
}

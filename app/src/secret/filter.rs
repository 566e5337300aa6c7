use super::api::SecretRow;

/// What the list is narrowed to. Texts match anywhere and without regard to case; empty ones match all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub name: String,
    pub url: String,
    pub tags: String,
    pub owner: String,
    pub shared: Option<bool>,
    pub enabled: Option<bool>,
}

impl Filter {
    /// The filter with its texts made ready for comparing.
    pub(crate) fn prepared(&self) -> Self {
        let key = |text: &str| text.trim().to_lowercase();
        Self { name: key(&self.name), url: key(&self.url), tags: key(&self.tags), owner: key(&self.owner), ..*self }
    }

    /// Whether a row is in the list. For a filter that is [`Filter::prepared`].
    pub(crate) fn matches(&self, row: &SecretRow) -> bool {
        let within = |text: &str, part: &str| part.is_empty() || text.to_lowercase().contains(part);
        self.shared.is_none_or(|shared| shared == row.shared)
            && self.enabled.is_none_or(|enabled| enabled == row.enabled)
            && within(&row.fields.name, &self.name)
            && within(&row.fields.url, &self.url)
            && within(&row.owner_name, &self.owner)
            // Every tag that is asked for has to be there.
            && self.tags.split(',').map(str::trim).all(|tag| {
                tag.is_empty() || row.fields.tags.iter().any(|found| found.to_lowercase().contains(tag))
            })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::secret::form::SecretFields;
    use vault::{AccountId, SecretId};

    pub(crate) fn row(name: &str) -> SecretRow {
        SecretRow {
            id: SecretId::random(),
            fields: SecretFields {
                name: name.into(),
                url: "https://Api.example.com".into(),
                client_id: "client".into(),
                identifier: String::new(),
                method: String::new(),
                tags: vec!["Prod".into(), "eu".into()],
            },
            owner: AccountId::random(),
            owner_name: "Ana Lima".into(),
            permission: None,
            shared: true,
            enabled: false,
            revision: 1,
            last_used_at: None,
            created_at: 0,
            created_by: "Ana Lima".into(),
            changed_at: 0,
            changed_by: "Ana Lima".into(),
        }
    }

    #[test]
    fn an_empty_filter_matches_all() {
        assert!(Filter::default().prepared().matches(&row("Billing")));
    }

    #[test]
    fn every_field_narrows() {
        let row = row("Billing API");
        let matches = |filter: Filter| filter.prepared().matches(&row);
        assert!(matches(Filter { name: " billing".into(), ..Filter::default() }));
        assert!(!matches(Filter { name: "mail".into(), ..Filter::default() }));
        assert!(matches(Filter { url: "api.EXAMPLE".into(), ..Filter::default() }));
        assert!(!matches(Filter { url: "other".into(), ..Filter::default() }));
        assert!(matches(Filter { owner: "lima".into(), ..Filter::default() }));
        assert!(!matches(Filter { owner: "bruno".into(), ..Filter::default() }));
        assert!(matches(Filter { tags: "eu, prod".into(), ..Filter::default() }));
        assert!(!matches(Filter { tags: "eu, test".into(), ..Filter::default() }));
        assert!(matches(Filter { shared: Some(true), enabled: Some(false), ..Filter::default() }));
        assert!(!matches(Filter { shared: Some(false), ..Filter::default() }));
        assert!(!matches(Filter { enabled: Some(true), ..Filter::default() }));
    }
}

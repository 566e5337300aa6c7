use std::cmp::Ordering;

use super::api::SecretRow;

use crate::language::{text, translate};

/// A row of the list, with its texts as filters and sorting compare them: worked out once, and not at every letter that somebody types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub row: SecretRow,
    pub name: String,
    pub url: String,
    pub owner: String,
    pub tags: Vec<String>,
    /// The id as it is written.
    pub id: String,
}

impl Entry {
    pub(crate) fn new(row: SecretRow) -> Self {
        Self {
            name: row.fields.name.to_lowercase(),
            url: row.fields.url.to_lowercase(),
            owner: row.owner_name.to_lowercase(),
            tags: row.fields.tags.iter().map(|tag| tag.to_lowercase()).collect(),
            id: row.id.to_string(),
            row,
        }
    }

    /// The end of the id: enough to tell two records of the same name apart.
    pub(crate) fn short_id(&self) -> &str {
        &self.id[self.id.len() - 6..]
    }
}

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Column {
    Id,
    #[default]
    Name,
    Url,
    Tags,
    Shared,
    Owner,
    LastUse,
    Enabled,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub column: Column,
    pub descending: bool,
}

impl Column {
    pub(crate) const ALL: [Self; 8] =
        [Self::Id, Self::Name, Self::Url, Self::Tags, Self::Shared, Self::Owner, Self::LastUse, Self::Enabled];

    pub(crate) fn title(self) -> &'static str {
        translate(match self {
            Self::Id => "ID",
            Self::Name => text!("Name"),
            Self::Url => "URL",
            Self::Tags => text!("Tags"),
            Self::Shared => text!("Shared"),
            Self::Owner => text!("Owner"),
            Self::LastUse => text!("Last use"),
            Self::Enabled => text!("Enabled"),
        })
    }

    /// Its class in the style sheet, and its name in the address.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Url => "url",
            Self::Tags => "tags",
            Self::Shared => "shared",
            Self::Owner => "owner",
            Self::LastUse => "used",
            Self::Enabled => "enabled",
        }
    }

    fn compare(self, a: &Entry, b: &Entry) -> Ordering {
        match self {
            Self::Id => a.short_id().cmp(b.short_id()),
            Self::Name => a.name.cmp(&b.name),
            Self::Url => a.url.cmp(&b.url),
            Self::Tags => a.tags.cmp(&b.tags),
            // Yes before No.
            Self::Shared => b.row.shared.cmp(&a.row.shared),
            Self::Owner => a.owner.cmp(&b.owner),
            Self::LastUse => a.row.last_used_at.cmp(&b.row.last_used_at),
            Self::Enabled => b.row.enabled.cmp(&a.row.enabled),
        }
    }
}

impl Sort {
    /// After a press on a column's header: by this column, or the other way round.
    pub(crate) fn by(self, column: Column) -> Self {
        Self { column, descending: self.column == column && !self.descending }
    }

    /// How `a` and `b` follow each other; what is the same in this column is in the order of names.
    pub(crate) fn compare(self, a: &Entry, b: &Entry) -> Ordering {
        let order = self.column.compare(a, b);
        let order = if self.descending { order.reverse() } else { order };
        order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.row.id.cmp(&b.row.id))
    }

    /// As it stands in the address.
    pub(crate) fn to_query(self) -> Option<(&'static str, String)> {
        let order = if self.descending { "-" } else { "" };
        (self != Self::default()).then(|| ("sort", format!("{order}{}", self.column.text())))
    }

    /// From the address.
    pub(crate) fn from_query(value: Option<String>) -> Self {
        let value = value.unwrap_or_default();
        let name = value.strip_prefix('-');
        let column = Column::ALL.into_iter().find(|column| column.text() == name.unwrap_or(&value));
        column.map_or_else(Self::default, |column| Self { column, descending: name.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::filter::tests::row;

    #[test]
    fn each_column_sorts_both_ways_and_names_break_ties() {
        let (mut a, mut b, mut c) = (row("alpha"), row("Beta"), row("gamma"));
        (a.last_used_at, b.last_used_at) = (Some(2), Some(1));
        c.enabled = true;
        b.owner_name = "Zoe".into();
        c.fields.url = "https://a.example".into();
        let entries = [a, b, c].map(Entry::new);
        let sorted = |column, descending| {
            let mut sorted = entries.clone();
            sorted.sort_by(|a, b| Sort { column, descending }.compare(a, b));
            sorted.map(|entry| entry.name)
        };
        assert_eq!(sorted(Column::Name, false), ["alpha", "beta", "gamma"]);
        assert_eq!(sorted(Column::Name, true), ["gamma", "beta", "alpha"]);
        assert_eq!(sorted(Column::LastUse, true), ["alpha", "beta", "gamma"]);
        assert_eq!(sorted(Column::LastUse, false), ["gamma", "beta", "alpha"]);
        assert_eq!(sorted(Column::Enabled, false), ["gamma", "alpha", "beta"]);
        assert_eq!(sorted(Column::Owner, true), ["beta", "alpha", "gamma"]);
        assert_eq!(sorted(Column::Url, false), ["gamma", "alpha", "beta"]);
        assert_eq!(sorted(Column::Tags, false), ["alpha", "beta", "gamma"]);
    }

    #[test]
    fn a_header_sorts_and_turns_round_and_the_address_knows() {
        let sort = Sort::default().by(Column::Url);
        assert_eq!(sort, Sort { column: Column::Url, descending: false });
        assert!(sort.by(Column::Url).descending);
        assert!(!sort.by(Column::Url).by(Column::Url).descending);
        assert_eq!(Sort::default().to_query(), None);
        for column in Column::ALL {
            for descending in [false, true] {
                let sort = Sort { column, descending };
                assert_eq!(Sort::from_query(sort.to_query().map(|(_, value)| value)), sort);
            }
        }
        assert_eq!(Sort::from_query(Some("-nonsense".into())), Sort::default());
    }
}

use super::entry::Entry;

use crate::language::{text, translate};

/// Which of the rows are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    #[default]
    All,
    /// What the person owns.
    Mine,
    SharedWithMe,
    SharedByMe,
    /// What was shared with the person, who has not looked at it yet.
    New,
}

impl View {
    pub(crate) const ALL: [Self; 5] = [Self::All, Self::Mine, Self::SharedWithMe, Self::SharedByMe, Self::New];

    pub(crate) fn title(self) -> &'static str {
        translate(match self {
            Self::All => text!("All"),
            Self::Mine => text!("Mine"),
            Self::SharedWithMe => text!("Shared with me"),
            Self::SharedByMe => text!("Shared by me"),
            Self::New => text!("New items"),
        })
    }

    fn text(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::SharedWithMe => "with-me",
            Self::SharedByMe => "by-me",
            Self::New => "new",
        }
    }

    /// Where the list opens with it.
    pub(crate) fn address(self) -> String {
        format!("/secrets?view={}", self.text())
    }

    fn has(self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Mine => entry.row.permission.is_none(),
            Self::SharedWithMe => entry.row.permission.is_some(),
            Self::SharedByMe => entry.row.permission.is_none() && entry.row.shared,
            Self::New => entry.row.is_new,
        }
    }
}

/// What the list is narrowed to. Texts match anywhere and without regard to case; empty ones match all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub view: View,
    pub id: String,
    pub name: String,
    pub url: String,
    pub tags: String,
    pub owner: String,
    /// Days, as the browser's own fields for dates write them: 2026-11-24.
    pub used_from: String,
    pub used_until: String,
    pub shared: Option<bool>,
    pub enabled: Option<bool>,
}

/// A filter made ready for comparing.
pub(crate) struct Prepared {
    view: View,
    id: String,
    name: String,
    url: String,
    tags: Vec<String>,
    owner: String,
    /// From the first millisecond to before the last one.
    used: (Option<i64>, Option<i64>),
    shared: Option<bool>,
    enabled: Option<bool>,
}

/// A text of a filter or of the address, and where it is kept.
type Text = (&'static str, fn(&Filter) -> &String, fn(&mut Filter) -> &mut String);

const TEXTS: [Text; 7] = [
    ("id", |filter| &filter.id, |filter| &mut filter.id),
    ("name", |filter| &filter.name, |filter| &mut filter.name),
    ("url", |filter| &filter.url, |filter| &mut filter.url),
    ("tags", |filter| &filter.tags, |filter| &mut filter.tags),
    ("owner", |filter| &filter.owner, |filter| &mut filter.owner),
    ("used-from", |filter| &filter.used_from, |filter| &mut filter.used_from),
    ("used-until", |filter| &filter.used_until, |filter| &mut filter.used_until),
];

impl Filter {
    /// `day_start` gives the first millisecond of a day, or of the day after it.
    pub(crate) fn prepared(&self, day_start: impl Fn(&str, bool) -> Option<i64>) -> Prepared {
        let key = |text: &str| text.trim().to_lowercase();
        let tags = self.tags.split(',').map(key).filter(|tag| !tag.is_empty());
        Prepared {
            view: self.view,
            id: key(&self.id),
            name: key(&self.name),
            url: key(&self.url),
            tags: tags.collect(),
            owner: key(&self.owner),
            used: (day_start(&self.used_from, false), day_start(&self.used_until, true)),
            shared: self.shared,
            enabled: self.enabled,
        }
    }

    /// Whether what few people filter by is in use.
    pub(crate) fn uses_more(&self) -> bool {
        [&self.id, &self.used_from, &self.used_until].iter().any(|text| !text.is_empty())
    }

    /// As it stands in the address: what is not as usual.
    pub(crate) fn to_query(&self) -> Vec<(&'static str, String)> {
        let texts = TEXTS.iter().map(|(name, read, _)| (*name, read(self).clone()));
        let choice = |choice: Option<bool>| choice.map_or("", |yes| if yes { "yes" } else { "no" }).to_owned();
        let view = if self.view == View::All { String::new() } else { self.view.text().into() };
        let others = [("view", view), ("shared", choice(self.shared)), ("enabled", choice(self.enabled))];
        texts.chain(others).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// From the address. What it does not know is left out.
    pub(crate) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let mut filter = Self::default();
        for (name, _, write) in TEXTS {
            *write(&mut filter) = get(name).unwrap_or_default();
        }
        let choice = |name| parse_choice(&get(name).unwrap_or_default());
        (filter.shared, filter.enabled) = (choice("shared"), choice("enabled"));
        let view = get("view").unwrap_or_default();
        filter.view = View::ALL.into_iter().find(|known| known.text() == view).unwrap_or_default();
        filter
    }
}

pub(crate) fn parse_choice(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

impl Prepared {
    /// Whether an entry is in the list.
    pub(crate) fn matches(&self, entry: &Entry) -> bool {
        let within = |text: &str, part: &str| part.is_empty() || text.contains(part);
        let row = &entry.row;
        self.view.has(entry)
            && self.shared.is_none_or(|shared| shared == row.shared)
            && self.enabled.is_none_or(|enabled| enabled == row.enabled)
            && within(&entry.name, &self.name)
            && within(&entry.url, &self.url)
            && within(&entry.owner, &self.owner)
            && within(&entry.id, &self.id)
            && self.used.0.is_none_or(|from| row.last_used_at.is_some_and(|used| used >= from))
            && self.used.1.is_none_or(|until| row.last_used_at.is_some_and(|used| used < until))
            // Every tag that is asked for has to be there.
            && self.tags.iter().all(|tag| entry.tags.iter().any(|found| found.contains(tag)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::secret::api::SecretRow;
    use crate::secret::form::SecretFields;
    use vault::{AccountId, Permission, SecretId};

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
                rotate_on: String::new(),
            },
            owner: AccountId::random(),
            owner_name: "Ana Lima".into(),
            permission: None,
            shared: true,
            enabled: false,
            revision: 1,
            is_new: false,
            rotated_at: 0,
            last_used_at: None,
            created_at: 0,
            created_by: "Ana Lima".into(),
            changed_at: 0,
            changed_by: "Ana Lima".into(),
        }
    }

    fn matches(row: &SecretRow, filter: &Filter) -> bool {
        let day = |text: &str, after: bool| text.parse::<i64>().ok().map(|day| (day + i64::from(after)) * 100);
        filter.prepared(day).matches(&Entry::new(row.clone()))
    }

    #[test]
    fn an_empty_filter_matches_all() {
        assert!(matches(&row("Billing"), &Filter::default()));
    }

    #[test]
    fn every_field_narrows() {
        let mut row = row("Billing API");
        row.last_used_at = Some(250);
        let check = |yes: Filter, no: Filter| {
            assert!(matches(&row, &yes), "{yes:?}");
            assert!(!matches(&row, &no), "{no:?}");
        };
        let filter = Filter::default;
        check(Filter { name: " billing".into(), ..filter() }, Filter { name: "mail".into(), ..filter() });
        check(Filter { url: "api.EXAMPLE".into(), ..filter() }, Filter { url: "other".into(), ..filter() });
        check(Filter { owner: "lima".into(), ..filter() }, Filter { owner: "bruno".into(), ..filter() });
        check(Filter { tags: "eu, prod".into(), ..filter() }, Filter { tags: "eu, test".into(), ..filter() });
        check(Filter { shared: Some(true), ..filter() }, Filter { shared: Some(false), ..filter() });
        check(Filter { enabled: Some(false), ..filter() }, Filter { enabled: Some(true), ..filter() });
        check(Filter { view: View::Mine, ..filter() }, Filter { view: View::SharedWithMe, ..filter() });
        check(Filter { used_from: "2".into(), ..filter() }, Filter { used_from: "3".into(), ..filter() });
        check(Filter { used_until: "2".into(), ..filter() }, Filter { used_until: "1".into(), ..filter() });
        let id = row.id.to_string().to_uppercase();
        check(Filter { id: id[id.len() - 6..].into(), ..filter() }, Filter { id: "nothing".into(), ..filter() });
        row.permission = Some(Permission::View);
        assert!(!matches(&row, &Filter { view: View::SharedByMe, ..filter() }));
        row.last_used_at = None;
        assert!(!matches(&row, &Filter { used_until: "9".into(), ..filter() }), "what was never used");
    }

    #[test]
    fn the_address_says_all_of_it() {
        let filter = Filter {
            view: View::SharedByMe,
            id: "a1".into(),
            name: "x & y".into(),
            url: "u".into(),
            tags: "eu, prod".into(),
            owner: "ana".into(),
            used_from: "2026-01-01".into(),
            used_until: "2026-02-01".into(),
            shared: Some(true),
            enabled: Some(false),
        };
        let query = filter.to_query();
        assert_eq!(query.len(), 10);
        let get = |name: &str| query.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        assert_eq!(Filter::from_query(get), filter);
        assert!(Filter::default().to_query().is_empty());
        assert_eq!(Filter::from_query(|_| Some("nonsense".into())).shared, None);
    }
}

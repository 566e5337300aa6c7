//! The log as a file: a line for each entry, and after that of a batch one for each of its records.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use vault::{AccountId, Permission, RecipientId};

use super::api::{AuditEntry, AuditFilter, ExportAt, Exported, Format, find};
use crate::backend::backend;
use crate::error::AppError;
use crate::people::api::for_administrators;

/// How many lines are written for one request: a batch of any size keeps nobody waiting.
const LINES: usize = 2_000;
/// How many people and groups the line of a record names. That of its batch names all.
const NAMED: usize = 100;

/// What a line has, in the order of the columns.
const FIELDS: [&str; 14] = [
    "id",
    "at",
    "event",
    "by",
    "person",
    "group",
    "secret",
    "secret_name",
    "batch",
    "address",
    "parent",
    "permissions",
    "tags_added",
    "tags_removed",
];

/// What was done with a record of a batch, or with all of them.
#[derive(Clone, Default)]
struct Done {
    permissions: Value,
    tags_added: Value,
    tags_removed: Value,
}

/// The next piece of the log as a file.
pub(super) async fn export(
    caller: AccountId,
    filter: AuditFilter,
    at: ExportAt,
    format: Format,
) -> Result<Exported, AppError> {
    let mut file = File { caller, format, text: String::new(), lines: 0 };
    if at == ExportAt::default() && format == Format::Csv {
        // By the mark before it Excel knows that it is UTF-8.
        file.text = format!("\u{FEFF}{}", crate::csv::line(FIELDS));
    }
    let mut before = at.before;
    if let Some((entry, written)) = at.rest
        && let Some(written) = file.records(&entry, written, false).await?
    {
        return Ok(file.end(Some(ExportAt { before, rest: Some((entry, written)) })));
    }
    let page = find(caller, filter, before, LINES).await?;
    for entry in page.entries {
        if file.lines >= LINES {
            return Ok(file.end(Some(ExportAt { before, rest: None })));
        }
        before = Some(entry.id);
        if entry.batch.is_none() {
            file.write(&entry, None, Done::default());
        } else if let Some(written) = file.records(&entry, 0, true).await? {
            return Ok(file.end(Some(ExportAt { before, rest: Some((entry, written)) })));
        }
    }
    Ok(file.end(page.next.map(|next| ExportAt { before: Some(next), rest: None })))
}

/// The piece that is written.
struct File {
    caller: AccountId,
    format: Format,
    text: String,
    lines: usize,
}

impl File {
    /// Writes the records of a batch from one of them on, as many as there is room for, after the line of the batch where that was not written yet. How
    /// many were written, where that is not all of them.
    async fn records(&mut self, entry: &AuditEntry, written: u64, begins: bool) -> Result<Option<u64>, AppError> {
        let Some(batch) = entry.batch else { return Ok(None) };
        let skip = usize::try_from(written).unwrap_or(usize::MAX);
        let room = LINES.saturating_sub(self.lines).max(1);
        let found = backend().store.audit_records(self.caller, entry.id, batch, skip, room).await;
        let found = found.map_err(for_administrators)?;
        if begins {
            let everyone: BTreeSet<store::Change> =
                found.parts.iter().flat_map(|part| &part.changes).copied().collect();
            let permissions = permissions(everyone.into_iter(), &found.recipients, usize::MAX);
            self.write(entry, None, Done { permissions, ..Done::default() });
        }
        let done: Vec<Done> = found.parts.iter().map(|part| done(part, &found.recipients)).collect();
        for record in &found.records {
            let done = record.part.and_then(|part| done.get(part)).cloned().unwrap_or_default();
            self.write(entry, Some(record), done);
        }
        Ok(found.next.map(|next| u64::try_from(next).unwrap_or(u64::MAX)))
    }

    /// Writes the line of an entry, or of a record of the batch that it is about.
    fn write(&mut self, entry: &AuditEntry, record: Option<&store::AuditRecord>, done: Done) {
        let id = store::audit_id_text(entry.id);
        let (id, parent) = if record.is_some() { (None, Some(id)) } else { (Some(id), None) };
        let secret = match record {
            Some(record) => Some((record.secret, record.name.clone())),
            None => entry.secret.clone(),
        };
        let values: [Value; FIELDS.len()] = [
            id.into(),
            store::date_text(entry.at).into(),
            entry.event.clone().into(),
            entry.by.1.clone().into(),
            entry.account.as_ref().map(|(_, username)| username.clone()).into(),
            entry.group.clone().into(),
            secret.as_ref().map(|(id, _)| id.to_string()).into(),
            secret.and_then(|(_, name)| name).into(),
            entry.batch.map(|batch| batch.to_string()).into(),
            entry.address.clone().into(),
            parent.into(),
            done.permissions,
            done.tags_added,
            done.tags_removed,
        ];
        self.text += &match self.format {
            Format::Csv => {
                let cells = values.map(|value| cell(&value));
                crate::csv::line(cells.iter().map(String::as_str))
            }
            Format::JsonLines => {
                let fields = FIELDS.into_iter().map(str::to_owned).zip(values);
                Value::Object(fields.collect()).to_string() + "\n"
            }
        };
        self.lines += 1;
    }

    /// The piece, and where the next one begins.
    fn end(self, next: Option<ExportAt>) -> Exported {
        Exported { text: self.text, count: u32::try_from(self.lines).unwrap_or(u32::MAX), next }
    }
}

fn done(part: &store::BatchPart, recipients: &HashMap<RecipientId, String>) -> Done {
    let tags = |tags: &[String]| if tags.is_empty() { Value::Null } else { json!(tags) };
    Done {
        permissions: permissions(part.changes.iter().copied(), recipients, NAMED),
        tags_added: tags(&part.tagged),
        tags_removed: tags(&part.untagged),
    }
}

/// Whose permission became what: an object for each of so many at most, and how many more there are.
fn permissions(
    changes: impl ExactSizeIterator<Item = store::Change>,
    recipients: &HashMap<RecipientId, String>,
    limit: usize,
) -> Value {
    let text = |permission: Option<Permission>| match permission {
        None => Value::Null,
        Some(Permission::View) => "view".into(),
        Some(Permission::Edit) => "edit".into(),
        Some(Permission::Own) => "own".into(),
    };
    let more = changes.len().saturating_sub(limit);
    let change = |change: store::Change| {
        let kind = match change.recipient {
            RecipientId::Account(_) => "person",
            RecipientId::Group(_) => "group",
        };
        let name = recipients.get(&change.recipient);
        json!({ kind: name, "before": text(change.before), "after": text(change.after) })
    };
    let mut all: Vec<Value> = changes.take(limit).map(change).collect();
    if more > 0 {
        all.push(json!({ "more": more }));
    }
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}

/// A value as a cell of a table has it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join("; "),
        Value::Object(change) => {
            let text = |key: &str| change.get(key).and_then(Value::as_str);
            if let Some(more) = change.get("more") {
                return format!("and {more} more");
            }
            let who = match (text("person"), text("group")) {
                (Some(username), _) => username.to_owned(),
                (None, Some(name)) => format!("group {name}"),
                (None, None) => "somebody who is gone".to_owned(),
            };
            let was = text("before").map(|before| format!(" (was {before})")).unwrap_or_default();
            format!("{who}: {}{was}", text("after").unwrap_or("none"))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::{BatchId, GroupId, SecretId};

    fn written(format: Format, record: Option<&store::AuditRecord>, done: Done) -> String {
        let entry = AuditEntry {
            id: 7,
            at: 0,
            event: "permissions changed".into(),
            by: ("Ana Lima".into(), "ana".into()),
            account: None,
            group: None,
            secret: None,
            batch: Some(BatchId::random()),
            address: None,
        };
        let mut file = File { caller: AccountId::random(), format, text: String::new(), lines: 0 };
        file.write(&entry, record, done);
        file.text
    }

    #[test]
    fn a_record_of_a_batch_is_a_line_that_names_the_entry_and_what_was_done() {
        let (bruno, crew) = (RecipientId::Account(AccountId::random()), RecipientId::Group(GroupId::random()));
        let recipients = HashMap::from([(bruno, "bruno".to_owned()), (crew, "Crew".to_owned())]);
        let part = store::BatchPart {
            changes: vec![
                store::Change { recipient: bruno, before: Some(Permission::View), after: Some(Permission::Edit) },
                store::Change { recipient: crew, before: Some(Permission::View), after: None },
            ],
            tagged: vec!["prod".into(), "eu".into()],
            ..store::BatchPart::default()
        };
        let record = store::AuditRecord { secret: SecretId::random(), name: Some("=one".into()), part: Some(0) };
        let line = written(Format::Csv, Some(&record), done(&part, &recipients));
        let parent = store::audit_id_text(7);
        assert!(line.starts_with(",1970-01-01T00:00:00"), "{line}");
        assert!(line.contains(&format!(",{},'=one,", record.secret)), "{line}");
        let end = format!(",{parent},\"bruno: edit (was view); group Crew: none (was view)\",\"prod; eu\",\r\n");
        assert!(line.ends_with(&end), "{line}");
        let line: Value =
            serde_json::from_str(&written(Format::JsonLines, Some(&record), done(&part, &recipients))).unwrap();
        assert_eq!((&line["id"], &line["parent"], &line["by"]), (&Value::Null, &json!(parent), &json!("ana")));
        assert_eq!(line["permissions"][1], json!({ "group": "Crew", "before": "view", "after": null }));
        assert_eq!((&line["tags_added"], &line["tags_removed"]), (&json!(["prod", "eu"]), &Value::Null));
        let line: Value = serde_json::from_str(&written(Format::JsonLines, None, Done::default())).unwrap();
        assert_eq!((&line["id"], &line["parent"]), (&json!(parent), &Value::Null));
    }

    #[test]
    fn a_record_shared_with_many_names_some_of_them_and_how_many_there_are_more() {
        let change = |_| store::Change {
            recipient: RecipientId::Account(AccountId::random()),
            before: None,
            after: Some(Permission::View),
        };
        let changes: Vec<store::Change> = (0..NAMED + 5).map(change).collect();
        let found = permissions(changes.into_iter(), &HashMap::new(), NAMED);
        assert_eq!(found.as_array().map(Vec::len), Some(NAMED + 1));
        assert!(cell(&found).ends_with("; somebody who is gone: view; and 5 more"));
    }
}

//! JSON: of Bitwarden, of Postman, and lists of objects, such as what MySafe itself exports.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::record::{Meaning, Parsed, Record, names_a_secret};
use crate::error::AppError;
use crate::language::{name, t, text};

/// The file that Bitwarden writes (`.json`, without a password).
#[derive(Deserialize)]
struct Bitwarden {
    #[serde(default)]
    folders: Vec<Folder>,
    #[serde(default)]
    collections: Vec<Folder>,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Folder {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(rename = "type")]
    kind: u8,
    name: Option<String>,
    notes: Option<String>,
    folder_id: Option<String>,
    #[serde(default)]
    collection_ids: Option<Vec<String>>,
    deleted_date: Option<String>,
    login: Option<Login>,
    #[serde(default)]
    fields: Option<Vec<Custom>>,
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    uris: Option<Vec<Uri>>,
    username: Option<String>,
    password: Option<String>,
    totp: Option<String>,
}

#[derive(Deserialize)]
struct Uri {
    uri: Option<String>,
}

#[derive(Deserialize)]
struct Custom {
    name: Option<String>,
    value: Option<String>,
}

/// The file of a Postman environment.
#[derive(Deserialize)]
struct Postman {
    #[serde(default)]
    name: String,
    values: Vec<Variable>,
}

#[derive(Deserialize)]
struct Variable {
    key: String,
    #[serde(default)]
    value: Option<Value>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    enabled: Option<bool>,
}

pub(super) fn parse(text: &str) -> Result<Parsed, AppError> {
    // Deeper than 128 levels is refused by the library: no file of this kind needs it.
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let line = error.line();
        let reason = if error.to_string().contains(name!("recursion limit")) {
            t!("It is nested too deeply, from line {line} on.", line)
        } else {
            t!("It is no JSON, from line {line} on.", line)
        };
        AppError::invalid("File", reason)
    })?;
    let has = |key: &str| value.get(key).is_some();
    let unknown = |_| AppError::invalid("File", "It is JSON of a kind that MySafe does not know.");
    if value.get("encrypted").and_then(Value::as_bool) == Some(true) || has("encKeyValidation_DO_NOT_EDIT") {
        let reason = t!("It is encrypted. Export it as JSON without a password, and delete that file afterwards.");
        return Err(AppError::invalid("File", reason));
    }
    if has("items") {
        return Ok(bitwarden(serde_json::from_value(value).map_err(unknown)?));
    }
    if has("values") {
        return Ok(postman(&serde_json::from_value(value).map_err(unknown)?));
    }
    match value {
        Value::Array(list) => Ok(objects(&list)),
        Value::Object(object) => match object.values().find_map(Value::as_array) {
            Some(list) => Ok(objects(list)),
            None => Ok(objects(&[Value::Object(object)])),
        },
        _ => Err(AppError::invalid("File", "It has to be a list of records.")),
    }
}

fn bitwarden(file: Bitwarden) -> Parsed {
    let mut parsed = Parsed { format: name!("Bitwarden JSON"), place: text!("Record"), ..Parsed::default() };
    let folders: HashMap<String, String> =
        file.folders.into_iter().chain(file.collections).map(|folder| (folder.id, folder.name)).collect();
    for (index, item) in file.items.into_iter().enumerate() {
        let place = index + 1;
        if item.deleted_date.is_some() {
            parsed.skipped.push((place, text!("was in the bin")));
            continue;
        }
        let Some(login) = item.login.filter(|_| item.kind == 1) else {
            parsed.skipped.push((place, text!("is no login")));
            continue;
        };
        let mut record = Record { place, name: item.name.unwrap_or_default(), ..Record::default() };
        record.notes = item.notes.unwrap_or_default();
        record.client_id = login.username.unwrap_or_default();
        record.client_secret = login.password.unwrap_or_default();
        let mut addresses = login.uris.unwrap_or_default().into_iter().filter_map(|uri| uri.uri);
        record.url = addresses.next().unwrap_or_default();
        addresses.for_each(|address| record.note("URL", &address));
        if let Some(totp) = login.totp {
            record.note("TOTP", &totp);
        }
        for Custom { name, value } in item.fields.unwrap_or_default() {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let name = name.unwrap_or_default();
                // Where there is no password, a hidden field often is the secret.
                if record.client_secret.is_empty() && names_a_secret(&name) {
                    record.client_secret = value;
                } else {
                    record.note(&name, &value);
                }
            }
        }
        let of = item.folder_id.into_iter().chain(item.collection_ids.unwrap_or_default());
        record.tags = of.filter_map(|id| folders.get(&id).cloned()).collect();
        parsed.records.push(record);
    }
    parsed
}

fn postman(file: &Postman) -> Parsed {
    let mut parsed = Parsed { format: text!("Postman environment"), place: text!("Variable"), ..Parsed::default() };
    let text = |variable: &Variable| match &variable.value {
        Some(Value::String(text)) => text.clone(),
        Some(other) if !other.is_null() => other.to_string(),
        _ => String::new(),
    };
    let enabled = || file.values.iter().filter(|variable| variable.enabled != Some(false));
    let of = |meaning| enabled().find(|variable| Meaning::of(&variable.key) == meaning).map(text).unwrap_or_default();
    let address = enabled().map(text).find(|text| text.starts_with("https://") || text.starts_with("http://"));
    let (url, client_id) = (address.unwrap_or_default(), of(Meaning::ClientId));
    for (index, variable) in file.values.iter().enumerate() {
        let place = index + 1;
        let value = text(variable);
        let is_secret = variable.kind.as_deref() == Some("secret") || names_a_secret(&variable.key);
        if variable.enabled == Some(false) {
            parsed.skipped.push((place, text!("is not enabled")));
        } else if value.is_empty() {
            parsed.skipped.push((place, text!("is empty")));
        } else {
            parsed.records.push(Record {
                place,
                name: format!("{} {}", file.name, variable.key).trim().to_owned(),
                url: url.clone(),
                client_id: if client_id.is_empty() { variable.key.clone() } else { client_id.clone() },
                client_secret: value,
                unlikely: !is_secret,
                ..Record::default()
            });
        }
    }
    parsed
}

fn objects(list: &[Value]) -> Parsed {
    let mut parsed = Parsed { format: "JSON", place: text!("Record"), ..Parsed::default() };
    for (index, value) in list.iter().enumerate() {
        let place = index + 1;
        if let Value::Object(object) = value {
            let mut record = Record { place, ..Record::default() };
            take(&mut record, object);
            parsed.records.push(record);
        } else {
            parsed.skipped.push((place, text!("is no record")));
        }
    }
    parsed
}

/// Takes what an object says, and what is in objects in it.
fn take(record: &mut Record, object: &Map<String, Value>) {
    for (name, value) in object {
        match value {
            Value::Object(inner) => take(record, inner),
            // Each of a list is one tag, whatever is in it.
            Value::Array(list) if Meaning::of(name) == Meaning::Tags => {
                record.tags.extend(list.iter().filter_map(Value::as_str).map(ToOwned::to_owned));
            }
            Value::Array(list) => {
                let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                record.take(name, &texts.join(","));
            }
            Value::String(text) => record.take(name, text),
            Value::Null => {}
            other => record.take(name, &other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vault::SecretValue;

    use super::*;
    use crate::export::json::Json;
    use crate::import::record::parse as parse_file;
    use crate::secret::SecretFields;

    fn read(name: &str) -> Result<Parsed, AppError> {
        let path = format!("{}/../end2end/fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
        parse_file(name, &std::fs::read_to_string(path).unwrap())
    }

    #[test]
    fn bitwarden_logins_come_with_all_that_they_have() {
        let parsed = read("bitwarden.json").unwrap();
        assert_eq!(parsed.format, "Bitwarden JSON");
        assert!(parsed.skipped.iter().all(|(_, why)| ["is no login", "was in the bin"].contains(why)));
        assert!(parsed.skipped.len() >= 3);
        let first = &parsed.records[0];
        assert_eq!((first.name.as_str(), first.client_id.as_str()), ("Paiements API (produção)", "client-9f31c0"));
        assert_eq!(first.url, "https://api.pagamentos.example.com/v1");
        assert_eq!(first.tags, ["Produção"]);
        for kept in ["TOTP: ", "URL: https://", "webhook_secret: fake-whsec-\"quoted\"-çã,42"] {
            assert!(first.notes.contains(kept), "{kept}");
        }
        let hidden = parsed.records.iter().find(|record| record.name.starts_with("Météo")).unwrap();
        assert_eq!(hidden.client_secret, "fake-weather-key-000111222333");
        let encrypted = read("bitwarden-encrypted.json").err().unwrap();
        assert!(encrypted.to_string().contains("encrypted"), "{encrypted}");
    }

    #[test]
    fn postman_variables_that_are_secret() {
        let parsed = read("postman.json").unwrap();
        let likely: Vec<&str> =
            parsed.records.iter().filter(|record| !record.unlikely).map(|record| record.name.as_str()).collect();
        assert_eq!(likely, ["Paiements – Produção client_secret", "Paiements – Produção apiKey"]);
        assert_eq!(parsed.records[2].client_id, "client-9f31c0");
        assert!(parsed.records.iter().all(|record| record.url == "https://api.pagamentos.example.com/v1"));
        assert_eq!(parsed.skipped.len(), 2);
    }

    #[test]
    fn lists_of_objects_by_the_names_of_their_keys() {
        let parsed = read("generic.json").unwrap();
        let secrets: Vec<&str> = parsed.records.iter().map(|record| record.client_secret.as_str()).collect();
        let expected =
            ["fake-cs-8Kq\"z,é\\n;=#$!", "fake-weather-key-000111222333", "fake-crm-pw-77", "", "fake-nested-é"];
        assert_eq!(secrets, expected);
        assert_eq!(parsed.records[2].tags, ["crm", "açúcar"]);
        assert!(parsed.records[2].notes.contains("port: 8443"));
    }

    #[test]
    fn what_is_no_list_of_records_is_refused() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        for (text, what) in [(deep.as_str(), "nested too deeply"), ("{\"a\":", "no JSON"), ("[1, 2]", "")] {
            match parse_file("x.json", text) {
                Ok(parsed) => assert!(what.is_empty() && parsed.records.is_empty() && parsed.skipped.len() == 2),
                Err(error) => assert!(!what.is_empty() && error.to_string().contains(what), "{error}"),
            }
        }
    }

    /// What somebody may have: the fields, the client secret, the notes.
    fn secret() -> impl Strategy<Value = (SecretFields, String, String)> {
        let texts = ("\\PC{1,30}", "https://[a-z]{1,9}\\.example/[!-~]{0,20}", "\\PC{1,20}", "[A-Za-z0-9._-]{0,12}");
        let method = prop::sample::select(vec!["", "GET", "POST"]);
        let tags = proptest::collection::vec("\\PC{1,10}", 0..4);
        let sealed = ("(.|\n){0,40}", "(.|\n){0,40}");
        (texts, method, tags, "(2027-0[1-9]-[12][0-9])?", sealed).prop_filter_map(
            "no form takes it",
            |((name, url, client_id, identifier), method, tags, rotate_on, (client_secret, notes))| {
                let fields = SecretFields { name, url, client_id, identifier, method: method.into(), tags, rotate_on };
                let is_empty = client_secret.is_empty() && notes.is_empty();
                fields.checked().ok().filter(|_| !is_empty).map(|fields| (fields, client_secret, notes))
            },
        )
    }

    proptest! {
        /// What MySafe exports it imports as it was.
        #[test]
        fn what_is_exported_comes_back(secrets in proptest::collection::vec(secret(), 0..5)) {
            let value = |client_secret: &str, notes: &str| {
                SecretValue { client_secret: client_secret.into(), notes: notes.into() }
            };
            let mut json = Json::with_capacity(0);
            for (fields, client_secret, notes) in &secrets {
                json.push(fields, &value(client_secret, notes)).unwrap();
            }
            let parsed = parse_file("mysafe-secrets.json", &json.finish()).unwrap();
            prop_assert_eq!(parsed.skipped.len(), 0);
            prop_assert_eq!(parsed.records.len(), secrets.len());
            for (record, (fields, client_secret, notes)) in parsed.records.iter().zip(&secrets) {
                prop_assert_eq!(&record.fields("").unwrap(), fields);
                prop_assert!(record.value() == value(client_secret, notes));
            }
        }
    }
}

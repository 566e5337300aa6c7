//! Comma-separated values, with a header: of other managers and of spreadsheets.

use super::record::{Meaning, Parsed, Record};
use crate::error::AppError;

/// The header of the file that `KeePass` 2 calls "`KeePass` CSV (1.x)": the only one with backslashes before quotes.
const KEEPASS: &str = "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"";

pub(super) fn parse(text: &str) -> Result<Parsed, AppError> {
    let header = text.lines().next().unwrap_or_default();
    let is_keepass = header.trim_end() == KEEPASS;
    let mut builder = csv::ReaderBuilder::new();
    builder.flexible(true).delimiter(delimiter(header));
    if is_keepass {
        builder.escape(Some(b'\\')).double_quote(false);
    }
    let mut reader = builder.from_reader(text.as_bytes());
    let columns: Vec<String> =
        reader.headers().map_err(|_| unreadable())?.iter().map(|name| name.trim().to_owned()).collect();
    let means = |meaning| columns.iter().any(|name| Meaning::of(name) == meaning);
    if !means(Meaning::Name) || !(means(Meaning::ClientSecret) || means(Meaning::Notes)) {
        let reason = "The first line has to name the columns: at least a name and a client secret or password.";
        return Err(AppError::invalid("File", reason));
    }
    let is_bitwarden = columns.iter().any(|name| name == "login_uri");
    let format = match (is_keepass, is_bitwarden) {
        (true, _) => "KeePass CSV",
        (_, true) => "Bitwarden CSV",
        _ if columns.iter().any(|name| name == "OTPAuth") => "1Password CSV",
        _ if columns.iter().any(|name| name == "Last Modified") => "KeePassXC CSV",
        _ => "CSV",
    };
    let mut parsed = Parsed { format, place: "Line", ..Parsed::default() };
    let mut lines = Lines { text, at: 0, line: 1 };
    for row in reader.into_records() {
        // A line that is no UTF-8 cannot come here: the text was decoded as a whole.
        let row = row.map_err(|_| unreadable())?;
        let at = row.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let place = lines.at(at);
        let of = |column: &str| columns.iter().position(|name| name == column).and_then(|index| row.get(index));
        if row.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        if is_bitwarden && of("type").is_some_and(|kind| kind != "login") {
            parsed.skipped.push((place, "is no login"));
            continue;
        }
        let mut record = Record { place, ..Record::default() };
        for (column, text) in columns.iter().zip(&row) {
            // Bitwarden puts all addresses into one field.
            if is_bitwarden && column == "login_uri" && !text.is_empty() {
                let mut addresses = addresses(text).into_iter();
                record.take(column, &addresses.next().unwrap_or_default());
                for address in addresses {
                    record.note("URL", &address);
                }
            } else if is_bitwarden && column == "fields" && !text.is_empty() {
                // Already "name: value", line by line.
                if !record.notes.is_empty() {
                    record.notes.push('\n');
                }
                record.notes.push_str(text);
            } else {
                record.take(column, text);
            }
        }
        if record.name.is_empty() && record.client_secret.is_empty() && record.url.is_empty() {
            parsed.skipped.push((place, "is empty"));
            continue;
        }
        // The first group of KeePassXC is the whole database.
        if format == "KeePassXC CSV" {
            let groups = record.tags.iter().filter_map(|group| group.split_once('/').map(|(_, rest)| rest.to_owned()));
            record.tags = groups.collect();
        }
        parsed.records.push(record);
    }
    Ok(parsed)
}

/// Counts lines. The reader's own count is one behind where lines end as on Windows.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a record that begins at this byte, or after the line break there.
    fn at(&mut self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let break_after = bytes.iter().skip(byte).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begins = (byte + break_after).min(bytes.len());
        self.line += self.text[self.at..begins].matches('\n').count();
        self.at = begins;
        self.line
    }
}

fn unreadable() -> AppError {
    AppError::invalid("File", "It is no CSV that can be read.")
}

/// Several addresses with commas between them, which may have commas themselves: one begins where there is a scheme.
fn addresses(text: &str) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for part in text.split(',') {
        match addresses.last_mut() {
            Some(last) if !part.contains("://") => {
                last.push(',');
                last.push_str(part);
            }
            _ => addresses.push(part.to_owned()),
        }
    }
    addresses
}

/// What stands between the columns: whichever of the usual ones the header has most of.
fn delimiter(header: &str) -> u8 {
    let count = |delimiter: &u8| header.bytes().filter(|byte| byte == delimiter).count();
    b",;\t".iter().copied().max_by_key(|delimiter| (count(delimiter), *delimiter == b',')).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::record::parse as parse_file;

    fn read(name: &str) -> Parsed {
        let path = format!("{}/../end2end/fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
        parse_file(name, &std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn quotes_delimiters_and_line_breaks_in_fields() {
        let parsed = read("generic.csv");
        assert_eq!((parsed.format, parsed.records.len()), ("CSV", 4));
        let first = &parsed.records[0];
        assert_eq!(first.client_secret, "fake-cs-8Kq\"z,é\\n;=#$!");
        assert_eq!(first.notes, "Rotation tous les 90 jours.\nContact: José \"Zé\" Conceição");
        assert_eq!(first.tags, ["api", "produção"]);
        // Lines are those of the file, also after a field with a line break.
        assert_eq!([parsed.records[0].place, parsed.records[1].place], [2, 4]);
        assert_eq!(parsed.records[1].name, "Météo, façade");
        let semicolons = read("semicolon.csv");
        assert!(semicolons.records.iter().all(|record| !record.name.is_empty() && !record.client_secret.is_empty()));
    }

    #[test]
    fn files_of_other_managers() {
        let keepass = read("keepass.csv");
        assert_eq!((keepass.format, keepass.records.len()), ("KeePass CSV", 4));
        assert_eq!(keepass.records[0].client_secret, "fake-cs-8Kq\"z,é\\n;=#$!");
        assert_eq!(keepass.records[2].client_secret, "fake-ad\\pw\\");
        let xc = read("keepassxc.csv");
        assert_eq!((xc.format, xc.records.len(), xc.skipped.len()), ("KeePassXC CSV", 4, 1));
        assert!(xc.records[1].notes.contains("TOTP: otpauth://"));
        assert_eq!(xc.records[1].tags, ["Produção"]);
        let one = read("1password.csv");
        assert_eq!((one.format, one.records.len()), ("1Password CSV", 4));
        assert_eq!(one.records[0].tags, ["API", "Produção"]);
        assert_eq!(one.records[2].fields("").unwrap().url, "https://crm.example.com");
        let bitwarden = read("bitwarden.csv");
        assert_eq!((bitwarden.format, bitwarden.records.len(), bitwarden.skipped.len()), ("Bitwarden CSV", 3, 1));
        assert_eq!(bitwarden.records[0].url, "https://api.pagamentos.example.com/v1");
        for kept in
            ["webhook_secret: fake-whsec-", "URL: https://dashboard.pagamentos.example.com/login?tab=api,keys\n"]
        {
            assert!(bitwarden.records[0].notes.contains(kept), "{kept}");
        }
    }

    #[test]
    fn a_table_without_a_header_is_refused_with_what_it_needs() {
        for text in ["a,b,c\n1,2,3\n", "\"open"] {
            assert!(
                matches!(parse_file("x.csv", text), Err(AppError::Invalid { field, .. }) if field == "File"),
                "{text}"
            );
        }
    }
}

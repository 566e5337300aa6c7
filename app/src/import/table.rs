//! Comma-separated values, with a header: of other managers and of spreadsheets.

use super::record::{Meaning, Parsed, Record};
use crate::error::AppError;
use crate::language::{n, name, t, text, translate};

/// The header of the file that `KeePass` 2 calls "`KeePass` CSV (1.x)": the only one with backslashes before quotes.
const KEEPASS: &str = name!("\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"");

pub(super) fn parse(text: &str) -> Result<Parsed, AppError> {
    let (told, body) = told_delimiter(text).map_or((None, text), |(delimiter, body)| (Some(delimiter), body));
    let header = body.lines().next().unwrap_or_default();
    let is_keepass = header.trim_end() == KEEPASS;
    let writing = Writing { delimiter: told.unwrap_or_else(|| delimiter(header)), backslashes: is_keepass };
    let mut builder = csv::ReaderBuilder::new();
    // Lines that do not fit the header are told, and those after them are read.
    builder.flexible(true).delimiter(writing.delimiter);
    if is_keepass {
        builder.escape(Some(b'\\')).double_quote(false);
    }
    let mut reader = builder.from_reader(body.as_bytes());
    let columns: Vec<String> =
        reader.headers().map_err(|_| unreadable())?.iter().map(|name| name.trim().to_owned()).collect();
    let byte = |position: &csv::Position| usize::try_from(position.byte()).map_or(body.len(), |at| at.min(body.len()));
    let mut end = byte(reader.position());
    if let Some(what) = writing.broken_quote(&body[..end]) {
        return Err(AppError::invalid("File", t!("The first line {what}.", what = translate(what))));
    }
    let means = |meaning| columns.iter().any(|name| Meaning::of(name) == meaning);
    if !means(Meaning::Name) || !(means(Meaning::ClientSecret) || means(Meaning::Notes)) {
        let reason = t!("The first line has to name the columns: at least a name and a client secret or password.");
        return Err(AppError::invalid("File", reason));
    }
    let is_bitwarden = columns.iter().any(|name| name == "login_uri");
    let format = match (is_keepass, is_bitwarden) {
        (true, _) => name!("KeePass CSV"),
        (_, true) => name!("Bitwarden CSV"),
        _ if columns.iter().any(|name| name == "OTPAuth") => name!("1Password CSV"),
        _ if columns.iter().any(|name| name == "Last Modified") => name!("KeePassXC CSV"),
        _ => "CSV",
    };
    let mut parsed = Parsed { format, place: text!("Line"), ..Parsed::default() };
    let mut lines = Lines { text: body, at: 0, line: if told.is_some() { 2 } else { 1 } };
    let mut row = csv::StringRecord::new();
    loop {
        let begin = end;
        // A line that is no UTF-8 cannot come here: the text was decoded as a whole.
        if !reader.read_record(&mut row).map_err(|_| unreadable())? {
            break;
        }
        end = byte(reader.position());
        let place = lines.at(begin);
        if row.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        // What is in its fields would not be what it seems to be: nothing of it is taken.
        if let Some(fault) = writing.fault(&body[begin..end], place, row.len(), columns.len()) {
            parsed.records.push(Record { place, fault: Some(fault), ..Record::default() });
            continue;
        }
        let of = |column: &str| columns.iter().position(|name| name == column).and_then(|index| row.get(index));
        if is_bitwarden && of("type").is_some_and(|kind| kind != "login") {
            parsed.skipped.push((place, text!("is no login")));
            continue;
        }
        let mut record = record(place, &columns, &row, is_bitwarden);
        if record.name.is_empty() && record.client_secret.is_empty() && record.url.is_empty() {
            parsed.skipped.push((place, text!("is empty")));
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

/// What a line says, by the names of its columns.
fn record(place: usize, columns: &[String], row: &csv::StringRecord, is_bitwarden: bool) -> Record {
    let mut record = Record { place, ..Record::default() };
    for (column, text) in columns.iter().zip(row) {
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
    record
}

/// How a table is written.
#[derive(Clone, Copy)]
struct Writing {
    delimiter: u8,
    /// Whether quotes in a field have a backslash before them. Else there are two for one.
    backslashes: bool,
}

impl Writing {
    /// What is wrong with a line as a whole. `text` is all that the reader took for it.
    fn fault(self, text: &str, place: usize, fields: usize, columns: usize) -> Option<String> {
        let fault = if let Some(what) = self.broken_quote(text) {
            t!("It {what}.", what = translate(what))
        } else if fields == columns {
            return None;
        } else {
            n!(
                fields,
                "{n} field where the head has {columns}: is a quote missing?",
                "{n} fields where the head has {columns}: is a quote missing?",
                columns
            )
        };
        Some(match text.trim().matches('\n').count() {
            0 => fault,
            more => t!("{fault} All up to line {line} is taken for a part of it.", fault, line = place + more),
        })
    }

    /// What is wrong with the quotes of a line. The reader says nothing of it, and goes on as well as it can: to the end of the file, where a quote does
    /// not end.
    fn broken_quote(self, text: &str) -> Option<&'static str> {
        let mut bytes = text.bytes().peekable();
        let ends_field = |byte: u8| byte == self.delimiter || matches!(byte, b'\r' | b'\n');
        // Quotes mean something at the beginning of a field alone.
        let mut begins = true;
        while let Some(byte) = bytes.next() {
            if !begins || byte != b'"' {
                begins = ends_field(byte);
                continue;
            }
            loop {
                match bytes.next() {
                    None => return Some(text!("has a quote that does not end")),
                    Some(b'\\') if self.backslashes => {
                        bytes.next();
                    }
                    Some(b'"') if !self.backslashes && bytes.peek() == Some(&b'"') => {
                        bytes.next();
                    }
                    Some(b'"') => break,
                    Some(_) => {}
                }
            }
            if bytes.peek().is_some_and(|after| !ends_field(*after)) {
                return Some(text!("has text right after a closing quote"));
            }
            begins = false;
        }
        None
    }
}

/// What stands between the columns where the first line says so, as spreadsheets write and want it (`sep=;`), and the text after that line.
pub(super) fn told_delimiter(text: &str) -> Option<(u8, &str)> {
    let (first, body) = text.split_once('\n')?;
    let first = first.trim_end_matches('\r');
    let first = first.strip_prefix('"').and_then(|first| first.strip_suffix('"')).unwrap_or(first);
    match first.as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', told] if matches!(told, b',' | b';' | b'\t' | b'|' | b':') => {
            Some((*told, body))
        }
        _ => None,
    }
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
    use proptest::prelude::*;

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
    fn a_line_that_does_not_fit_the_header_is_told_and_nothing_of_it_is_taken() {
        let head = "name,url,client_secret,notes";
        let faults = |lines: &str| {
            let parsed = parse_file("x.csv", &format!("{head}\n{lines}\n")).unwrap();
            let faults = parsed.records.into_iter().map(|record| (record.place, record.fault));
            faults.collect::<Vec<_>>()
        };
        let fault = |place: usize, what: &str| (place, Some(what.to_owned()));
        // A comma in a secret that nobody quoted, and a field too few; what comes after them is taken.
        assert_eq!(
            faults("A,https://a.example.com,se,cret,\nB,x\n\nC,https://c.example.com,s,"),
            [
                fault(2, "5 fields where the head has 4: is a quote missing?"),
                fault(3, "2 fields where the head has 4: is a quote missing?"),
                (5, None)
            ]
        );
        assert_eq!(faults("A"), [fault(2, "1 field where the head has 4: is a quote missing?")]);
        // As many fields as there have to be, and all the same not what they seem.
        assert_eq!(
            faults("A,x,s,\"note\nB,x,s,note\nC,x,s,note"),
            [fault(2, "It has a quote that does not end. All up to line 4 is taken for a part of it.")]
        );
        assert_eq!(
            faults("A,x,\"s,\nB,x,\"s\",\nC,x,s,"),
            [
                fault(2, "It has text right after a closing quote. All up to line 3 is taken for a part of it."),
                (4, None)
            ]
        );
        // Quotes within a field, line breaks and quotes in quotes are as they should be.
        assert_eq!(faults("A,x,s\"t,\r\nB,x,\"s\"\"\n\"\"\",\"\""), [(2, None), (3, None)]);
        assert!(parse_file("x.csv", "name,client_secret,\"notes\nA,s,\n").is_err());
        let keepass = format!("{KEEPASS}\n\"A\",\"b\",\"c\\\"\",\"\",\"\"\n\"A\",\"b\",\"c\"\"\",\"\",\"\"\n");
        let keepass = parse_file("x.csv", &keepass).unwrap().records;
        assert_eq!((keepass[0].client_secret.as_str(), keepass[0].fault.is_some()), ("c\"", false));
        assert_eq!(keepass[1].fault.as_deref(), Some("It has text right after a closing quote."));
    }

    #[test]
    fn spreadsheets_say_what_stands_between_the_columns() {
        let table = "name;url;client_secret\r\nA;https://a.example.com/?a=1,2,3,4,5;se,cret\r\nB;x\r\n";
        for first in ["sep=;\r\n", "SEP=;\n", "\"sep=;\"\r\n", ""] {
            for file in ["x.csv", "secrets.txt"] {
                let parsed = parse_file(file, &format!("\u{FEFF}{first}{table}")).unwrap();
                assert_eq!((parsed.format, parsed.records.len()), ("CSV", 2), "{first} {file}");
                assert_eq!(parsed.records[0].client_secret, "se,cret");
                let before = usize::from(!first.is_empty());
                assert_eq!([parsed.records[0].place, parsed.records[1].place], [2 + before, 3 + before]);
            }
        }
        let told = parse_file("x.csv", "sep=|\nname|client_secret,with;many\nA|s\n");
        assert!(told.is_err(), "no column is called like that");
        // The name says what it is, whatever the first line looks like; and other files may have a variable of that name.
        assert!(matches!(parse_file("x.csv", "A=1\nB=2\n"), Err(AppError::Invalid { field, .. }) if field == "File"));
        assert_eq!(parse_file("x.txt", "SEP=;\nAPI_KEY=secret\n").unwrap().format, ".env");
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

    proptest! {
        /// Whatever is written by the rules is read as it was.
        #[test]
        fn what_is_quoted_comes_back(
            rows in proptest::collection::vec(("x[ -~\n\ré]{0,12}", "x[ -~\n\ré]{0,12}"), 1..6),
            delimiter in prop::sample::select(vec![',', ';', '\t']),
        ) {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let line = |(name, secret): &(String, String)| format!("{}{delimiter}{}\r\n", quoted(name), quoted(secret));
            let lines = rows.iter().map(line).collect::<Vec<_>>().concat();
            let parsed = parse_file("x.csv", &format!("name{delimiter}client_secret\r\n{lines}")).unwrap();
            prop_assert!(parsed.records.iter().all(|record| record.fault.is_none()));
            let found = parsed.records.into_iter().map(|record| (record.name, record.client_secret));
            prop_assert_eq!(found.collect::<Vec<_>>(), rows);
        }

        #[test]
        fn no_text_does_any_harm(text in "(name,client_secret\n)?[a-c\",;\n\r\\\\é=]{0,60}") {
            let _ = parse_file("x.csv", &text);
        }
    }
}

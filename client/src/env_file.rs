use crate::error::ClientError;

/// The variables of a file: `NAME=value` in each line, with quotes round the value or not, `export` before it or not; lines that begin with `#` are for
/// people. Nothing is put in the place of anything: neither of `$NAME`, which would let the file read this process's environment with the access
/// key in it, nor of `\n`. `file` is how it is called.
pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<(String, String)>, ClientError> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        // The line itself is not told: it may have a secret in it.
        .map(|(number, line)| variable(line).ok_or_else(|| ClientError::EnvLine(file.into(), number)))
        .collect()
}

fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let fits = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if name.is_empty() || name.starts_with(|char: char| char.is_ascii_digit()) || !name.chars().all(fits) {
        return None;
    }
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let begins = value.starts_with(['"', '\'']);
    match quoted('"').or_else(|| quoted('\'')) {
        Some(inner) => Some((name.into(), inner.into())),
        None if begins => None,
        None => Some((name.into(), value.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_name_and_a_value_and_nothing_is_put_in_its_place() {
        let text =
            "# Of the shop\n\nexport A=1\nB = 'two words'\r\nC=\"x # y\"\nD=pa$word${MYSAFE_ACCESS_KEY}\\n\nE=\n";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            pair("A", "1"),
            pair("B", "two words"),
            pair("C", "x # y"),
            pair("D", "pa$word${MYSAFE_ACCESS_KEY}\\n"),
            pair("E", ""),
        ];
        assert_eq!(parse("file", text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_variable_is_named_by_its_line_and_not_told() {
        for bad in ["secret", "=secret", "A B=secret", "1=secret", "A='secret", "A=\"secret"] {
            let told = parse(".env", &format!("\n{bad}\n")).unwrap_err().to_string();
            assert!(told.starts_with(".env, line 2") && !told.contains("secret"), "{told}");
        }
    }
}

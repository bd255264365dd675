//! Rows of numbers in a text, read at once where nothing is unusual about any of them.
//!
//! A text that is not regular gives `None`: the caller then reads it slowly and names the fault.

/// What stands between the numbers of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// Spaces or tabs, any number of them.
    Blanks,
    /// One comma, blanks beside it allowed.
    Comma,
    /// One semicolon, blanks beside it allowed.
    Semicolon,
}

/// A table read from a text.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberRows {
    /// Values row by row.
    pub values: Vec<f64>,
    /// Numbers a row.
    pub width: usize,
    /// Whether a tab stands inside every row.
    pub tabs_in_every_row: bool,
}

const LARGEST_EXACT: u64 = 1 << 53;
/// Figures that fit in 64 bits; as many decimals have an exact power of ten.
const MAX_FIGURES: usize = 19;
const POWERS_OF_TEN: [f64; MAX_FIGURES + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19];

/// All rows of `text`, or `None` if any row is unusual: another width, another character, an empty field, a number
/// that is not finite. Lines end with LF, CR or both; blank lines do not count. The values are the nearest `f64`.
pub fn number_rows(text: &str, separator: Separator, decimal_comma: bool) -> Option<NumberRows> {
    let point = if decimal_comma { b',' } else { b'.' };
    // a row of two short numbers takes about sixteen bytes
    let mut rows = NumberRows { values: Vec::with_capacity(text.len() / 8), width: 0, tabs_in_every_row: true };
    for line in text.as_bytes().split(|&byte| byte == b'\n' || byte == b'\r') {
        let line = trimmed(line);
        if line.is_empty() {
            continue;
        }
        let before = rows.values.len();
        match separator {
            Separator::Blanks => push_blank_separated(line, point, &mut rows)?,
            Separator::Comma => push_fields(line, b',', point, &mut rows)?,
            Separator::Semicolon => push_fields(line, b';', point, &mut rows)?,
        }
        let width = rows.values.len() - before;
        if rows.width == 0 {
            rows.width = width;
        }
        if width != rows.width {
            return None;
        }
    }
    (rows.width > 0).then_some(rows)
}

fn push_blank_separated(line: &[u8], point: u8, rows: &mut NumberRows) -> Option<()> {
    let mut tab_in_row = false;
    let mut at = 0;
    while at < line.len() {
        let end = line[at..].iter().position(|&byte| is_blank(byte)).map_or(line.len(), |length| at + length);
        rows.values.push(number(&line[at..end], point)?);
        let next = line[end..].iter().position(|&byte| !is_blank(byte)).map_or(line.len(), |length| end + length);
        let gap = &line[end..next];
        if let Some(tab) = gap.iter().position(|&byte| byte == b'\t') {
            if gap[tab + 1..].contains(&b'\t') {
                return None; // perhaps an empty field
            }
            tab_in_row = true;
        }
        at = next;
    }
    rows.tabs_in_every_row &= tab_in_row;
    Some(())
}

fn push_fields(line: &[u8], separator: u8, point: u8, rows: &mut NumberRows) -> Option<()> {
    rows.tabs_in_every_row = false;
    for field in line.split(|&byte| byte == separator) {
        if field.iter().filter(|&&byte| byte == b'\t').nth(1).is_some() {
            return None; // perhaps an empty field
        }
        rows.values.push(number(trimmed(field), point)?);
    }
    Some(())
}

/// The nearest `f64` of a decimal number. A whole number up to 2^53 over a power of ten that is exact itself is rounded
/// correctly by one division (Clinger 1990); anything longer goes to the standard library.
fn number(field: &[u8], point: u8) -> Option<f64> {
    let digits = match field.first()? {
        b'-' | b'+' => &field[1..],
        _ => field,
    };
    let (mut mantissa, mut figures, mut decimals, mut seen_point) = (0_u64, 0_usize, 0_usize, false);
    for &byte in digits {
        if byte.is_ascii_digit() && figures < MAX_FIGURES {
            mantissa = 10 * mantissa + u64::from(byte - b'0');
            figures += 1;
            decimals += usize::from(seen_point);
        } else if byte == point && !seen_point {
            seen_point = true;
        } else {
            return long_number(field, point);
        }
    }
    if figures == 0 || mantissa > LARGEST_EXACT {
        return long_number(field, point);
    }
    let value = mantissa as f64 / POWERS_OF_TEN[decimals];
    Some(if field[0] == b'-' { -value } else { value })
}

/// Numbers with an exponent or many figures; `None` for anything else and for infinity.
fn long_number(field: &[u8], point: u8) -> Option<f64> {
    let plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'e' | b'E') || *byte == point;
    if !field.iter().all(plain) {
        return None;
    }
    let text = str::from_utf8(field).ok()?;
    let value = if point == b'.' { text.parse::<f64>() } else { text.replace(',', ".").parse::<f64>() };
    value.ok().filter(|value| value.is_finite())
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&byte| !is_blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|&byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blanks(text: &str) -> Option<NumberRows> {
        number_rows(text, Separator::Blanks, false)
    }

    #[test]
    fn rows_of_every_layout() {
        let expected = vec![10.0, 1.0, 10.5, 2.0];
        for (text, separator, decimal_comma) in [
            ("10 1\n10.5 2\n", Separator::Blanks, false),
            ("\r\n  10\t1 \r\r\n10.5\t2\r", Separator::Blanks, false),
            ("10, 1\n10.5,2", Separator::Comma, false),
            ("10 ; 1\n10.5;2\n", Separator::Semicolon, false),
            ("10;1\n10,5;2\n", Separator::Semicolon, true),
        ] {
            let rows = number_rows(text, separator, decimal_comma);
            assert_eq!(rows.as_ref().map(|rows| &rows.values), Some(&expected), "{text:?}");
            assert_eq!(rows.map(|rows| rows.width), Some(2));
        }
    }

    #[test]
    fn tabs_are_told() {
        assert_eq!(blanks("1\t2\n3 \t4\n").map(|rows| rows.tabs_in_every_row), Some(true));
        assert_eq!(blanks("1\t2\n3 4\n").map(|rows| rows.tabs_in_every_row), Some(false));
    }

    #[test]
    fn what_is_unusual_is_left_to_the_slow_reader() {
        for text in
            ["", "\n", "1 2\n3\n", "1 x\n", "1 nan\n", "1 1e999\n", "1 .\n", "1 +\n", "1 1e\n", "1\t\t2\n", "1 2 #\n"]
        {
            assert_eq!(blanks(text), None, "{text:?}");
        }
        assert_eq!(number_rows("10,00 2,0\n", Separator::Comma, false), None);
        assert_eq!(number_rows("1;;2\n", Separator::Semicolon, false), None);
        assert_eq!(number_rows("1.5;2\n", Separator::Semicolon, true), None);
    }

    #[test]
    fn the_sign_of_zero_is_kept() {
        assert_eq!(blanks("-0.0 0\n").map(|rows| rows.values[0].is_sign_negative()), Some(true));
    }

    proptest! {
        /// Referent: the standard library's correctly rounded parser.
        #[test]
        fn every_number_is_the_nearest_float(whole in "[+-]?[0-9]{1,22}", decimals in "(\\.[0-9]{0,24})?", exponent in "([eE][+-]?[0-9]{1,3})?") {
            let text = format!("{whole}{decimals}{exponent}");
            let expected = text.parse::<f64>().ok().filter(|value| value.is_finite());
            let found = number(text.as_bytes(), b'.');
            prop_assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
        }
    }
}

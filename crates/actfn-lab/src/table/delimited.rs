//! Values separated by commas, semicolons, tabs or bars, with a line of column names.

use super::cell::{self, Decimals};
use super::{Cells, Column, Format, Kind, Options, Places, Table, bad_file, check_width, is_usable};
use crate::Error;
use crate::error::{argument, quoted};

/// Reads the bytes of a file, as far as they could be read.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    options: &Options<'_>,
    kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
) -> Result<Table, Error> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(bad_file(name, "is UTF-16 text: save it as UTF-8 CSV"));
    }
    let file = File::new(name, bytes, options);
    let first = file.first()?;
    check_width(name, first.len())?;
    let header: Vec<String> = (0..first.len()).map(|column| file.column_name(&first, column)).collect();
    let seen = file.look(&first)?;
    let rows = seen.first().map_or(0, |seen| seen.rows);
    let prevailing = prevailing(&seen, file.delimiter);
    if file.header && rows > 0 {
        check_header(name, &first, &seen)?;
    }
    let kinds = kinds(&header)?;
    if rows == 0 {
        return Err(Error::NoRows { file: name.to_string() });
    }

    let mut columns = Vec::new();
    for (column, (kind, seen)) in kinds.iter().zip(&seen).enumerate() {
        let decimals = seen.decimals(prevailing);
        let reading = match kind {
            Kind::Skipped => continue,
            Kind::Text => Reading::Verbatim,
            Kind::Numbers => Reading::Numbers(decimals),
            Kind::Detect | Kind::Target if seen.is_numeric() => Reading::Numbers(decimals),
            Kind::Detect | Kind::Target => Reading::Words,
        };
        let is_numeric = matches!(reading, Reading::Numbers(_));
        if let (Reading::Words, Some(date)) = (reading, seen.date()) {
            let problem = format!(
                "holds dates, such as {}, which are neither numbers nor categories: put numbers in their place, such as \
                 days since the first date, the month or the weekday, or leave the column out (--drop '{}')",
                quoted(date),
                header[column]
            );
            return Err(Error::Column { file: name.to_string(), column: header[column].clone(), problem });
        }
        if is_numeric && seen.mixed_units {
            let problem = "has a unit such as % or $ in some cells, and another or none in others: use one unit".into();
            return Err(Error::Column { file: name.to_string(), column: header[column].clone(), problem });
        }
        columns.push(Wanted { column, reading, kind: *kind });
    }
    let (cells, lines) = file.cells(&header, &columns, &seen)?;
    let any = |f: &dyn Fn(&Seen, Decimals) -> bool| {
        columns
            .iter()
            .any(|wanted| matches!(wanted.reading, Reading::Numbers(decimals) if f(&seen[wanted.column], decimals)))
    };
    let commas = if any(&|seen, decimals| decimals == Decimals::Comma && (seen.only_comma > 0 || seen.either_has_comma))
    {
        Some("decimal commas")
    } else if any(&|seen, decimals| decimals == Decimals::Point && seen.has_thousands) {
        Some("commas between thousands")
    } else {
        None
    };
    let columns = columns
        .iter()
        .zip(cells)
        .map(|(wanted, cells)| Column { name: header[wanted.column].clone(), cells })
        .collect();
    let format = Format::Delimited { delimiter: char::from(file.delimiter), commas, header: file.header };
    Ok(Table { name: name.to_string(), columns, places: Places::Lines(lines), format })
}

/// A column to read, and how.
struct Wanted {
    column: usize,
    kind: Kind,
    reading: Reading,
}

#[derive(Clone, Copy)]
enum Reading {
    Numbers(Decimals),
    /// Text in which words such as NA mean that there is nothing.
    Words,
    /// Text in which only empty cells do.
    Verbatim,
}

struct File<'a> {
    name: &'a str,
    bytes: &'a [u8],
    delimiter: u8,
    header: bool,
    missing: &'a [String],
    /// Lines before the bytes.
    skipped: u64,
}

impl<'a> File<'a> {
    fn new(name: &'a str, bytes: &'a [u8], options: &Options<'a>) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let (bytes, said, skipped) = match separator_line(bytes) {
            Some((delimiter, rest)) => (rest, Some(delimiter), 1),
            None => (bytes, None, 0),
        };
        let delimiter = options.delimiter.or(said).unwrap_or_else(|| find_delimiter(bytes));
        Self { name, bytes, delimiter, header: options.header, missing: options.missing, skipped }
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        csv::ReaderBuilder::new().delimiter(self.delimiter).has_headers(self.header).from_reader(self.bytes)
    }

    fn bad_record(&self, line: u64, error: csv::Error) -> Error {
        let line = error.position().map_or(line, csv::Position::line) + self.skipped;
        let file = self.name.to_string();
        match error.into_kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let delimiter = char::from(self.delimiter);
                Error::Ragged { file, line, fields: len, columns: expected_len, delimiter }
            }
            csv::ErrorKind::Utf8 { err, .. } => Error::NotText { file, line, field: err.field() + 1 },
            csv::ErrorKind::Io(source) => Error::BreaksOff { file, line, source },
            kind => Error::BreaksOff { file, line, source: std::io::Error::other(format!("{kind:?}")) },
        }
    }

    /// The fields of the first line.
    fn first(&self) -> Result<Vec<String>, Error> {
        let mut reader = self.reader();
        let first = reader.headers().map_err(|error| self.bad_record(1, error))?;
        if first.is_empty() {
            return Err(Error::Empty { file: self.name.to_string() });
        }
        Ok(first.iter().map(|text| text.trim().to_string()).collect())
    }

    /// The name of a column: of one without, its number.
    fn column_name(&self, first: &[String], column: usize) -> String {
        // A line break or an escape sequence in a name would spoil every message.
        let name: String =
            first[column].split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if self.header && !name.is_empty() { name } else { format!("column_{}", column + 1) }
    }

    /// Every record, with its line in the file.
    fn each(&self, mut f: impl FnMut(u64, &csv::StringRecord) -> Result<(), Error>) -> Result<(), Error> {
        let mut reader = self.reader();
        if self.header {
            // Else errors in the first row would be those of line 1.
            reader.headers().map_err(|error| self.bad_record(1, error))?;
        }
        let mut record = csv::StringRecord::new();
        loop {
            let line = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(self.bad_record(line, error)),
            }
            f(record.position().map_or(line, csv::Position::line) + self.skipped, &record)?;
        }
    }

    fn is_missing(&self, text: &str) -> bool {
        self.missing.iter().any(|word| word == text)
    }

    /// What stands in each column, from the first row to the last.
    fn look(&self, first: &[String]) -> Result<Vec<Seen>, Error> {
        let mut seen = vec![Seen::default(); first.len()];
        self.each(|_, record| {
            for ((text, seen), first) in record.iter().zip(&mut seen).zip(first) {
                let text = text.trim();
                if self.is_missing(text) {
                    seen.rows += 1;
                    seen.missing += 1;
                } else {
                    seen.see(text);
                    seen.repeats_first |= text == first;
                }
            }
            Ok(())
        })?;
        Ok(seen)
    }

    fn cells(&self, header: &[String], columns: &[Wanted], seen: &[Seen]) -> Result<(Vec<Cells>, Vec<u64>), Error> {
        let empty = |wanted: &Wanted| match wanted.reading {
            Reading::Numbers(_) if wanted.kind != Kind::Target => Cells::Numbers(Vec::new()),
            _ => Cells::Text(Vec::new()),
        };
        let mut cells: Vec<Cells> = columns.iter().map(empty).collect();
        let mut lines = Vec::new();
        self.each(|line, record| {
            for (wanted, cells) in columns.iter().zip(&mut cells) {
                let text = record.get(wanted.column).unwrap_or("").trim();
                let seen = &seen[wanted.column];
                let missing = self.is_missing(text)
                    || match wanted.reading {
                        Reading::Verbatim => text.is_empty(),
                        Reading::Numbers(_) => cell::says_missing(text) || cell::may_say_missing(text),
                        Reading::Words => cell::says_missing(text),
                    };
                let number = match wanted.reading {
                    _ if missing => None,
                    Reading::Numbers(decimals) => cell::number(text, decimals),
                    _ => None,
                };
                match (cells, wanted.reading, number) {
                    (Cells::Numbers(numbers), _, _) if missing => numbers.push(f64::NAN),
                    (Cells::Text(texts), _, _) if missing => texts.push(String::new()),
                    (Cells::Numbers(numbers), _, Some(number)) if is_usable(number.value) => numbers.push(number.value),
                    (_, Reading::Numbers(_), Some(number)) if !is_usable(number.value) => {
                        let mut problem = format!("{} is not a finite 32-bit number: correct it", quoted(text));
                        if wanted.kind != Kind::Numbers {
                            problem += &format!(", or say that it means a missing value (--na {})", argument(text));
                        }
                        return Err(self.bad_cell(line, &header[wanted.column], problem));
                    }
                    (Cells::Numbers(_), Reading::Numbers(decimals), None) => {
                        return Err(self.exceptions(header, wanted, decimals, seen));
                    }
                    // A class keeps the text that it has, unless it could not be read as a number again.
                    (Cells::Text(texts), _, Some(number)) if text.parse::<f64>().is_err() => {
                        texts.push(number.value.to_string());
                    }
                    (Cells::Text(texts), ..) => texts.push(text.to_string()),
                    (Cells::Numbers(_), ..) => unreachable!("cells of numbers are read as numbers"),
                }
            }
            lines.push(line);
            Ok(())
        })?;
        Ok((cells, lines))
    }

    fn bad_cell(&self, line: u64, column: &str, problem: String) -> Error {
        Error::Value { file: self.name.to_string(), line, column: column.to_string(), problem }
    }

    /// The cells that are no numbers in a column of numbers.
    fn exceptions(&self, header: &[String], wanted: &Wanted, decimals: Decimals, seen: &Seen) -> Error {
        const SHOWN: usize = 3;
        let mut exceptions = Vec::new();
        let found = self.each(|line, record| {
            let text = record.get(wanted.column).unwrap_or("").trim();
            let missing = self.is_missing(text) || cell::says_missing(text) || cell::may_say_missing(text);
            if !missing && cell::number(text, decimals).is_none() {
                exceptions.push((line, text.to_string()));
            }
            Ok(())
        });
        let name = &header[wanted.column];
        let [(first_line, first), others @ ..] = &exceptions[..] else { return bad_file(self.name, "cannot be read") };
        debug_assert!(found.is_ok(), "it was read before");
        let mut problem = format!("{} is not a number", quoted(first));
        for (line, text) in others.iter().take(SHOWN - 1) {
            problem += &format!(", nor {} on line {line}", quoted(text));
        }
        if exceptions.len() > SHOWN {
            problem += &format!(" and {} more", exceptions.len() - SHOWN);
        }
        problem += &match wanted.kind {
            Kind::Numbers => ", and the model learnt numbers from this column: correct it".to_string(),
            _ => format!(
                ", but {} of the column's {} cells are: correct it, or say that it means a missing value (--na {}), or that \
                 the column is text (--text '{name}')",
                seen.numbers(decimals),
                seen.rows,
                argument(first),
            ),
        };
        self.bad_cell(*first_line, name, problem)
    }
}

/// What was seen of a column.
#[derive(Clone, Default)]
struct Seen {
    rows: usize,
    /// Cells that say so in any column.
    missing: usize,
    /// Cells that say so among numbers.
    perhaps_missing: usize,
    /// Numbers with the same value whatever separates the decimals.
    plain: usize,
    /// Numbers with different values: 1.234.
    either: usize,
    only_point: usize,
    only_comma: usize,
    /// Whether there is a number such as 1,234, whose comma separates thousands or decimals.
    either_has_comma: bool,
    /// Whether there is a number with a comma, if points separate decimals.
    has_thousands: bool,
    unit: Option<Option<char>>,
    mixed_units: bool,
    dates: usize,
    first_date: Option<String>,
    /// Whether the text of the first line stands in another line, too.
    repeats_first: bool,
}

impl Seen {
    fn see(&mut self, text: &str) {
        self.rows += 1;
        if cell::says_missing(text) {
            self.missing += 1;
            return;
        }
        if cell::may_say_missing(text) {
            self.perhaps_missing += 1;
            return;
        }
        let (point, comma) = (cell::number(text, Decimals::Point), cell::number(text, Decimals::Comma));
        match (point, comma) {
            (None, None) => {
                if cell::is_date(text) {
                    self.dates += 1;
                    self.first_date.get_or_insert_with(|| text.to_string());
                }
                return;
            }
            (Some(point), Some(comma)) if point.value == comma.value => self.plain += 1,
            (Some(_), Some(_)) => {
                self.either += 1;
                self.either_has_comma |= text.contains(',');
            }
            (Some(_), None) => self.only_point += 1,
            (None, Some(_)) => self.only_comma += 1,
        }
        self.has_thousands |= point.is_some() && text.contains(',');
        let unit = point.or(comma).and_then(|number| number.unit);
        self.mixed_units |= *self.unit.get_or_insert(unit) != unit;
    }

    fn numbers(&self, decimals: Decimals) -> usize {
        let only = match decimals {
            Decimals::Point => self.only_point,
            Decimals::Comma => self.only_comma,
        };
        self.plain + self.either + only
    }

    fn missing(&self, among_numbers: bool) -> usize {
        self.missing + if among_numbers { self.perhaps_missing } else { 0 }
    }

    /// Most cells that say anything are numbers; if they are all missing, so is nothing but numbers.
    fn is_numeric(&self) -> bool {
        // Numbers with another decimal separator are numbers too, though the file has to be corrected.
        let numbers = self.plain + self.either + self.only_point + self.only_comma;
        let others = self.rows - self.missing(true) - numbers;
        if others == 0 { numbers > 0 || self.perhaps_missing == 0 } else { numbers > others }
    }

    /// How this column separates decimals, by what most of its cells say; where they leave it open, as most columns do.
    fn decimals(&self, prevailing: Decimals) -> Decimals {
        match self.only_comma.cmp(&self.only_point) {
            std::cmp::Ordering::Greater => Decimals::Comma,
            std::cmp::Ordering::Less => Decimals::Point,
            std::cmp::Ordering::Equal => prevailing,
        }
    }

    /// The first date, if the column holds dates rather than words.
    fn date(&self) -> Option<&String> {
        self.first_date.as_ref().filter(|_| 2 * self.dates > self.rows - self.missing(true))
    }
}

/// How the columns that leave no doubt separate decimals. If there are none, commas do so beside semicolons: whoever separates
/// fields so has commas in numbers.
fn prevailing(seen: &[Seen], delimiter: u8) -> Decimals {
    match (seen.iter().any(|s| s.only_point > 0), seen.iter().any(|s| s.only_comma > 0)) {
        (false, true) => Decimals::Comma,
        (false, false) if delimiter == b';' && seen.iter().any(|s| s.either_has_comma) => Decimals::Comma,
        _ => Decimals::Point,
    }
}

/// An error if the first line looks like a row: it has numbers where the column has numbers, and texts that the column has.
fn check_header(name: &str, first: &[String], seen: &[Seen]) -> Result<(), Error> {
    let number = |text: &str| {
        cell::number(text, Decimals::Point).or(cell::number(text, Decimals::Comma)).map(|number| number.value)
    };
    let numbers: Vec<Option<f64>> = first.iter().map(|text| number(text)).collect();
    let is_numeric = |seen: &Seen| seen.is_numeric() && seen.missing(true) < seen.rows;
    let like_a_row = first.iter().zip(seen).zip(&numbers).all(|((_, seen), number)| match number {
        Some(_) => is_numeric(seen),
        None => !is_numeric(seen),
    });
    let texts_recur =
        first.iter().zip(seen).zip(&numbers).all(|((_, seen), number)| number.is_some() || seen.repeats_first);
    let has_decimals = numbers.iter().flatten().any(|number| number.fract() != 0.0);
    // Columns may be called 0, 1, 2 … or 2019, 2020 …
    let found: Vec<f64> = numbers.iter().flatten().copied().collect();
    let counts = found.len() > 1
        && found.windows(2).all(|pair| pair[1] == pair[0] + 1.0)
        && (found[0] == 0.0 || found[0] == 1.0 || (1900.0..2100.0).contains(&found[0]));
    if like_a_row && (texts_recur || has_decimals) && !counts {
        let shown: Vec<String> = first.iter().take(3).map(|text| quoted(text)).collect();
        let problem = format!(
            "begins with what looks like a row ({}{}), where the names of the columns should be: add a line of names, or \
             say that there is none (--no-header)",
            shown.join(", "),
            if first.len() > shown.len() { ", …" } else { "" },
        );
        return Err(bad_file(name, problem));
    }
    Ok(())
}

/// Excel's first line `sep=;`.
fn separator_line(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, rest @ ..] = bytes else { return None };
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    Some((*delimiter, rest.strip_prefix(b"\n")?))
}

/// The separator: with it the first lines have the same number of fields, more than with others, or more numbers among them.
fn find_delimiter(bytes: &[u8]) -> u8 {
    const LINES: usize = 20;
    let score = |delimiter: u8| {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes);
        let records: Vec<csv::ByteRecord> = reader.byte_records().take(LINES).map_while(Result::ok).collect();
        let fields = records.first().map_or(0, csv::ByteRecord::len);
        let is_number = |field: &[u8]| {
            std::str::from_utf8(field).is_ok_and(|text| {
                let text = text.trim();
                cell::number(text, Decimals::Point).or(cell::number(text, Decimals::Comma)).is_some()
            })
        };
        let numbers = records.iter().flatten().filter(|field| is_number(field)).count();
        let is_even = fields > 1 && records.iter().all(|record| record.len() == fields);
        (is_even, fields, numbers)
    };
    // The last of equals is the greatest.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}

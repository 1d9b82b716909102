//! Comma-separated values with a header line.

use std::io::Read;

use super::{Cells, Column, Kind, Places, Table, check_width, is_usable};
use crate::Error;

pub(super) fn read(
    name: &str,
    source: impl Read,
    kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
) -> Result<Table, Error> {
    let file = || name.to_string();
    let mut reader = csv::Reader::from_reader(source);
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_string()).collect(),
        Err(error) => return Err(bad_record(file(), 1, error)),
    };
    if header.is_empty() {
        return Err(Error::Empty { file: file() });
    }
    check_width(name, header.len())?;
    let wanted = kinds(&header)?;
    let mut kinds = wanted.clone();
    let mut cells: Vec<Cells> = kinds
        .iter()
        .map(|kind| if *kind == Kind::Text { Cells::Text(Vec::new()) } else { Cells::Numbers(Vec::new()) })
        .collect();
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(bad_record(file(), line, error)),
        }
        let line = record.position().map_or(line, csv::Position::line);
        for (column, text) in record.iter().enumerate() {
            let text = text.trim();
            if kinds[column] == Kind::Skipped {
                continue;
            }
            if kinds[column] == Kind::Told && !text.is_empty() {
                kinds[column] = if text.parse::<f64>().is_ok() { Kind::Numbers } else { Kind::Text };
                if kinds[column] == Kind::Text {
                    // All cells so far were empty.
                    cells[column] = Cells::Text(vec![String::new(); lines.len()]);
                }
            }
            match &mut cells[column] {
                Cells::Text(texts) => texts.push(text.to_string()),
                Cells::Numbers(numbers) if text.is_empty() => numbers.push(f64::NAN),
                Cells::Numbers(numbers) => {
                    let told = wanted[column] == Kind::Told;
                    let problem = match text.parse::<f64>() {
                        Ok(number) if is_usable(number) => {
                            numbers.push(number);
                            continue;
                        }
                        Ok(_) => "is not a finite 32-bit number",
                        Err(_) if told => "is not a number, as the column's first cell is",
                        Err(_) => "is not a number, and the model learnt numbers from this column",
                    };
                    let remedy = if told {
                        "correct it, or empty the cell and use --missing mean or --missing drop"
                    } else {
                        "correct it"
                    };
                    let problem = format!("`{text}` {problem}: {remedy}");
                    return Err(Error::Value { file: file(), line, column: header[column].clone(), problem });
                }
            }
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(Error::NoRows { file: file() });
    }
    let columns = header.into_iter().zip(cells).zip(kinds).filter(|(_, kind)| *kind != Kind::Skipped);
    let columns = columns.map(|((name, cells), _)| Column { name, cells }).collect();
    Ok(Table { name: file(), columns, places: Places::Lines(lines) })
}

fn bad_record(file: String, line: u64, error: csv::Error) -> Error {
    let line = error.position().map_or(line, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Error::Ragged { file, line, fields: len, columns: expected_len }
        }
        csv::ErrorKind::Utf8 { err, .. } => Error::NotText { file, line, field: err.field() + 1 },
        csv::ErrorKind::Io(source) => Error::BreaksOff { file, line, source },
        kind => Error::BreaksOff { file, line, source: std::io::Error::other(format!("{kind:?}")) },
    }
}

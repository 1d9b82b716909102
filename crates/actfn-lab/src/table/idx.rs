//! IDX, the format of MNIST: two zero bytes, the type of the numbers, the number of axes, their lengths, the numbers.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{Cells, Column, Format, Kind, Places, Table, bad_file, check_width, is_usable};
use crate::Error;

/// The column that the labels file gives.
const LABEL: &str = "label";

struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

pub(super) fn read(
    name: &str,
    source: impl Read,
    labels: Option<&Path>,
    kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
) -> Result<Table, Error> {
    let array = array(name, source)?;
    let rows = array.shape[0];
    let features = array.shape[1..].iter().product::<usize>();
    if array.shape.len() < 2 {
        return Err(bad_file(
            name,
            "has one number for each row, as files of labels have: give it as --labels, and the images as --data",
        ));
    }
    check_width(name, features)?;
    if rows == 0 || features == 0 {
        return Err(bad_file(name, "has no rows"));
    }
    let mut columns: Vec<Column> = (0..features)
        .map(|feature| Column {
            name: format!("pixel_{feature}"),
            cells: Cells::Numbers(array.values[feature..].iter().step_by(features).copied().collect()),
        })
        .collect();
    if let Some(path) = labels {
        let labels_name = path.display().to_string();
        let unreadable = |source| Error::Unreadable { file: labels_name.clone(), source };
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        let is_gzip = file.fill_buf().map_err(unreadable)?.starts_with(&[0x1f, 0x8b]);
        let labels = if is_gzip {
            self::array(&labels_name, MultiGzDecoder::new(file))
        } else {
            self::array(&labels_name, file)
        }?;
        if labels.shape != [rows] {
            let shape: Vec<String> = labels.shape.iter().map(usize::to_string).collect();
            let problem = format!(
                "has the shape {}, but {name} has {rows} rows: one label for each is needed",
                shape.join(" × ")
            );
            return Err(bad_file(&labels_name, problem));
        }
        columns.push(Column { name: LABEL.to_string(), cells: Cells::Numbers(labels.values) });
    }
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut kinds = kinds(&names)?.into_iter();
    columns.retain(|_| kinds.next() != Some(Kind::Skipped));
    let format = Format::Arrays { targets: labels.is_some() };
    Ok(Table { name: name.to_string(), columns, places: Places::Rows(rows), format })
}

fn array(name: &str, mut source: impl Read) -> Result<Array, Error> {
    let mut bytes = Vec::new();
    if let Err(source) = source.read_to_end(&mut bytes) {
        return Err(Error::BreaksOffAt { file: name.to_string(), byte: bytes.len() as u64, source });
    }
    let [0, 0, kind, axes, rest @ ..] = &bytes[..] else {
        return Err(bad_file(
            name,
            "is not an IDX file: it must begin with two zero bytes, a type and a number of axes",
        ));
    };
    let size = match kind {
        0x08 | 0x09 => 1,
        0x0b => 2,
        0x0c | 0x0d => 4,
        0x0e => 8,
        _ => return Err(bad_file(name, format!("is not an IDX file: there is no type {kind:#04x} of numbers in it"))),
    };
    let axes = usize::from(*axes);
    let short = |needed: usize| {
        let there = bytes.len();
        bad_file(name, format!("is cut short: it has {there} bytes, and {needed} are needed. Copy it again"))
    };
    if axes == 0 {
        return Err(bad_file(name, "is not an IDX file of rows: it has no axes"));
    }
    let Some((lengths, data)) = rest.split_at_checked(4 * axes) else { return Err(short(4 + 4 * axes)) };
    let shape: Vec<usize> =
        lengths.chunks_exact(4).map(|l| u32::from_be_bytes([l[0], l[1], l[2], l[3]]) as usize).collect();
    let count = shape.iter().try_fold(1usize, |product, &length| product.checked_mul(length));
    let Some(total) = count.and_then(|count| count.checked_mul(size)) else {
        return Err(bad_file(name, "says that it has more numbers than any memory holds: it is damaged"));
    };
    if data.len() < total {
        return Err(short(4 + 4 * axes + total));
    }
    let number = |b: &[u8]| match kind {
        0x08 => f64::from(b[0]),
        0x09 => f64::from(b[0] as i8),
        0x0b => f64::from(i16::from_be_bytes([b[0], b[1]])),
        0x0c => f64::from(i32::from_be_bytes([b[0], b[1], b[2], b[3]])),
        0x0d => f64::from(f32::from_be_bytes([b[0], b[1], b[2], b[3]])),
        _ => f64::from_be_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]),
    };
    let values: Vec<f64> = data[..total].chunks_exact(size).map(number).collect();
    if let Some(place) = values.iter().position(|&value| !is_usable(value)) {
        let features = (total / size / shape[0].max(1)).max(1);
        let (file, row, column) = (name.to_string(), place / features + 1, format!("pixel_{}", place % features));
        return Err(Error::Entry {
            file,
            row,
            column,
            problem: format!("`{}` is not a finite 32-bit number: correct it, or leave its row out", values[place]),
        });
    }
    Ok(Array { shape, values })
}

//! NumPy's archives of arrays: one array of rows, and one of targets.

use std::io::{Cursor, Read};

use npyz::{DType, NpyFile, Order, TypeChar};

use super::{Cells, Column, Format, Kind, Places, Table, bad_file, check_width, is_usable};
use crate::Error;

pub(super) fn read(
    name: &str,
    mut source: impl Read,
    kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
) -> Result<Table, Error> {
    let mut bytes = Vec::new();
    if let Err(source) = source.read_to_end(&mut bytes) {
        return Err(Error::BreaksOffAt { file: name.to_string(), byte: bytes.len() as u64, source });
    }
    let damaged =
        |error: zip::result::ZipError| bad_file(name, format!("is not an .npz archive, or is cut short: {error}"));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let files: Vec<String> =
        archive.file_names().map(|file| file.map(String::from)).collect::<Result<_, _>>().map_err(damaged)?;
    let mut arrays: Vec<String> = files.iter().filter_map(|file| file.strip_suffix(".npy")).map(String::from).collect();
    arrays.sort();
    let listed = arrays.iter().map(|array| format!("`{array}`")).collect::<Vec<_>>().join(", ");
    // Names as in x and y, X and Y; a single array can have any name.
    let rows_array = match &arrays[..] {
        [only] => only.clone(),
        _ => match arrays.iter().find(|array| array.eq_ignore_ascii_case("x")) {
            Some(x) => x.clone(),
            None => {
                let problem = format!("has no array `x` of rows, but {listed}: save it as numpy.savez(FILE, x=x, y=y)");
                return Err(bad_file(name, problem));
            }
        },
    };
    let mut array = |array: &str| -> Result<(Vec<usize>, Vec<f64>), Error> {
        let mut file = archive.by_name(&format!("{array}.npy")).map_err(damaged)?;
        let mut bytes = Vec::new();
        if let Err(error) = file.read_to_end(&mut bytes) {
            return Err(bad_file(name, format!("array `{array}`: is damaged: {error}")));
        }
        numbers(&bytes).map_err(|problem| bad_file(name, format!("array `{array}`: {problem}")))
    };
    let (shape, values) = array(&rows_array)?;
    let (&rows, rest) = shape.split_first().unwrap_or((&0, &[]));
    let features = rest.iter().product::<usize>();
    if rows == 0 || features == 0 || rest.is_empty() {
        return Err(bad_file(
            name,
            format!("array `{rows_array}`: has the shape {shape:?}, and rows of numbers are needed"),
        ));
    }
    check_width(name, features)?;
    let others = arrays.iter().filter(|array| **array != rows_array).cloned();
    let names: Vec<String> = (0..features).map(|feature| format!("{rows_array}_{feature}")).chain(others).collect();
    let format = Format::Arrays { targets: names.len() > features };
    let kinds = kinds(&names)?;
    let mut columns = Vec::new();
    for (number, (column, kind)) in names.into_iter().zip(kinds).enumerate() {
        if kind == Kind::Skipped {
            continue;
        }
        let numbers = if number < features {
            values[number..].iter().step_by(features).copied().collect()
        } else {
            let (shape, values) = array(&column)?;
            if shape.iter().product::<usize>() != rows || shape[0] != rows {
                let problem = format!("array `{column}`: has the shape {shape:?}, but `{rows_array}` has {rows} rows");
                return Err(bad_file(name, problem));
            }
            values
        };
        if let Some(row) = numbers.iter().position(|&value: &f64| !is_usable(value)) {
            let problem = format!("`{}` is not a finite 32-bit number: correct it, or leave its row out", numbers[row]);
            return Err(Error::Entry { file: name.to_string(), row: row + 1, column, problem });
        }
        columns.push(Column { name: column, cells: Cells::Numbers(numbers) });
    }
    Ok(Table { name: name.to_string(), columns, places: Places::Rows(rows), format })
}

fn numbers(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f64>), String> {
    let file = NpyFile::new(bytes).map_err(|error| format!("is no array: {error}"))?;
    if file.order() == Order::Fortran && file.shape().len() > 1 {
        return Err("is in Fortran's order: save numpy.ascontiguousarray of it".to_string());
    }
    let shape = file.shape().iter().map(|&length| length as usize).collect();
    fn cast<T: npyz::Deserialize>(file: NpyFile<&[u8]>, to: impl Fn(T) -> f64) -> Result<Vec<f64>, String> {
        let values: Vec<T> = file.into_vec().map_err(|error| format!("is cut short or damaged: {error}"))?;
        Ok(values.into_iter().map(to).collect())
    }
    let dtype = file.dtype();
    let kind = match &dtype {
        DType::Plain(kind) => Some((kind.type_char(), kind.size_field())),
        _ => None,
    };
    let values = match kind {
        Some((TypeChar::Float, 2)) => cast(file, |x: half::f16| x.to_f64()),
        Some((TypeChar::Float, 4)) => cast(file, |x: f32| x.into()),
        Some((TypeChar::Float, 8)) => cast(file, |x: f64| x),
        Some((TypeChar::Int, 1)) => cast(file, |x: i8| x.into()),
        Some((TypeChar::Int, 2)) => cast(file, |x: i16| x.into()),
        Some((TypeChar::Int, 4)) => cast(file, |x: i32| x.into()),
        Some((TypeChar::Int, 8)) => cast(file, |x: i64| x as f64),
        Some((TypeChar::Uint, 1)) => cast(file, |x: u8| x.into()),
        Some((TypeChar::Uint, 2)) => cast(file, |x: u16| x.into()),
        Some((TypeChar::Uint, 4)) => cast(file, |x: u32| x.into()),
        Some((TypeChar::Uint, 8)) => cast(file, |x: u64| x as f64),
        Some((TypeChar::Bool, _)) => cast(file, |x: bool| f64::from(u8::from(x))),
        _ => return Err(format!("holds {}: save numbers, such as float32 or int64", dtype.descr())),
    }?;
    Ok((shape, values))
}

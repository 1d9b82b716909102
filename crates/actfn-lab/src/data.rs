//! Data sets: rows of numbers, each with a class or a number to be told from them.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::table::{Cells, Kind, MOST_FEATURES, Table};

/// Rows of numbers, each with a class or a number to be told from them.
///
/// ```
/// let digits = actfn_lab::Dataset::digits();
/// assert_eq!((digits.rows(), digits.features(), digits.classes().len()), (1797, 64, 10));
/// assert_eq!(digits.classes()[3], "3");
/// ```
#[derive(Clone, Debug)]
pub struct Dataset {
    name: String,
    columns: Vec<Column>,
    features: usize,
    values: Vec<f64>,
    target_name: String,
    target: Target,
}

/// A column of a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The values of a column of text, sorted, each of which becomes a feature that is 0 or 1; none for numbers.
    pub categories: Option<Vec<String>>,
}

impl Column {
    /// How many numbers of a row it gives.
    pub fn features(&self) -> usize {
        self.categories.as_ref().map_or(1, Vec::len)
    }
}

/// What is to be told from the rows.
#[derive(Clone, Debug)]
pub enum Target {
    /// Classes.
    Classes {
        /// Their names, sorted: by value if all are numbers, else as text.
        names: Vec<String>,
        /// The class of each row, as an index into the names.
        labels: Vec<usize>,
    },
    /// Numbers.
    Numbers(Vec<f64>),
}

/// What kind of target it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Which of some classes.
    Classification,
    /// How much.
    Regression,
}

/// What to do about empty cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// Take the mean of the column over the training rows.
    Mean,
    /// Leave the row out.
    Drop,
}

/// Where data come from, and how to read them.
///
/// ```
/// use actfn_lab::{Source, Task};
///
/// let diabetes = Source::named("diabetes").read(None)?;
/// assert_eq!((diabetes.rows(), diabetes.features(), diabetes.task()), (442, 10, Task::Regression));
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// One of [`EMBEDDED`](Source::EMBEDDED), or a file: CSV with a header line, IDX, either compressed by gzip or not, or
    /// NumPy's `.npz`.
    pub data: String,
    /// The column to be told from the others; by default the last.
    pub target: Option<String>,
    /// The labels that belong to an IDX file.
    pub labels: Option<PathBuf>,
    /// What to do about empty cells; by default they are errors.
    pub missing: Option<Missing>,
}

struct Embedded {
    name: &'static str,
    bytes: &'static [u8],
}

/// Their sources and licences stand in `data/README.md`.
const FILES: [Embedded; 5] = [
    Embedded { name: "digits", bytes: include_bytes!("../../../data/digits.csv.gz") },
    Embedded { name: "iris", bytes: include_bytes!("../../../data/iris.csv") },
    Embedded { name: "wine", bytes: include_bytes!("../../../data/wine.csv") },
    Embedded { name: "breast-cancer", bytes: include_bytes!("../../../data/breast_cancer.csv") },
    Embedded { name: "diabetes", bytes: include_bytes!("../../../data/diabetes.csv") },
];

impl Source {
    /// The data sets that are in the program.
    pub const EMBEDDED: [&str; 5] = [FILES[0].name, FILES[1].name, FILES[2].name, FILES[3].name, FILES[4].name];

    /// The data of this name, or in this file, with nothing else said.
    pub fn named(data: &str) -> Self {
        Self { data: data.to_string(), ..Self::default() }
    }

    /// Reads the data. Without a task it is told from the target: numbers are classes if they are whole and at most 20
    /// different ones; text always is.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the file, named with its line and column: see [`Error`].
    pub fn read(&self, task: Option<Task>) -> Result<Dataset, Error> {
        self.dataset(self.table(|header| self.kinds(header))?, task)
    }

    /// The same from anything that gives bytes, whatever [`data`](Self::data) says: it stands for the file in errors.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_from(&self, source: impl Read, task: Option<Task>) -> Result<Dataset, Error> {
        self.dataset(Table::read_from(&self.data, source, self.labels.as_deref(), |header| self.kinds(header))?, task)
    }

    pub(crate) fn table(&self, kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>) -> Result<Table, Error> {
        let labels = self.labels.as_deref();
        match FILES.iter().find(|file| file.name == self.data) {
            Some(file) => Table::read_from(file.name, file.bytes, labels, kinds),
            None => Table::read(Path::new(&self.data), labels, kinds),
        }
    }

    /// The target is kept as text, since classes may be both.
    fn kinds(&self, header: &[String]) -> Result<Vec<Kind>, Error> {
        let target = self.target_column(header)?;
        let mut names = std::collections::HashSet::new();
        if let Some(column) = header.iter().find(|name| !names.insert(*name)) {
            return Err(Error::Ambiguous { file: self.data.clone(), column: column.clone() });
        }
        if header.len() == 1 {
            return Err(Error::NoFeatures { file: self.data.clone(), target: header[0].clone() });
        }
        Ok((0..header.len()).map(|column| if column == target { Kind::Text } else { Kind::Told }).collect())
    }

    fn target_column(&self, header: &[String]) -> Result<usize, Error> {
        let file = || self.data.clone();
        let Some(target) = self.target.as_deref() else {
            return Ok(header.len() - 1);
        };
        let target = target.trim();
        let found = header.iter().position(|name| name == target);
        let missing = || Error::NoTarget { file: file(), target: target.to_string(), columns: header.to_vec() };
        found.ok_or_else(missing)
    }

    fn dataset(&self, mut table: Table, task: Option<Task>) -> Result<Dataset, Error> {
        let header: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        if self.target.is_none()
            && self.labels.is_none()
            && header.last().is_some_and(|name| name.starts_with("pixel_"))
        {
            let problem =
                "has no column to be told from the others: give the file of its labels with --labels".to_string();
            return Err(Error::File { file: table.name, problem });
        }
        let target = self.target_column(&header)?;
        let target = table.columns.remove(target);
        let rows = self.rows(&table, &target)?;

        let mut columns = Vec::new();
        for column in &table.columns {
            let categories = match &column.cells {
                Cells::Numbers(_) => None,
                Cells::Text(texts) => {
                    Some(sorted_classes(rows.iter().map(|&row| &texts[row]).filter(|text| !text.is_empty())))
                }
            };
            columns.push(Column { name: column.name.clone(), categories });
        }
        if columns.is_empty() {
            return Err(Error::NoFeatures { file: table.name, target: target.name });
        }
        check_categories(&table, &columns, rows.len())?;
        let values = features(&table, &columns, &rows)?;
        let features = columns.iter().map(Column::features).sum();
        let target_name = target.name.clone();
        let target = self.target(&table, &target.name, &target.cells, &rows, task)?;
        Ok(Dataset { name: table.name, columns, features, values, target_name, target })
    }

    /// The rows to keep.
    fn rows(&self, table: &Table, target: &crate::table::Column) -> Result<Vec<usize>, Error> {
        let mut rows = Vec::new();
        for row in 0..table.places.rows() {
            let mut empty =
                table.columns.iter().filter(|column| column.cells.is_missing(row)).map(|column| &column.name);
            match (empty.next(), self.missing) {
                _ if target.cells.is_missing(row) && self.missing != Some(Missing::Drop) => {
                    return Err(table.bad_cell(
                        row,
                        &target.name,
                        "is empty: fill it in, or leave such rows out by --missing drop",
                    ));
                }
                _ if target.cells.is_missing(row) => {}
                (None, _) | (_, Some(Missing::Mean)) => rows.push(row),
                (Some(_), Some(Missing::Drop)) => {}
                (Some(column), None) => {
                    let problem = "is empty: fill it in, or use --missing mean or --missing drop";
                    return Err(table.bad_cell(row, column, problem));
                }
            }
        }
        if rows.is_empty() {
            let problem = "has an empty cell in every row, so that none is left: use --missing mean".to_string();
            return Err(Error::File { file: table.name.clone(), problem });
        }
        Ok(rows)
    }

    fn target(
        &self,
        table: &Table,
        name: &str,
        cells: &Cells,
        rows: &[usize],
        task: Option<Task>,
    ) -> Result<Target, Error> {
        let texts: Vec<String> = match cells {
            Cells::Text(texts) => rows.iter().map(|&row| texts[row].clone()).collect(),
            Cells::Numbers(numbers) => rows.iter().map(|&row| numbers[row].to_string()).collect(),
        };
        let names = sorted_classes(texts.iter());
        let numbers: Vec<Option<f64>> =
            texts.iter().map(|text| text.parse().ok().filter(|number| (*number as f32).is_finite())).collect();
        const MOST_CLASSES: usize = 20;
        let told = || {
            let whole = numbers.iter().all(|number| number.is_some_and(|number: f64| number.fract() == 0.0));
            let is_number = numbers.iter().all(Option::is_some);
            if is_number && !(whole && names.len() <= MOST_CLASSES) { Task::Regression } else { Task::Classification }
        };
        match task.unwrap_or_else(told) {
            Task::Classification => {
                let index: HashMap<&str, usize> =
                    names.iter().enumerate().map(|(index, class)| (class.as_str(), index)).collect();
                let labels = texts.iter().map(|text| index[text.as_str()]).collect();
                Ok(Target::Classes { names, labels })
            }
            Task::Regression => {
                let numbers: Result<Vec<f64>, Error> = numbers
                    .into_iter()
                    .enumerate()
                    .map(|(place, number)| {
                        number.ok_or_else(|| {
                            let text = &texts[place];
                            let problem = format!(
                                "`{text}` is not a finite number, which regression needs: use --task classification"
                            );
                            table.bad_cell(rows[place], name, problem)
                        })
                    })
                    .collect();
                Ok(Target::Numbers(numbers?))
            }
        }
    }
}

/// Names of persons or dates would give each row a feature of its own.
fn check_categories(table: &Table, columns: &[Column], rows: usize) -> Result<(), Error> {
    const MOST: usize = 256;
    for column in columns {
        if let Some(categories) = &column.categories
            && (categories.len() > MOST || categories.len() > 2 && categories.len() == rows)
        {
            let count = categories.len();
            let (numbers, texts): (Vec<&String>, Vec<&String>) =
                categories.iter().partition(|text| text.parse::<f64>().is_ok());
            let remedy = match texts.first() {
                Some(text) if numbers.len() > texts.len() => format!(
                    "if it should hold numbers, correct cells such as `{text}`, or empty them and use --missing mean or --missing \
                     drop"
                ),
                _ => "leave the column out of the file".to_string(),
            };
            let problem = format!(
                "holds {count} different texts in {rows} rows, each of which would become a feature; {MOST} are the most, and \
                 some must recur: {remedy}"
            );
            return Err(Error::Column { file: table.name.clone(), column: column.name.clone(), problem });
        }
    }
    let features: usize = columns.iter().map(Column::features).sum();
    if features > MOST_FEATURES {
        let problem = format!("its columns give {features} features, and {MOST_FEATURES} are the most: leave some out");
        return Err(Error::File { file: table.name.clone(), problem });
    }
    Ok(())
}

/// The rows as numbers, one after another: NaN stands for what is missing.
pub(crate) fn features(table: &Table, columns: &[Column], rows: &[usize]) -> Result<Vec<f64>, Error> {
    let mut values = Vec::with_capacity(rows.len() * columns.iter().map(Column::features).sum::<usize>());
    for &row in rows {
        for (column, wanted) in table.columns.iter().zip(columns) {
            match (&column.cells, &wanted.categories) {
                (Cells::Numbers(numbers), _) => values.push(numbers[row]),
                (Cells::Text(texts), Some(categories)) if texts[row].is_empty() => {
                    values.extend(std::iter::repeat_n(f64::NAN, categories.len()));
                }
                (Cells::Text(texts), Some(categories)) => {
                    let Some(found) = categories.iter().position(|category| *category == texts[row]) else {
                        let text = &texts[row];
                        let problem = format!("`{text}` is none of the texts learnt: {}", categories.join(", "));
                        return Err(table.bad_cell(row, &column.name, problem));
                    };
                    values.extend((0..categories.len()).map(|category| f64::from(u8::from(category == found))));
                }
                (Cells::Text(texts), None) => {
                    return Err(table.bad_cell(row, &column.name, format!("`{}` is not a number", texts[row])));
                }
            }
        }
    }
    Ok(values)
}

impl Dataset {
    /// Handwritten digits, 8 × 8 pixels each: 1797 rows of 64 numbers from 0 to 16, in 10 classes.
    ///
    /// Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits" (test part), UCI Machine Learning Repository,
    /// CC BY 4.0. Compiled into the program.
    pub fn digits() -> Self {
        Source::named("digits").read(Some(Task::Classification)).expect("the embedded file is well-formed")
    }

    /// Reads a file of rows and classes: [`Source`] tells which, and how to read numbers instead of classes.
    ///
    /// `target` names the column that holds the class, as text or as a number; without it, that is the last column.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the file, named with its line and column: see [`Error`].
    pub fn from_path(path: impl AsRef<Path>, target: Option<&str>) -> Result<Self, Error> {
        let data = path.as_ref().display().to_string();
        Source { data, target: target.map(String::from), ..Source::default() }.read(Some(Task::Classification))
    }

    /// Reads the same from anything that gives bytes. `name` stands for the file in errors.
    ///
    /// ```
    /// use actfn_lab::Dataset;
    ///
    /// let text = "height,width,kind\n1,2,cat\n3,4,dog\n5,oops,dog\n";
    /// let error = Dataset::from_reader("pets.csv", text.as_bytes(), Some("kind")).unwrap_err();
    /// assert_eq!(error.to_string(), "pets.csv, line 4, column `width`: `oops` is not a number, as the column's first cell is: \
    /// correct it, or empty the cell and use --missing mean or --missing drop");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_path`](Self::from_path).
    pub fn from_reader(name: &str, source: impl Read, target: Option<&str>) -> Result<Self, Error> {
        Source { data: name.to_string(), target: target.map(String::from), ..Source::default() }
            .read_from(source, Some(Task::Classification))
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.features
    }

    /// The number of numbers in a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// What the numbers of a row come from.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The name of the target.
    pub fn target_name(&self) -> &str {
        &self.target_name
    }

    /// What is to be told from the rows.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What kind of target it is.
    pub fn task(&self) -> Task {
        match self.target {
            Target::Classes { .. } => Task::Classification,
            Target::Numbers(_) => Task::Regression,
        }
    }

    /// The names of the classes, sorted: by value if all are numbers, else as text. None for numbers.
    pub fn classes(&self) -> &[String] {
        match &self.target {
            Target::Classes { names, .. } => names,
            Target::Numbers(_) => &[],
        }
    }

    /// The numbers of one row; NaN where one is missing.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.features..][..self.features]
    }

    /// The class of one row, as an index into [`classes`](Self::classes).
    ///
    /// # Panics
    ///
    /// If the target is a number.
    pub fn label(&self, row: usize) -> usize {
        match &self.target {
            Target::Classes { labels, .. } => labels[row],
            Target::Numbers(_) => panic!("{}: the target is a number, not a class", self.name),
        }
    }

    /// A checksum of all rows and targets, to tell whether the data are still the same.
    pub fn checksum(&self) -> u32 {
        let mut crc = flate2::Crc::new();
        self.values.iter().for_each(|value| crc.update(&value.to_le_bytes()));
        match &self.target {
            Target::Classes { labels, names } => {
                names.iter().for_each(|name| crc.update(name.as_bytes()));
                labels.iter().for_each(|label| crc.update(&(*label as u64).to_le_bytes()));
            }
            Target::Numbers(numbers) => numbers.iter().for_each(|number| crc.update(&number.to_le_bytes())),
        }
        crc.sum()
    }
}

fn sorted_classes<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut classes: Vec<String> = texts.collect::<std::collections::BTreeSet<_>>().into_iter().cloned().collect();
    if let Ok(mut numbered) = classes
        .iter()
        .map(|text| text.parse::<f64>().map(|number| (number, text.clone())))
        .collect::<Result<Vec<_>, _>>()
    {
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        classes = numbered.into_iter().map(|(_, text)| text).collect();
    }
    classes
}

//! Data sets: rows of numbers, each with a class or a number to predict from them.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{listed, quoted, separator};
use crate::table::{Cells, Format, Kind, MOST_FEATURES, Options, Table};

/// Rows of numbers, each with a class or a number to predict from them.
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
    summary: String,
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

/// What is predicted from the rows.
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

/// What to do about missing values.
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
#[serde(default)]
pub struct Source {
    /// One of [`EMBEDDED`](Source::EMBEDDED), or a file: rows of text with a line of column names (CSV, TSV), IDX, either
    /// compressed by gzip or not, or NumPy's `.npz`.
    pub data: String,
    /// The column to predict; by default the last.
    pub target: Option<String>,
    /// The labels that belong to an IDX file.
    pub labels: Option<PathBuf>,
    /// What to do about missing values; by default they are errors.
    pub missing: Option<Missing>,
    /// What separates the fields of a file of text, one ASCII character; by default what the first lines show.
    pub delimiter: Option<char>,
    /// Whether the first line is a row; columns are then called `column_1`, `column_2` …
    pub no_header: bool,
    /// Words for a missing value, beside NA, N/A, NaN, null, None, ? and (in columns of numbers) -.
    pub na: Vec<String>,
    /// Columns that are text, though they look like numbers.
    pub text: Vec<String>,
    /// Columns to leave out.
    pub drop: Vec<String>,
}

struct Embedded {
    name: &'static str,
    bytes: &'static [u8],
}

/// Their sources and licences are in `data/README.md`.
const FILES: [Embedded; 5] = [
    Embedded { name: "digits", bytes: include_bytes!("../data/digits.csv.gz") },
    Embedded { name: "iris", bytes: include_bytes!("../data/iris.csv") },
    Embedded { name: "wine", bytes: include_bytes!("../data/wine.csv") },
    Embedded { name: "breast-cancer", bytes: include_bytes!("../data/breast_cancer.csv") },
    Embedded { name: "diabetes", bytes: include_bytes!("../data/diabetes.csv") },
];

impl Source {
    /// The bundled data sets.
    pub const EMBEDDED: [&str; 5] = [FILES[0].name, FILES[1].name, FILES[2].name, FILES[3].name, FILES[4].name];

    /// The data of this name, or in this file, with nothing else said.
    pub fn named(data: &str) -> Self {
        Self { data: data.to_string(), ..Self::default() }
    }

    /// Reads the data. Without a task the target decides: text is classes, and so are whole numbers if they are at most 20
    /// different ones, look like codes and are not called like a quantity (age, year, price).
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
        self.dataset(Table::read_from(&self.data, source, &self.options()?, |header| self.kinds(header))?, task)
    }

    pub(crate) fn table(&self, kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>) -> Result<Table, Error> {
        let embedded = self.data.replace('_', "-");
        match FILES.iter().find(|file| file.name == embedded) {
            Some(file) => Table::read_from(file.name, file.bytes, &self.options()?, kinds),
            None => match Table::read(Path::new(&self.data), &self.options()?, kinds) {
                Err(Error::Unreadable { file, source })
                    if source.kind() == std::io::ErrorKind::NotFound && !self.data.contains(['.', '/', '\\']) =>
                {
                    let bundled = Self::EMBEDDED.join(", ");
                    Err(Error::File { file, problem: format!("no such file; bundled data sets are {bundled}") })
                }
                result => result,
            },
        }
    }

    fn options(&self) -> Result<Options<'_>, Error> {
        let delimiter = self.delimiter.map(|delimiter| {
            let is_usable = delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && !"\"\r\n".contains(delimiter);
            let needed = "one ASCII character is needed that is no letter, digit, quote or line break";
            let error = || Error::Setting { setting: "delimiter", value: format!("`{delimiter}`"), needed };
            if is_usable { Ok(delimiter as u8) } else { Err(error()) }
        });
        Ok(Options {
            labels: self.labels.as_deref(),
            delimiter: delimiter.transpose()?,
            header: !self.no_header,
            missing: &self.na,
        })
    }

    fn kinds(&self, header: &[String]) -> Result<Vec<Kind>, Error> {
        for (option, names) in [("--drop", &self.drop), ("--text", &self.text)] {
            if let Some(name) = names.iter().find(|name| !header.contains(name)) {
                let problem = format!("has no column `{name}` ({option}); its columns are {}", listed(header));
                return Err(Error::File { file: self.data.clone(), problem });
            }
        }
        let mut names = std::collections::HashSet::new();
        if let Some(column) = header.iter().find(|name| !names.insert(*name)) {
            return Err(Error::Ambiguous { file: self.data.clone(), column: column.clone() });
        }
        let target = self.target_column(header)?;
        let kind = |(column, name): (usize, &String)| match column {
            _ if self.drop.contains(name) => Kind::Skipped,
            _ if self.text.contains(name) => Kind::Text,
            _ if column == target => Kind::Target,
            _ => Kind::Detect,
        };
        let kinds: Vec<Kind> = header.iter().enumerate().map(kind).collect();
        if kinds[target] == Kind::Skipped {
            let problem = format!("the column `{}` is the target, and cannot be left out (--drop)", header[target]);
            return Err(Error::File { file: self.data.clone(), problem });
        }
        if kinds.iter().filter(|kind| **kind != Kind::Skipped).count() == 1 {
            return Err(Error::NoFeatures { file: self.data.clone(), target: header[target].clone() });
        }
        Ok(kinds)
    }

    fn target_column(&self, header: &[String]) -> Result<usize, Error> {
        let file = || self.data.clone();
        let Some(target) = self.target.as_deref() else {
            let last = header.iter().rposition(|name| !self.drop.contains(name));
            return Ok(last.unwrap_or(header.len() - 1));
        };
        let target = target.trim();
        let found = header.iter().position(|name| name == target);
        let missing = || Error::NoTarget { file: file(), target: target.to_string(), columns: header.to_vec() };
        found.ok_or_else(missing)
    }

    fn dataset(&self, mut table: Table, task: Option<Task>) -> Result<Dataset, Error> {
        if table.format == (Format::Arrays { targets: false }) && self.target.is_none() {
            let problem = "has no column to predict: give the file of its labels (--labels), save an .npz file with both x \
                           and y, or name the column (--target)";
            return Err(Error::File { file: table.name, problem: problem.to_string() });
        }
        let header: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let target = self.target_column(&header)?;
        let target = table.columns.remove(target);
        for column in table.columns.iter_mut().filter(|column| self.text.contains(&column.name)) {
            column.cells.make_text();
        }
        let rows = self.rows(&table, &target)?;

        let mut columns = Vec::new();
        for column in &table.columns {
            let categories = match &column.cells {
                Cells::Numbers(_) => None,
                Cells::Text(texts) => {
                    Some(sorted_classes(rows.kept.iter().map(|&row| &texts[row]).filter(|text| !text.is_empty())))
                }
            };
            columns.push(Column { name: column.name.clone(), categories });
        }
        if columns.is_empty() {
            return Err(Error::NoFeatures { file: table.name, target: target.name });
        }
        check_categories(&table, &columns, rows.kept.len())?;
        let values = features(&table, &columns, &rows.kept)?;
        let features = columns.iter().map(Column::features).sum();
        let target_name = target.name.clone();
        let (target, why) = self.target(&table, &target.name, &target.cells, &rows.kept, task)?;
        let summary = summary(&table, &columns, &target_name, &(described(&target) + &why), &rows);
        Ok(Dataset { name: table.name, columns, features, values, target_name, target, summary })
    }

    /// The rows to keep.
    fn rows(&self, table: &Table, target: &crate::table::Column) -> Result<Rows, Error> {
        let mut rows = Rows::default();
        for row in 0..table.places.rows() {
            if target.cells.is_missing(row) {
                rows.without_target += 1;
                continue;
            }
            let mut missing = table.columns.iter().filter(|column| column.cells.is_missing(row));
            match (missing.next(), self.missing) {
                (None, _) => rows.kept.push(row),
                (Some(_), Some(Missing::Mean)) => {
                    rows.kept.push(row);
                    rows.filled += 1 + missing.count();
                }
                (Some(_), Some(Missing::Drop)) => rows.incomplete += 1,
                (Some(column), None) => {
                    let problem = "the value is missing: fill it in, or take the mean or leave out such rows (--missing mean, \
                         --missing drop)";
                    return Err(table.bad_cell(row, &column.name, problem));
                }
            }
        }
        if rows.kept.is_empty() {
            let problem = if rows.incomplete > 0 {
                "has a missing value in every row, so that none is left: use --missing mean".to_string()
            } else {
                format!("has no value of the target `{}` in any row", target.name)
            };
            return Err(Error::File { file: table.name.clone(), problem });
        }
        Ok(rows)
    }

    /// What is predicted, and why it is classes or numbers, if nobody has said so.
    fn target(
        &self,
        table: &Table,
        name: &str,
        cells: &Cells,
        rows: &[usize],
        task: Option<Task>,
    ) -> Result<(Target, String), Error> {
        let texts: Vec<String> = match cells {
            Cells::Text(texts) => rows.iter().map(|&row| texts[row].clone()).collect(),
            Cells::Numbers(numbers) => rows.iter().map(|&row| numbers[row].to_string()).collect(),
        };
        let names = sorted_classes(texts.iter());
        let numbers: Vec<Option<f64>> =
            texts.iter().map(|text| text.parse().ok().filter(|number| (*number as f32).is_finite())).collect();
        let not_a_number = |place: usize, remedy: &str| {
            let problem = format!("{} is not a number, {remedy}", quoted(&texts[place]));
            table.bad_cell(rows[place], name, problem)
        };
        let (task, why) = match task {
            Some(task) => (task, String::new()),
            None => {
                let exceptions = numbers.iter().filter(|number| number.is_none()).count();
                let first = numbers.iter().position(Option::is_none);
                if let Some(first) = first.filter(|_| names.len() > MOST_CLASSES && 2 * exceptions < numbers.len()) {
                    let remedy = format!(
                        "but {} of {} values of the target are: correct it, say that it means a missing value (--na), or that \
                         all are classes (--task classification)",
                        numbers.len() - exceptions,
                        numbers.len()
                    );
                    return Err(not_a_number(first, &remedy));
                }
                let found: Option<Vec<f64>> = numbers.iter().copied().collect();
                found.map_or((Task::Classification, ", since it is text".to_string()), |n| {
                    task_of(name, &n, names.len())
                })
            }
        };
        let target = match task {
            Task::Classification => {
                let index: HashMap<&str, usize> =
                    names.iter().enumerate().map(|(index, class)| (class.as_str(), index)).collect();
                let labels = texts.iter().map(|text| index[text.as_str()]).collect();
                Target::Classes { names, labels }
            }
            Task::Regression => {
                let number = |(place, number): (usize, Option<f64>)| {
                    number.ok_or_else(|| not_a_number(place, "which regression needs: use --task classification"))
                };
                Target::Numbers(numbers.into_iter().enumerate().map(number).collect::<Result<_, Error>>()?)
            }
        };
        Ok((target, why))
    }
}

const MOST_CLASSES: usize = 20;

/// Whether numbers are classes, and why.
fn task_of(name: &str, numbers: &[f64], different: usize) -> (Task, String) {
    const QUANTITIES: [&str; 14] = [
        "age",
        "amount",
        "cost",
        "count",
        "duration",
        "height",
        "income",
        "length",
        "price",
        "salary",
        "temperature",
        "weight",
        "year",
        "years",
    ];
    let words = name.to_lowercase();
    let quantity = words.split(|c: char| !c.is_alphabetic()).find(|word| QUANTITIES.contains(word));
    let (least, most) =
        numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &x| (least.min(x), most.max(x)));
    let (task, why) = if let Some(fraction) = numbers.iter().find(|number| number.fract() != 0.0) {
        return (Task::Regression, format!(", since it holds fractions such as {fraction}"));
    } else if different > MOST_CLASSES {
        return (Task::Regression, format!(", since it holds {different} different numbers"));
    } else if let Some(quantity) = quantity {
        (Task::Regression, format!(", since {quantity} is a quantity"))
    } else if different > 10 && least > 1.0 {
        (Task::Regression, format!(", since it holds {different} different numbers from {least} to {most}"))
    } else {
        (Task::Classification, format!(", since it holds {different} different whole numbers"))
    };
    match task {
        Task::Classification if different == 2 => (task, why),
        Task::Classification => (task, why + " (--task regression changes that)"),
        Task::Regression => (task, why + " (--task classification changes that)"),
    }
}

/// Which rows are kept, and why others are not.
#[derive(Default)]
struct Rows {
    kept: Vec<usize>,
    without_target: usize,
    incomplete: usize,
    /// Missing values that take the mean.
    filled: usize,
}

fn described(target: &Target) -> String {
    match target {
        Target::Classes { names, .. } => {
            let shown: Vec<String> = names.iter().take(4).map(|name| quoted(name)).collect();
            let more = if names.len() > shown.len() { ", …" } else { "" };
            format!("{} ({}{more})", counted(names.len(), "class", "classes"), shown.join(", "))
        }
        Target::Numbers(_) => "numbers".to_string(),
    }
}

pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What was understood of the file itself.
pub(crate) fn summary_of_file(table: &Table) -> String {
    let mut text = format!("{}: {}", table.name, counted(table.places.rows(), "row", "rows"));
    if let Format::Delimited { delimiter, commas, header } = table.format {
        if delimiter != ',' {
            text += &format!(", separated by {}", separator(delimiter));
        }
        text += &commas.map_or(String::new(), |commas| format!(", with {commas}"));
        text += if header { "" } else { ", no line of names" };
    }
    text
}

/// What was understood of a file and its columns.
fn summary(table: &Table, columns: &[Column], target: &str, what: &str, rows: &Rows) -> String {
    let mut text = summary_of_file(table);
    let features = columns.iter().map(Column::features).sum();
    let words: Vec<(&str, usize)> =
        columns.iter().filter_map(|column| Some((column.name.as_str(), column.categories.as_ref()?.len()))).collect();
    text += &match (words.len(), columns.len() - words.len()) {
        (0, _) => format!("; {}", counted(features, "feature", "features")),
        (_, numbers) => {
            const SHOWN: usize = 6;
            let mut shown: Vec<String> = words
                .iter()
                .take(SHOWN)
                .map(|(name, categories)| format!("`{name}`, {}", counted(*categories, "category", "categories")))
                .collect();
            if words.len() > SHOWN {
                shown.push(format!("and {} more", words.len() - SHOWN));
            }
            let numbers = match numbers {
                0 => String::new(),
                _ => counted(numbers, "column of numbers", "columns of numbers") + " and ",
            };
            format!(
                "; {} from {numbers}{} ({})",
                counted(features, "feature", "features"),
                counted(words.len(), "column of text", "columns of text"),
                shown.join("; ")
            )
        }
    };
    text += &format!("; target `{target}`: {what}.");
    if rows.without_target > 0 {
        text += &format!(" Left out: {} without a target.", counted(rows.without_target, "row", "rows"));
    }
    if rows.incomplete > 0 {
        text += &format!(" Left out: {} with missing values.", counted(rows.incomplete, "row", "rows"));
    }
    if rows.filled > 0 {
        text += &format!(" Set to the mean: {}.", counted(rows.filled, "missing value", "missing values"));
    }
    for column in table.columns.iter().filter(|column| rows.kept.iter().all(|&row| column.cells.is_missing(row))) {
        text += &format!(" `{0}` has no value in any row: --drop {0} leaves it out.", column.name);
    }
    for column in table.columns.iter().filter(|column| column.counts_rows()) {
        text += &format!(" `{0}` only counts the rows: --drop {0} leaves it out.", column.name);
    }
    text
}

/// Names of persons or dates would give each row a feature of its own.
fn check_categories(table: &Table, columns: &[Column], rows: usize) -> Result<(), Error> {
    const MOST: usize = 256;
    for column in columns {
        if let Some(categories) = &column.categories
            && (categories.len() > MOST || categories.len() > 2 && categories.len() == rows)
        {
            let count = categories.len();
            let problem = format!(
                "holds {count} different texts in {rows} rows, each of which would become a feature; at most {MOST} can, and \
                 they must not all differ: leave the column out (--drop '{}')",
                column.name
            );
            return Err(Error::Column { file: table.name.clone(), column: column.name.clone(), problem });
        }
    }
    let features: usize = columns.iter().map(Column::features).sum();
    if features > MOST_FEATURES {
        let problem =
            format!("its columns give {features} features, and {MOST_FEATURES} are the most: leave some out (--drop)");
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
                        let (text, learnt) = (quoted(&texts[row]), listed(categories));
                        let problem = format!("{text} is not one of the categories learnt: {learnt}");
                        return Err(table.bad_cell(row, &column.name, problem));
                    };
                    values.extend((0..categories.len()).map(|category| f64::from(u8::from(category == found))));
                }
                (Cells::Text(texts), None) => {
                    return Err(table.bad_cell(row, &column.name, format!("{} is not a number", quoted(&texts[row]))));
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
    /// assert_eq!(error.to_string(), "pets.csv, line 4, column `width`: `oops` is not a number, but 2 of the column's 3 cells are: \
    /// correct it, or say that it means a missing value (--na 'oops'), or that the column is text (--text 'width')");
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

    /// What is predicted from the rows.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What was understood of the file, in a line: its rows, features, columns of text, the target, whether it is classes or
    /// numbers and why, and what was left out.
    pub fn summary(&self) -> &str {
        &self.summary
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

    /// A checksum of all rows and targets, which shows whether the data are still the same.
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

//! What can be wrong with the data or the settings of an experiment.

/// What can be wrong with the data or the settings of an experiment, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened.
    #[error("{file}: {}", read_problem(source))]
    Unreadable {
        /// The file.
        file: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Reading breaks off: a gzip file is cut short or damaged.
    #[error("{file}, line {line}: {}", read_problem(source))]
    BreaksOff {
        /// The file.
        file: String,
        /// The line, from 1, at which the readable part ends.
        line: u64,
        /// What the operating system, or the decompressor, says.
        source: std::io::Error,
    },
    /// Reading a file without lines breaks off.
    #[error("{file}, byte {byte}: {}", read_problem(source))]
    BreaksOffAt {
        /// The file.
        file: String,
        /// The bytes that could be read, decompressed.
        byte: u64,
        /// What the operating system, or the decompressor, says.
        source: std::io::Error,
    },
    /// A file of a format that cannot be read.
    #[error(
        "{file}: files ending in .{extension} cannot be read: save it as .csv or .tsv (or .csv.gz), as NumPy's .npz, or in \
         MNIST's format IDX (train-images-idx3-ubyte.gz)"
    )]
    UnknownFormat {
        /// The file.
        file: String,
        /// What its name ends with, but for .gz.
        extension: String,
    },
    /// A file that as a whole is not what is needed.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it, and the remedy.
        problem: String,
    },
    /// A column that as a whole is not what is needed.
    #[error("{file}, column `{column}`: {problem}")]
    Column {
        /// The file.
        file: String,
        /// The column's name.
        column: String,
        /// What is wrong with it, and the remedy.
        problem: String,
    },
    /// A number that cannot be used in a file without lines.
    #[error("{file}, row {row}, column `{column}`: {problem}")]
    Entry {
        /// The file.
        file: String,
        /// The row, from 1.
        row: usize,
        /// The column's name.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that cannot be written.
    #[error("{file}: cannot be written: {source}")]
    Unwritable {
        /// The file.
        file: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// There is not even a header line.
    #[error("{file} is empty: a line of column names is needed, then rows")]
    Empty {
        /// The file.
        file: String,
    },
    /// There is a header line and no more.
    #[error("{file} has a header line but no rows")]
    NoRows {
        /// The file.
        file: String,
    },
    /// There is no column but the target.
    #[error("{file} has only the column `{target}`, which is the target: columns of numbers to learn from are needed")]
    NoFeatures {
        /// The file.
        file: String,
        /// The column.
        target: String,
    },
    /// No column has the target's name.
    #[error("{file} has no column `{target}`; its columns are {}", listed(columns))]
    NoTarget {
        /// The file.
        file: String,
        /// The name that was asked for.
        target: String,
        /// The names that there are.
        columns: Vec<String>,
    },
    /// A column is missing that a model was trained on.
    #[error("{file} has no column `{column}`, which the model was trained on; its columns are {}", listed(columns))]
    NoColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The names that there are.
        columns: Vec<String>,
    },
    /// Two columns have one name.
    #[error("{file} has more than one column `{column}`: rename one")]
    Ambiguous {
        /// The file.
        file: String,
        /// The name.
        column: String,
    },
    /// A row with more or fewer fields than the first line.
    #[error(
        "{file}, line {line}: {fields} field{}, but the first line has {columns}, separated by {}: correct the line (a field \
         that holds the separator needs quotes), or name another separator (--delimiter)",
        if *fields == 1 { "" } else { "s" },
        separator(*delimiter)
    )]
    Ragged {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The fields on it.
        fields: u64,
        /// The fields of the first line.
        columns: u64,
        /// What separates fields.
        delimiter: char,
    },
    /// Bytes that are no text.
    #[error("{file}, line {line}, field {field}: not UTF-8 text; save the file as UTF-8 CSV")]
    NotText {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The field, from 1.
        field: usize,
    },
    /// A field that is no finite number, or is empty.
    #[error("{file}, line {line}, column `{column}`: {problem}")]
    Value {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// All rows are of one class.
    #[error("{file}: all rows are of the class `{class}`: two classes or more are needed")]
    OneClass {
        /// The file.
        file: String,
        /// The class.
        class: String,
    },
    /// A class with too few rows to be in all three splits.
    #[error(
        "{file}: the class `{class}` has {rows} of the {total} rows, and 3 are needed, one each to train, to validate and to \
         test: if the target is a number and not a class, use --task regression"
    )]
    SmallClass {
        /// The file.
        file: String,
        /// The class.
        class: String,
        /// Its rows.
        rows: usize,
        /// All rows.
        total: usize,
    },
    /// Numbers to predict that are all the same, or too few of them.
    #[error(
        "{file}: {rows} rows with {different} different numbers in `{target}`: at least 10 rows and 2 numbers are needed"
    )]
    FewNumbers {
        /// The file.
        file: String,
        /// Its target.
        target: String,
        /// Its rows.
        rows: usize,
        /// The different numbers in them.
        different: usize,
    },
    /// A setting outside its range.
    #[error("{setting} is {value}: {needed}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is needed.
        needed: &'static str,
    },
    /// A claim that is not among those that can be tested.
    #[error("there is no claim `{name}`: there are {}", names.join(", "))]
    Claim {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        names: Vec<&'static str>,
    },
    /// An activation that gives rows of this length from no row of up to 64 numbers a unit.
    #[error("{activation} cannot give hidden layers of {width} units")]
    Width {
        /// The activation.
        activation: String,
        /// The width.
        width: usize,
    },
}

fn read_problem(source: &std::io::Error) -> String {
    match source.kind() {
        std::io::ErrorKind::UnexpectedEof => "the compressed data ends here: the file is cut short".to_string(),
        std::io::ErrorKind::NotFound => "no such file".to_string(),
        _ => source.to_string(),
    }
}

/// The name of what separates fields.
pub(crate) fn separator(delimiter: char) -> String {
    match delimiter {
        ',' => "commas".to_string(),
        ';' => "semicolons".to_string(),
        '\t' => "tabs".to_string(),
        '|' => "bars".to_string(),
        ' ' => "spaces".to_string(),
        other => format!("`{other}`"),
    }
}

/// A text of a file, so that it can stand in a message: not too long, and without control characters, which a terminal would
/// obey.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", harmless(text))
}

/// The same as an argument of a command line.
pub(crate) fn argument(text: &str) -> String {
    format!("'{}'", harmless(text))
}

fn harmless(text: &str) -> String {
    const MOST: usize = 40;
    let mut shown: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

pub(crate) fn listed(columns: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text: Vec<String> = columns.iter().take(SHOWN).map(|name| quoted(name)).collect();
    if columns.len() > SHOWN {
        let last = columns.last().map_or("", String::as_str);
        text.push(format!("… `{last}` ({} in all)", columns.len()));
    }
    text.join(", ")
}

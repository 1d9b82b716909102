//! Results as tables: for the terminal, for documents and for programs.

use std::io::Write;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// How to print a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub enum Format {
    /// For the eye
    #[default]
    Table,
    /// JSON
    Json,
    /// Comma-separated values
    Csv,
    /// Markdown
    Markdown,
}

/// The options that choose one.
#[derive(Args, Clone, Copy)]
pub struct Choice {
    /// How to print the result [default: table]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    /// The same as --format json
    #[arg(long, conflicts_with_all = ["format", "csv"])]
    json: bool,

    /// The same as --format csv
    #[arg(long, conflicts_with = "format")]
    csv: bool,
}

impl Choice {
    /// The format, if one was chosen.
    pub fn chosen(self) -> Option<Format> {
        match self {
            Self { json: true, .. } => Some(Format::Json),
            Self { csv: true, .. } => Some(Format::Csv),
            Self { format, .. } => format,
        }
    }

    /// The format; for the eye unless one was chosen.
    pub fn format(self) -> Format {
        self.chosen().unwrap_or_default()
    }
}

/// How wide text for the eye may be: as wide as the terminal, but no wider than is read with ease.
pub fn width() -> usize {
    const MOST: usize = 100;
    const LEAST: usize = 40;
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(MOST, |(width, _)| usize::from(width.0).clamp(LEAST, MOST))
}

/// A value as JSON text.
pub fn json(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| error.to_string())
}

/// Spaces behind a column.
const PADDING: u16 = 2;

/// A header and rows of as many entries.
pub struct Columns {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Numbers are flush right, words flush left.
    pub numbers: bool,
}

impl Columns {
    /// As text of this format; `json` tells what JSON should say.
    pub fn print(&self, format: Format, json: impl FnOnce() -> serde_json::Value) -> Result<String, String> {
        match format {
            Format::Table => Ok(self.text()),
            Format::Markdown => Ok(self.aligned(true)),
            Format::Csv => csv(std::iter::once(&self.header).chain(&self.rows)),
            Format::Json => self::json(&json()),
        }
    }

    /// These columns alone, in this order.
    pub fn only(self, columns: &[usize]) -> Self {
        let pick = |row: Vec<String>| columns.iter().map(|column| row[*column].clone()).collect();
        Self { header: pick(self.header), rows: self.rows.into_iter().map(pick).collect(), numbers: self.numbers }
    }

    /// As text for the eye. Columns of numbers that do not fit beside each other stand in blocks, each with the first column.
    pub fn text(&self) -> String {
        let whole = self.aligned(false);
        let width = width();
        let fits = |text: &str| text.lines().all(|line| line.chars().count() <= width);
        let columns = self.header.len();
        if !self.numbers || columns < 3 || fits(&whole) {
            return whole;
        }
        let block = |from: usize, to: usize| {
            let part = |row: &Vec<String>| {
                row.iter().take(1).chain(row.iter().take(to).skip(from)).cloned().collect::<Vec<String>>()
            };
            // A row that ends before the block, as f(x) does beside a Jacobian, is left out.
            let rows = self.rows.iter().map(part).filter(|row| row.len() > 1).collect();
            Self { header: part(&self.header), rows, numbers: true }.aligned(false)
        };
        let mut blocks = Vec::new();
        let mut from = 1;
        while from < columns {
            let to = (from + 2..=columns).take_while(|to| fits(&block(from, *to))).last().unwrap_or(from + 1);
            blocks.push(block(from, to));
            from = to;
        }
        blocks.join("\n")
    }

    /// The longest word of each column, which is not broken; of none if they do not fit beside each other.
    fn longest_words(&self) -> Vec<u16> {
        let column = |column: usize| std::iter::once(&self.header).chain(&self.rows).map(move |row| &row[column]);
        let words = |text: &String| text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
        let longest: Vec<usize> =
            (0..self.header.len()).map(|number| column(number).map(words).max().unwrap_or(0)).collect();
        let first = column(0).map(|text| text.chars().count()).max().unwrap_or(0);
        let padding = usize::from(PADDING) * longest.len();
        let fits = first + longest[1..].iter().sum::<usize>() + padding <= width() + usize::from(PADDING);
        longest.into_iter().map(|length| if fits { length as u16 } else { 1 }).collect()
    }

    fn aligned(&self, markdown: bool) -> String {
        let mut table = Table::new();
        let style = if markdown { presets::ASCII_MARKDOWN } else { presets::NOTHING };
        table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
        if !markdown && !self.numbers {
            // Long entries of words go on below; numbers are never broken.
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width() as u16);
        }
        // A bar inside an entry would end it.
        let entry = |text: &String| {
            if markdown { text.replace('|', "\\|") } else { text.clone() }
        };
        table.set_header(self.header.iter().map(entry));
        for row in &self.rows {
            table.add_row(row.iter().map(entry));
        }
        let words = self.longest_words();
        for ((number, column), longest) in table.column_iter_mut().enumerate().zip(words) {
            if number == 0 {
                column.set_constraint(ColumnConstraint::ContentWidth);
            } else if !markdown && !self.numbers {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(longest + PADDING)));
            }
            if !markdown {
                column.set_padding((0, PADDING));
            }
            column.set_cell_alignment(if self.numbers { CellAlignment::Right } else { CellAlignment::Left });
        }
        table.lines().map(|line| line.trim_end().to_string() + "\n").collect()
    }
}

/// A paragraph in lines that are not too long, those after the first indented.
pub fn wrapped(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(width())
        .subsequent_indent(indent)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned() + "\n").collect()
}

/// Writes a remark to stderr, beside the result.
pub fn note(text: &str) {
    // Who does not want to read it does not stop the program.
    let _ = std::io::stderr().write_all(wrapped(text, "  ").as_bytes());
}

/// Rows as comma-separated values.
pub fn csv<'a>(rows: impl IntoIterator<Item = &'a Vec<String>>) -> Result<String, String> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

//! Results as tables: for the terminal, for documents and for programs.

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

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
    /// How to print the result [default: table, for files and stdin csv]
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

/// How wide text for the eye may be.
pub const WIDTH: usize = 100;

/// A value as JSON text.
pub fn json(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| error.to_string())
}

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
        let fits = |text: &str| text.lines().all(|line| line.chars().count() <= WIDTH);
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

    fn aligned(&self, markdown: bool) -> String {
        let mut table = Table::new();
        let style = if markdown { presets::ASCII_MARKDOWN } else { presets::NOTHING };
        table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
        if !markdown && !self.numbers {
            // Long entries of words go on below; numbers are never broken.
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH as u16);
        }
        // A bar inside an entry would end it.
        let entry = |text: &String| {
            if markdown { text.replace('|', "\\|") } else { text.clone() }
        };
        table.set_header(self.header.iter().map(entry));
        for row in &self.rows {
            table.add_row(row.iter().map(entry));
        }
        for (number, column) in table.column_iter_mut().enumerate() {
            if number == 0 {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            if !markdown {
                column.set_padding((0, 2));
            }
            column.set_cell_alignment(if self.numbers { CellAlignment::Right } else { CellAlignment::Left });
        }
        table.lines().map(|line| line.trim_end().to_string() + "\n").collect()
    }
}

/// A paragraph in lines that are not too long, those after the first indented.
pub fn wrapped(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .subsequent_indent(indent)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned() + "\n").collect()
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

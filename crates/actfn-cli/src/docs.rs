//! `actfn docs`

use std::fs;
use std::path::PathBuf;

use actfn::{Activation, catalogue};
use clap::Args;

use crate::picture::Picture;
use crate::table::{Columns, Format};
use crate::{output, page};

/// Write the reference: a page of Markdown and a picture for each function, and an index.
///
/// The pages are made from what the program knows of each function.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn docs
  actfn docs crates/actfn/docs/reference   in the repository, after a change")]
pub struct Docs {
    /// The directory, made if it does not exist
    #[arg(value_name = "DIR", default_value = "reference")]
    directory: PathBuf,
}

impl Docs {
    pub fn run(self) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("{}: cannot be made: {error}", self.directory.display());
        fs::create_dir_all(&self.directory).map_err(failed)?;
        let mut count = 0;
        for (name, text) in pages()? {
            output::write(&self.directory.join(name), text.as_bytes())?;
            count += 1;
        }
        Ok(format!("{count} files in {}\n", self.directory.display()))
    }
}

/// The files by name: an index, and a page and a picture for each function.
fn pages() -> Result<Vec<(String, String)>, String> {
    let mut files = vec![("README.md".to_string(), index()?)];
    for f in catalogue() {
        let name = f.info().name;
        let picture = format!("{name}.svg");
        files.push((format!("{name}.md"), page::markdown(&f, Some(&picture))?));
        files.push((picture, Picture::new(std::slice::from_ref(&f), None, true).svg()?));
    }
    Ok(files)
}

fn index() -> Result<String, String> {
    let row = |f: &Activation| {
        let info = f.info();
        let year = info.year.map_or(String::new(), |year| year.to_string());
        let [formula, _] = page::equations(f);
        vec![format!("[`{0}`]({0}.md)", info.name), info.title.to_string(), formula, info.range.to_string(), year]
    };
    let header = ["function", "title", "formula", "range", "year"].map(String::from).to_vec();
    let mut text =
        "# The activation functions\n\nWritten by `actfn docs` from what each function says of itself.\n".to_string();
    for (title, rowwise) in [("Functions of single numbers", false), ("Functions of rows", true)] {
        let rows = catalogue().filter(|f| f.is_rowwise() == rowwise).map(|f| row(&f)).collect();
        let table = Columns { header: header.clone(), rows, numbers: false };
        text += &format!("\n## {title}\n\n{}", table.print(Format::Markdown, || serde_json::Value::Null)?);
    }
    Ok(text)
}

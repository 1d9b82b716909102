//! `actfn man`

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};

use crate::output;

/// Write the manual: a page for the program, and one for each of its commands.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn man ~/.local/share/man/man1      then: man actfn, man actfn-train")]
pub struct Man {
    /// The directory, made if it does not exist
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl Man {
    pub fn run(self, program: Command) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("{}: cannot be made: {error}", self.directory.display());
        fs::create_dir_all(&self.directory).map_err(failed)?;
        let mut program = program.disable_help_subcommand(true);
        program.build();
        let pages: Vec<Command> = std::iter::once(&program).chain(program.get_subcommands()).cloned().collect();
        for command in &pages {
            write(command, &self.directory)?;
        }
        Ok(format!("{} pages in {}\n", pages.len(), self.directory.display()))
    }
}

fn write(command: &Command, directory: &Path) -> Result<(), String> {
    let man = clap_mangen::Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page).map_err(|error| error.to_string())?;
    let page = String::from_utf8(page).map_err(|error| error.to_string())?;
    output::write(&directory.join(man.get_filename()), with_examples(&page).as_bytes())
}

/// The page with its examples and tables line by line, as `--help` has them, where roff would fill the lines.
fn with_examples(page: &str) -> String {
    let Some((options, notes)) = page.split_once(".SH EXTRA\n") else { return page.to_string() };
    let mut text = format!("{options}.SH NOTES\n");
    let mut kept = false;
    for line in notes.lines() {
        let keep = line.starts_with("  ") || kept && line.is_empty();
        if keep != kept {
            text += if keep { ".nf\n" } else { ".fi\n" };
        }
        kept = keep;
        text += &format!("{line}\n");
    }
    text
}

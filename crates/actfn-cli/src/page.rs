//! All about one function, as a page of Markdown and as text for the terminal.

use std::fmt::Write;

use actfn::Activation;

use crate::facts;
use crate::picture::Picture;
use crate::table::{Columns, Format, width, wrapped};

/// Formula and derivative in plain text, as equations.
pub fn equations(f: &Activation) -> [String; 2] {
    let info = f.info();
    if f.is_rowwise() {
        return [info.formula.to_string(), info.derivative.to_string()];
    }
    [format!("f(x) = {}", info.formula), format!("f′(x) = {}", info.derivative)]
}

/// Formula and derivative in LaTeX, as equations.
pub fn latex(f: &Activation) -> [String; 2] {
    let info = f.info();
    if f.is_rowwise() {
        return [info.formula_latex.to_string(), info.derivative_latex.to_string()];
    }
    [format!("f(x)={}", info.formula_latex), format!("f'(x)={}", info.derivative_latex)]
}

fn table(header: &[&str], rows: Vec<Vec<String>>, format: Format) -> Result<String, String> {
    let header = header.iter().copied().map(String::from).collect();
    Columns { header, rows, numbers: false }.print(format, || serde_json::Value::Null)
}

const PARAMETERS: [&str; 4] = ["parameter", "default", "values", "meaning"];
const FRAMEWORKS: [&str; 5] = ["framework", "names", "defaults", "at kinks", "remark"];

/// The first letter in upper case.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>() + "."
}

/// The page of the reference, with a picture beside it if `picture` names one.
pub fn markdown(f: &Activation, picture: Option<&str>) -> Result<String, String> {
    let info = f.info();
    let [formula, derivative] = equations(f);
    let [formula_latex, derivative_latex] = latex(f);
    let mut page = format!("# {}\n\n`{}`", info.title, info.name);
    if !info.aliases.is_empty() {
        let _ = write!(page, ", also {}", info.aliases.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", "));
    }
    let _ = write!(page, "\n\n```math\n{formula_latex}\n```\n\n```math\n{derivative_latex}\n```\n\n");
    let _ = write!(page, "In plain text: {formula}; {derivative}.\n\n");
    if let Some(picture) = picture {
        let _ = write!(page, "![{} and its derivative]({picture})\n\n", info.title);
    }
    let _ = write!(page, "**Used for** {}.\n\n**Problems:** {}.\n\n", info.uses, info.problems);
    let properties = facts::properties(f).into_iter().map(|(name, value)| vec![name.to_string(), value]).collect();
    let _ = writeln!(page, "{}", table(&["property", "value"], properties, Format::Markdown)?);
    if !info.parameters.is_empty() {
        let _ = writeln!(page, "## Parameters\n\n{}", table(&PARAMETERS, facts::parameters(info), Format::Markdown)?);
    }
    if !info.frameworks.is_empty() {
        let rows = facts::frameworks(f)
            .into_iter()
            .zip(info.frameworks)
            .map(|(mut row, framework)| {
                // Not by taking the line apart: a name may list arguments.
                row[1] = framework.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                row
            })
            .collect();
        let _ = writeln!(page, "## In the frameworks\n\n{}", table(&FRAMEWORKS, rows, Format::Markdown)?);
    }
    let _ = write!(page, "## Source\n\n{}\n", sentence(info.source));
    Ok(page)
}

/// Where values begin, beside their names.
const INDENT: &str = "                     ";

/// The same for the terminal, with a picture drawn in it.
pub fn text(f: &Activation) -> Result<String, String> {
    let info = f.info();
    let [formula, derivative] = equations(f);
    let mut page = format!("{}: {}", info.name, info.title);
    if !info.aliases.is_empty() {
        let _ = write!(page, " (also {})", info.aliases.join(", "));
    }
    let _ = write!(page, "\n\n  {formula}\n  {derivative}\n\n");
    let drawn = Picture::new(std::slice::from_ref(f), None, true).text(78.min(width() as u16), 20);
    let _ = write!(page, "{drawn}\n  lines: f, dots: f′\n\n");
    for (name, value) in facts::properties(f) {
        page += &wrapped(&format!("{name:<20} {value}"), INDENT);
    }
    for (name, text) in [("used for", info.uses), ("problems", info.problems), ("source", info.source)] {
        page += &wrapped(&format!("{name:<20} {text}"), INDENT);
    }
    if !info.parameters.is_empty() {
        let _ = write!(page, "\n{}", table(&PARAMETERS, facts::parameters(info), Format::Table)?);
    }
    if !info.frameworks.is_empty() {
        let _ = write!(page, "\n{}", table(&FRAMEWORKS, facts::frameworks(f), Format::Table)?);
    }
    Ok(page)
}

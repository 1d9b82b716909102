//! docs/accuracy.md: the record as people read it, with the peers' figures beside it.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::Deserialize;

use crate::golden::Of;
use crate::record::{self, Row};

/// What the default precision promises, in units in the last place.
pub fn promised(of: Of) -> f64 {
    match of {
        Of::Value => 2.0,
        Of::Derivative => 4.0,
        Of::SecondDerivative => 8.0,
    }
}

/// The same of functions of rows: of values, or of gradients. `Exact` sums in the wider format, and a sum is rounded too; of values it is
/// 2 for a gate and the rounding of its product.
pub fn rows_promised(of_gradient: bool, exact: bool, width: u32) -> f64 {
    match (of_gradient, exact, width) {
        (_, true, _) => 1.0,
        (true, _, 64) => 4.5,
        (true, ..) => promised(Of::Derivative),
        (false, ..) => promised(Of::Value) + 0.5,
    }
}

/// A line of peers.csv, which says what was measured and where.
#[derive(Clone, Debug, Deserialize)]
struct Peer {
    function: String,
    peer: String,
    version: String,
    worst_ulp: f64,
    worst_ulp_from_1e3: f64,
    flushes_subnormals: bool,
    depends_on_position: bool,
}

/// The document.
pub fn path() -> PathBuf {
    record::root().join("docs/accuracy.md")
}

/// Writes the document, or compares it; whether it was right.
///
/// # Errors
///
/// If a file cannot be read or written.
pub fn make(check: bool) -> io::Result<bool> {
    let text = document()?;
    if check {
        let right = fs::read_to_string(path()).is_ok_and(|found| found == text);
        if !right {
            println!("docs/accuracy.md is not what the record says: cargo run --release -p actfn-proof -- accuracy");
        }
        return Ok(right);
    }
    fs::write(path(), text)?;
    Ok(true)
}

/// What the document must say.
///
/// # Errors
///
/// If the record or the peers' figures cannot be read.
pub fn document() -> io::Result<String> {
    let rows: Vec<Row> = record::read(&record::path())?;
    let peers: Vec<Peer> = record::read(&record::root().join("crates/actfn-proof/peers.csv"))?;
    let mut stale = Vec::new();
    for f in actfn::catalogue() {
        if rows.iter().any(|row| row.function == f.info().name) && !record::is_current(&rows, &f)? {
            stale.push(f.info().name);
        }
    }
    let mut text = String::new();
    write_document(&mut text, &rows, &stale, &peers).map_err(io::Error::other)?;
    Ok(text)
}

fn write_document(text: &mut String, rows: &[Row], stale: &[&str], peers: &[Peer]) -> std::fmt::Result {
    let find = |function: &str, of: &str, format: &str, precision: &str| {
        let matches =
            |row: &&Row| row.function == function && row.of == of && row.format == format && row.precision == precision;
        rows.iter().find(matches)
    };
    text.push_str(
        "# Accuracy\n\n\
         Made by `cargo run --release -p actfn-proof -- accuracy` from [proof-record.csv](proof-record.csv), which says on what\n\
         code, machine and day each row was measured; [proof.md](proof.md) says how. A unit in the last place (ULP) is the\n\
         distance of the format's numbers next to the true value, subnormal results included.\n\n",
    );
    if !stale.is_empty() {
        writeln!(text, "The code has changed since these were run in full: {}.\n", stale.join(", "))?;
    }
    text.push_str("## Exact: results that are not the correctly rounded ones\n\n");
    let exact: Vec<_> = rows.iter().filter(|row| row.precision == "exact" && row.misrounded.is_some()).collect();
    let sums = ["f32", "f16", "bf16"].map(|format| {
        let rows = exact.iter().filter(|row| row.format == format);
        let count = rows.clone().count();
        let (inputs, wrong) = rows.fold((0, 0), |(a, b), row| (a + row.inputs, b + row.misrounded.unwrap_or(0)));
        (format, count, inputs, wrong)
    });
    text.push_str("| format | values and derivatives of functions | results | misrounded |\n|---|---|---|---|\n");
    for (format, count, inputs, wrong) in sums {
        writeln!(text, "| {format} | {count} | {inputs} | {wrong} |")?;
    }
    let wrong: Vec<_> = exact.iter().filter(|row| row.misrounded != Some(0)).collect();
    if !wrong.is_empty() {
        text.push_str("\nMisrounded:\n\n");
        for row in wrong {
            writeln!(
                text,
                "- {} {} {}: {} of {}",
                row.function,
                row.of,
                row.format,
                row.misrounded.unwrap_or(0),
                row.inputs
            )?;
        }
    }
    text.push_str(
        "\n## Default: worst error in ULP\n\n\
         `f32`, `f16` and `bf16` over every input, `f64` over a sample of 10⁸. Promised are 2 for values, 4 for derivatives and 8 for\n\
         second derivatives, which are computed in `f64` for every format, and were run over every 257th `f32` and a sample of\n\
         10⁶ `f64`; what exceeds that is in bold. An asterisk marks\n\
         derivatives with a root: next to it errors up to half a unit of 1 (2⁻²⁴ for `f32`) do not count, of second\n\
         derivatives of `f64` two units (2⁻⁵¹).\n\n\
         | function | f32 f | at x = | f32 f′ | at x = | f32 f″ | at x = | f16 f | f′ | f″ | bf16 f | f′ | f″ | f64 f | f′ | f″ |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for f in actfn::catalogue().filter(|f| !f.is_rowwise()) {
        let name = f.info().name;
        write!(text, "| `{name}`")?;
        for (format, with_place) in [("f32", true), ("f16", false), ("bf16", false), ("f64", false)] {
            for of in Of::ALL {
                let row = find(name, of.name(), format, "default");
                let Some((row, ulps)) = row.and_then(|row| Some((row, row.worst_ulp?))) else {
                    text.push_str(if with_place { " | – | –" } else { " | –" });
                    continue;
                };
                let star = if row.allowance.is_some() { "*" } else { "" };
                let bold = if ulps > promised(of) { "**" } else { "" };
                write!(text, " | {bold}{}{bold}{star}", short(ulps))?;
                if with_place {
                    write!(text, " | {:.6e}", row.worst_at.unwrap_or(f64::NAN))?;
                }
            }
        }
        text.push_str(" |\n");
    }
    text.push_str(
        "\n## Functions of rows: worst error in ULP\n\n\
         Over fixed sets of random and awkward rows of 1 to 65 538 numbers ([rows.rs](../crates/actfn-proof/src/rows.rs)), at\n\
         default parameters. Promised are 2.5, a gate's 2 and the rounding of its product, and of exact results 1.\n",
    );
    write_rows(text, "value", &find)?;
    text.push_str(
        "\n### Gradients\n\n\
         Vector–Jacobian products of the same rows and of such as one number outweighs, with upstream gradients that cancel and such\n\
         as do not. Promised are 4, of `f64` 4.5, of exact results 1, in units in the last place of the sum of the terms' magnitudes: of\n\
         pⱼ Σ pᵢ (gⱼ − gᵢ) for softmax, gⱼ (1 − pⱼ) − pⱼ Σ gᵢ of the others for log-softmax. Where all terms have one sign, those are\n\
         the true value's own. Next to a root of a gate's derivative errors as in the table above do not count.\n",
    );
    write_rows(text, "derivative", &find)?;
    text.push_str("\n## Beside others: float32 forward, worst error in ULP\n\n");
    text.push_str("First over all results that are normal numbers, then over those of at least 10⁻³. S: subnormal results become 0.\n");
    text.push_str("L: one value gives different results at different places of the array. Ours is over all results, with neither.\n");
    let mut names: Vec<(&str, &str)> = Vec::new();
    for peer in peers {
        if !names.iter().any(|(name, _)| *name == peer.peer) {
            names.push((&peer.peer, &peer.version));
        }
    }
    text.push_str("Where and when theirs were measured: [peers.csv](../crates/actfn-proof/peers.csv).\n\n| function | actfn | actfn, exact |");
    names.iter().try_for_each(|(name, version)| write!(text, " {name} {version} |"))?;
    writeln!(text, "\n|---|---|---|{}", "---|".repeat(names.len()))?;
    let mut functions: Vec<&str> = peers.iter().map(|peer| peer.function.as_str()).collect();
    functions.dedup();
    for function in functions {
        let ours = |precision| find(function, "value", "f32", precision);
        let default = ours("default").and_then(|row| row.worst_ulp).map_or("–".to_owned(), short);
        let exact = match ours("exact").and_then(|row| row.misrounded) {
            Some(0) => "0.5",
            Some(_) => "misrounds",
            None => "–",
        };
        write!(text, "| `{function}` | {default} | {exact} |")?;
        for (name, _) in &names {
            match peers.iter().find(|peer| peer.function == function && peer.peer == *name) {
                Some(peer) => {
                    let flush = if peer.flushes_subnormals { " S" } else { "" };
                    let place = if peer.depends_on_position { " L" } else { "" };
                    write!(text, " {} / {}{flush}{place} |", short(peer.worst_ulp), short(peer.worst_ulp_from_1e3))?;
                }
                None => text.push_str(" – |"),
            }
        }
        text.push('\n');
    }
    Ok(())
}

/// A table of functions of rows.
fn write_rows<'a>(
    text: &mut String,
    of: &str,
    find: &impl Fn(&str, &str, &str, &str) -> Option<&'a Row>,
) -> std::fmt::Result {
    text.push_str(
        "\n| function | results | f32 | f32, exact | f16 | f16, exact | bf16 | bf16, exact | f64 |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for f in actfn::catalogue().filter(actfn::Activation::is_rowwise) {
        let name = f.info().name;
        let results = find(name, of, "f32", "default").map_or("–".to_owned(), |row| row.inputs.to_string());
        write!(text, "| `{name}` | {results}")?;
        for (format, width) in [("f32", 32), ("f16", 16), ("bf16", 16), ("f64", 64)] {
            for (precision, exact) in [("default", false), ("exact", true)] {
                let promised = rows_promised(of == "derivative", exact, width);
                match find(name, of, format, precision) {
                    Some(row) => {
                        let ulps = row.worst_ulp.unwrap_or(0.0);
                        let bold = if ulps > promised { "**" } else { "" };
                        write!(text, " | {bold}{}{bold}", short(ulps))?;
                    }
                    None if format == "f64" && precision == "exact" => {}
                    None => text.push_str(" | –"),
                }
            }
        }
        text.push_str(" |\n");
    }
    Ok(())
}

/// Three digits or so; never less than the figure.
fn short(ulps: f64) -> String {
    match ulps {
        _ if ulps < 100.0 => format!("{:.2}", (ulps * 100.0).ceil() / 100.0),
        _ if ulps < 1e5 => format!("{:.0}", ulps.ceil()),
        _ => format!("{ulps:.1e}"),
    }
}

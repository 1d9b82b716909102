//! `actfn claims`

use std::fmt::Write;
use std::path::PathBuf;

use actfn_lab::{Claim, Claims as Settings, Verdict};
use anstyle::{AnsiColor, Style};
use clap::Args;
use clap::builder::PossibleValuesParser;
use maud::html;

use crate::report::{self, Palette};
use crate::table::{self, Choice, Columns, Format};
use crate::{compare, number, output};

/// Test the claims of a well-known article about activation functions by experiments, which run here.
///
/// Each claim is printed with the experiment, what was measured, and whether it holds, holds with a correction, or does
/// not hold. All of them together take half a minute on two processors.
///
/// The article is Jeremy Jordan's "Neural networks: activation functions", with which this project started:
/// https://www.jeremyjordan.me/neural-networks-activation-functions/ (other commands call it `page`).
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn claims
  actfn claims sigmoid_layers selu_fixed_point
  actfn claims --seed 7                other weights and rows
  actfn claims --report claims.html
  actfn claims --json > claims.json")]
pub struct Claims {
    /// The claims to test [default: all]
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(Settings::names()), hide_possible_values = true)]
    names: Vec<String>,

    /// The seed for weights and rows; the same seed gives the same numbers
    #[arg(long, default_value = "1")]
    seed: u64,

    /// How many experiments to run at the same time, which changes no result [default: one for each processor]
    #[arg(long, value_parser = compare::whole(1, 1024))]
    threads: Option<usize>,

    /// Also write a report with pictures, as one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    #[command(flatten)]
    choice: Choice,
}

impl Claims {
    pub fn run(self) -> Result<String, String> {
        let defaults = Settings::default();
        let settings =
            Settings { names: self.names, seed: self.seed, threads: self.threads.unwrap_or(defaults.threads) };
        let bar = compare::progress_bar("testing", settings.work());
        let result = settings.run(|_| bar.inc(1));
        bar.finish_and_clear();
        let claims = result.map_err(|error| error.to_string())?;
        if let Some(path) = &self.report {
            output::write(path, page(&claims)?.as_bytes())?;
        }
        match self.choice.format() {
            Format::Table => Ok(text(&claims)),
            Format::Json => table::json(&claims),
            format => columns(&claims).print(format, || serde_json::Value::Null),
        }
    }
}

/// One line for each number that was measured.
fn columns(claims: &[Claim]) -> Columns {
    let header = ["claim", "page", "experiment", "quantity", "value", "verdict", "remark"].map(String::from).to_vec();
    let rows = claims.iter().flat_map(|claim| {
        claim.measured.iter().map(|measured| {
            let value = measured.value.to_string();
            [
                claim.name,
                claim.page,
                &claim.experiment,
                &measured.quantity,
                &value,
                claim.verdict.words(),
                &claim.remark,
            ]
            .map(String::from)
            .to_vec()
        })
    });
    Columns { header, rows: rows.collect(), numbers: false }
}

fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Holds => AnsiColor::Green,
        Verdict::HoldsWithCorrection => AnsiColor::Yellow,
        Verdict::DoesNotHold => AnsiColor::Red,
    };
    Style::new().fg_color(Some(colour.into())).bold()
}

fn text(claims: &[Claim]) -> String {
    let mut text = String::new();
    for claim in claims {
        let style = style(claim.verdict);
        let _ = writeln!(text, "{}: {style}{}{style:#}", claim.name, claim.verdict.words());
        let measured: Vec<String> = claim
            .measured
            .iter()
            .map(|measured| format!("{} {}", measured.quantity, number(measured.value)).replace(' ', "\u{a0}"))
            .collect();
        for (heading, paragraph) in [
            ("claim", claim.page.to_string()),
            ("experiment", claim.experiment.clone()),
            ("measured", measured.join("; ")),
            ("so", claim.remark.clone()),
        ] {
            text += &table::wrapped(&format!("  {heading:<12}{paragraph}"), "              ").replace('\u{a0}', " ");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", counts(claims));
    text
}

/// How many hold.
fn counts(claims: &[Claim]) -> String {
    let verdicts = [Verdict::Holds, Verdict::HoldsWithCorrection, Verdict::DoesNotHold];
    let counts = verdicts.map(|verdict| {
        let count = claims.iter().filter(|claim| claim.verdict == verdict).count();
        let words = match verdict {
            _ if count == 1 => verdict.words(),
            Verdict::Holds => "hold",
            Verdict::HoldsWithCorrection => "hold with a correction",
            Verdict::DoesNotHold => "do not hold",
        };
        format!("{count} {words}")
    });
    format!("{} claims: {}.", claims.len(), counts.join(", "))
}

/// The same as a page, with pictures.
fn page(claims: &[Claim]) -> Result<String, String> {
    let mut sections = Vec::new();
    for claim in claims {
        let rows = claim.measured.iter().map(|measured| [measured.quantity.clone(), number(measured.value)]);
        sections.push(html! {
            section.card {
                div { (report::badge(report::verdict(claim.verdict), claim.verdict.words())) h3 { (claim.name) } }
                blockquote { (claim.page) }
                p { (claim.remark) }
                (report::charts(&claim.charts, Palette::Distinct, (520, 300))?)
                p.soft { "Experiment: " (claim.experiment) "." }
                (report::table(&(["measured", ""], rows.collect())))
            }
        });
    }
    Ok(report::page("The article's claims, by experiment", &counts(claims), &sections))
}

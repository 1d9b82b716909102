//! `actfn list`

use actfn::{Activation, Convention};
use clap::Args;
use serde_json::Value;

use crate::facts;
use crate::table::{Choice, Columns, Format};

/// List the activation functions: all, or those with certain properties.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn list                              all of them
  actfn list --smooth --zero-centred   continuously differentiable, mean 0
  actfn list --bounded --monotonic     candidates for gates and outputs
  actfn list --in torch                the functions of PyTorch, with its names
  actfn list --search vanishing        those whose description has this word
  actfn list --format json             all facts, for programs

`actfn show NAME` shows all that is known of one of them.")]
pub struct List {
    /// Those that are continuously differentiable
    #[arg(long)]
    smooth: bool,

    /// Those that never decrease
    #[arg(long)]
    monotonic: bool,

    /// Those whose values are bounded
    #[arg(long)]
    bounded: bool,

    /// Those whose mean is 0 when the input is standard normal
    #[arg(long)]
    zero_centred: bool,

    /// Those that work on a whole row, such as softmax
    #[arg(long, conflicts_with = "elementwise")]
    rowwise: bool,

    /// Those that work on each number by itself, such as relu
    #[arg(long)]
    elementwise: bool,

    /// Those that a framework has: torch, jax, tensorflow, keras, onnx, burn, candle or flux; or those of the article that
    /// `actfn claims` tests: page
    #[arg(long = "in", value_name = "FRAMEWORK")]
    convention: Option<Convention>,

    /// Those whose name, formula or description contains this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    #[command(flatten)]
    choice: Choice,
}

impl List {
    pub fn run(self) -> Result<String, String> {
        let found: Vec<Activation> = actfn::catalogue().filter(|f| self.wants(f)).collect();
        if found.is_empty() && self.choice.format() == Format::Table {
            return Ok("No function has all of these properties.\n".to_string());
        }
        let mut header = ["name", "range", "smoothness", "monotonic", "zero-centred", "saturates", "title"].to_vec();
        if self.convention.is_some() {
            header.push("there");
        }
        let columns = Columns {
            header: header.into_iter().map(String::from).collect(),
            rows: found.iter().map(|f| self.row(f)).collect(),
            numbers: false,
        };
        let columns = match (self.choice.format(), self.convention) {
            // What fits on lines; other formats have all of it.
            (Format::Table, None) => columns.only(&[0, 1, 2, 3, 4, 5]),
            (Format::Table, Some(_)) => columns.only(&[0, 7, 1, 2]),
            _ => columns,
        };
        columns.print(self.choice.format(), || Value::Array(found.iter().map(facts::json).collect()))
    }

    fn wants(&self, f: &Activation) -> bool {
        let info = f.info();
        let text = || {
            let texts = [info.name, info.title, info.formula, info.uses, info.problems, info.source];
            texts.iter().chain(info.aliases).map(|text| text.to_lowercase()).collect::<Vec<_>>().join("\n")
        };
        (!self.smooth || info.is_smooth())
            && (!self.monotonic || info.monotonic)
            && (!self.bounded || info.is_bounded())
            && (!self.zero_centred || info.zero_centred)
            && (!self.rowwise || f.is_rowwise())
            && (!self.elementwise || !f.is_rowwise())
            && self.convention.is_none_or(|c| info.frameworks.iter().any(|framework| framework.convention == c))
            && self.search.as_ref().is_none_or(|wanted| text().contains(&wanted.to_lowercase()))
    }

    fn row(&self, f: &Activation) -> Vec<String> {
        let info = f.info();
        let tick = |is: bool| if is { "yes" } else { "" };
        let entries = [
            info.name,
            info.range,
            short(info.smoothness),
            tick(info.monotonic),
            tick(info.zero_centred),
            facts::saturates(info),
            info.title,
        ];
        let mut row: Vec<String> = entries.map(String::from).to_vec();
        if let Some(convention) = self.convention {
            let there = info.frameworks.iter().filter(|framework| framework.convention == convention);
            row.push(there.flat_map(|framework| framework.names).copied().collect::<Vec<_>>().join(", "));
        }
        row
    }
}

/// How smooth, in a word for a narrow column.
fn short(smoothness: actfn::Smoothness) -> &'static str {
    match smoothness {
        actfn::Smoothness::Discontinuous => "jumps",
        actfn::Smoothness::Continuous => "kinks",
        actfn::Smoothness::Differentiable => "C¹",
        actfn::Smoothness::Smooth => "smooth",
    }
}

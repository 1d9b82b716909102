//! `actfn show`

use actfn::{Activation, Convention};
use clap::Args;

use crate::table::{self, Choice, Format};
use crate::{facts, page};

/// Show one activation function: formula, derivative, picture, properties, problems, and its defaults in the frameworks.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn show gelu
  actfn show gelu --convention jax     the function that JAX calls gelu
  actfn show selu --format json        for programs
  actfn show mish --format markdown    for documents, with LaTeX

For standard normal z, E f(z)² says how much the signal grows from layer to layer, and E f′(z)² how much \
the gradient grows on its way back. Weights of standard deviation gain/√fan_in keep it the same: the \
forward gain the signal, the backward gain the gradient.")]
pub struct Show {
    /// The function, by any of its names
    #[arg(value_name = "NAME")]
    name: String,

    /// Whose name it is: torch, jax, tensorflow, keras, onnx, burn, candle or flux; or page, the article that `actfn claims`
    /// tests
    #[arg(long, value_name = "FRAMEWORK")]
    convention: Option<Convention>,

    #[command(flatten)]
    choice: Choice,
}

impl Show {
    pub fn run(self) -> Result<String, String> {
        let (f, found) = find(&self.name, self.convention).map_err(|error| error.to_string())?;
        match self.choice.format() {
            Format::Table => Ok(found.map_or_else(String::new, |found| found + "\n\n") + &page::text(&f)?),
            Format::Markdown => page::markdown(&f, None),
            Format::Json => serde_json::to_string_pretty(&facts::json(&f))
                .map(|json| json + "\n")
                .map_err(|error| error.to_string()),
            Format::Csv => {
                let info = f.info();
                let [formula, derivative] = page::equations(&f);
                let mut rows = vec![("name", info.name.to_string()), ("title", info.title.to_string())];
                rows.extend([("formula", formula), ("derivative", derivative)]);
                rows.extend(facts::properties(&f));
                rows.extend(
                    [("used for", info.uses), ("problems", info.problems), ("source", info.source)]
                        .map(|(name, text)| (name, text.to_string())),
                );
                let rows: Vec<Vec<String>> =
                    rows.into_iter().map(|(name, value)| vec![name.to_string(), value]).collect();
                table::csv(std::iter::once(&vec!["property".to_string(), "value".to_string()]).chain(&rows))
            }
        }
    }
}

/// The function of this name, and in words which one it is if a framework is asked for.
pub fn find(name: &str, convention: Option<Convention>) -> Result<(Activation, Option<String>), actfn::Error> {
    match convention {
        None => Ok((name.parse()?, None)),
        Some(convention) => {
            let found = convention.find(name)?;
            let words = found.to_string();
            Ok((found.activation, Some(words)))
        }
    }
}

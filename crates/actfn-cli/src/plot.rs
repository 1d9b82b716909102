//! `actfn plot`

use std::path::PathBuf;

use actfn::Activation;
use clap::Args;

use crate::output;
use crate::picture::Picture;

/// Draw activation functions (solid lines) and their derivatives (dashed) into one picture.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn plot sigmoid -o sigmoid.svg
  actfn plot relu 'leaky_relu(0.2)' elu --no-derivative -o rectifiers.png
  actfn plot torch:hardswish silu --range -6,6 -o swish.svg

A function of rows is drawn as its first output for the row (x, 0).")]
pub struct Plot {
    /// The functions, with parameters where needed; torch:NAME is the function that PyTorch calls NAME, with its defaults
    #[arg(required = true, value_name = "NAME")]
    functions: Vec<Activation>,

    /// The picture to write: a file whose name ends in .svg or .png
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// The inputs to show, from A to B [default: what shows the functions best, −5 to 5 for most]
    #[arg(long, value_name = "A,B", value_parser = range, allow_hyphen_values = true)]
    range: Option<(f64, f64)>,

    /// Leave out the derivatives
    #[arg(long)]
    no_derivative: bool,
}

fn range(text: &str) -> Result<(f64, f64), String> {
    let ends = text.split_once([',', ':']).and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    match ends {
        Some((a, b)) if a < b && f64::is_finite(a) && f64::is_finite(b) => Ok((a, b)),
        Some(_) => Err("its first number must be the smaller, and both finite".to_string()),
        None => Err("write two numbers with a comma between them: -6,6".to_string()),
    }
}

impl Plot {
    pub fn run(self) -> Result<String, String> {
        let picture = || Picture::new(&self.functions, self.range, !self.no_derivative);
        let extension = self.output.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
        let bytes = match extension.as_deref() {
            Some("svg") => picture().svg()?.into_bytes(),
            Some("png") => picture().png()?,
            _ => return Err(format!("{}: the name of the picture must end in .svg or .png", self.output.display())),
        };
        output::write(&self.output, &bytes)?;
        Ok(String::new())
    }
}

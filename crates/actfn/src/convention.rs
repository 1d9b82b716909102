//! The functions as the frameworks have them: names, defaults, derivatives at kinks.

use core::fmt;

/// Whose names, defaults and derivatives at kinks to follow.
///
/// What a function is called in each, and how it differs there, stands in [`Info::frameworks`](crate::Info::frameworks).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// The page that this project started from: Jeremy Jordan, *Neural networks: activation functions*. These are the
    /// defaults of actfn.
    Page,
    /// PyTorch.
    Torch,
    /// JAX.
    Jax,
    /// TensorFlow.
    TensorFlow,
    /// Keras on TensorFlow; on other backends its kinks are theirs.
    Keras,
    /// ONNX. It defines no derivatives: those at kinks are actfn's.
    Onnx,
    /// burn.
    Burn,
    /// candle.
    Candle,
    /// Flux, whose functions are those of NNlib.
    Flux,
}

impl Convention {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Page,
        Self::Torch,
        Self::Jax,
        Self::TensorFlow,
        Self::Keras,
        Self::Onnx,
        Self::Burn,
        Self::Candle,
        Self::Flux,
    ];

    /// Its name in code: `torch`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Torch => "torch",
            Self::Jax => "jax",
            Self::TensorFlow => "tensorflow",
            Self::Keras => "keras",
            Self::Onnx => "onnx",
            Self::Burn => "burn",
            Self::Candle => "candle",
            Self::Flux => "flux",
        }
    }

    /// The version that was measured, or read where it has no kinks to measure.
    pub fn version(self) -> &'static str {
        match self {
            Self::Page => "as of November 2026",
            Self::Torch => "2.15.0",
            Self::Jax => "0.10.2",
            Self::TensorFlow => "2.21.0",
            Self::Keras => "3.15.1",
            Self::Onnx => "1.23.2, opset 28",
            Self::Burn => "0.22.1",
            Self::Candle => "0.11.1",
            Self::Flux => "NNlib f71b71c",
        }
    }
}

impl fmt::Display for Convention {
    /// Its name in prose: `PyTorch`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Page => "the page",
            Self::Torch => "PyTorch",
            Self::Jax => "JAX",
            Self::TensorFlow => "TensorFlow",
            Self::Keras => "Keras",
            Self::Onnx => "ONNX",
            Self::Burn => "burn",
            Self::Candle => "candle",
            Self::Flux => "Flux",
        })
    }
}

/// A function as one framework has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Framework {
    /// Whose it is.
    pub convention: Convention,
    /// What it is called there, as code spells it: `nn.LeakyReLU`, `F.leaky_relu`. Where arguments choose the function, they
    /// stand behind the name, with values, `gelu(approximate=False)`, or as a list: `ReLU(max_value, negative_slope)`.
    pub names: &'static [&'static str],
    /// Parameters whose default there differs from actfn's: names and values.
    pub sets: &'static [(&'static str, f64)],
    /// Parameters that have another name there: its name and actfn's.
    pub renames: &'static [(&'static str, &'static str)],
    /// What else differs.
    pub note: &'static str,
}

impl Framework {
    /// The function with actfn's parameters, under other names.
    pub const fn new(convention: Convention, names: &'static [&'static str]) -> Self {
        Self { convention, names, sets: &[], renames: &[], note: "" }
    }

    /// With these defaults.
    pub const fn sets(self, sets: &'static [(&'static str, f64)]) -> Self {
        Self { sets, ..self }
    }

    /// With parameters of these names.
    pub const fn renames(self, renames: &'static [(&'static str, &'static str)]) -> Self {
        Self { renames, ..self }
    }

    /// With a remark.
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

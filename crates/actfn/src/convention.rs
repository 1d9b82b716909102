//! The functions as the frameworks have them: names, defaults, derivatives at kinks.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::catalogue::{Call, distance, find};
use crate::{Activation, Error, catalogue};

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

    /// The function that goes by a name there, with the defaults and the derivatives at kinks that it has there.
    ///
    /// The text is a name as the framework spells it, upper case, underscores and module path forgiven, with arguments if
    /// need be: `nn.LeakyReLU`, `leaky_relu(0.2)`. Arguments may choose the function: `relu` of Keras is `relu`, and
    /// `relu(max_value=1)` is `keras_relu`. A name of actfn stands for its function, unless it is the framework's name for
    /// another.
    ///
    /// ```
    /// use actfn::Convention;
    ///
    /// let found = Convention::Jax.find("gelu")?;
    /// assert_eq!(found.to_string(), "`jax.nn.gelu` of JAX is `gelu_tanh`: with approximate=False it is `gelu`");
    ///
    /// let leaky = Convention::Torch.find("F.leaky_relu(negative_slope=0.2)")?.activation;
    /// assert_eq!(leaky.scalar(0.0f32), Some((0.0, 0.2))); // in torch f′(0) is the slope
    /// # Ok::<(), actfn::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the framework has no such function, or if the arguments do not fit.
    pub fn find(self, text: &str) -> Result<Found, Error> {
        let call = Call::read(text)?;
        let entry = self.entry(text.trim(), &call)?;
        let (function, framework, name) = match entry {
            // `gelu(approximate='tanh')` is a name: its arguments are used up.
            (function, framework, name) if name.contains('(') && plain(name) == plain(text) => {
                let activation = function.with_parameters(framework.sets)?;
                return Ok(Found { activation, framework, name });
            }
            entry => entry,
        };
        let defaults = function.with_parameters(framework.sets)?;
        let values = call.arguments(&defaults, &listed(name), framework.renames)?;
        Ok(Found { activation: defaults.with_parameters(&values)?, framework, name })
    }

    /// What the framework has under this name.
    fn entry(self, text: &str, call: &Call) -> Result<(Activation, &'static Framework, &'static str), Error> {
        let name = call.name;
        let entries: Vec<_> = catalogue()
            .flat_map(|f| f.info().frameworks.iter().map(move |framework| (f.clone(), framework)))
            .filter(|(_, framework)| framework.convention == self)
            .flat_map(|(f, framework)| framework.names.iter().map(move |name| (f.clone(), framework, *name)))
            .collect();
        let first = |test: &dyn Fn(&'static str) -> bool| entries.iter().find(|entry| test(entry.2)).cloned();
        let lists = |n: &'static str| n.contains('(') && call.fits(&listed(n));
        // With its arguments, by their values or names; as it is spelt there, since `LeakyReLU` and `leaky_relu` may differ;
        // then by its letters.
        let found = first(&|n| n == text)
            .or_else(|| first(&|n| n.contains('(') && plain(n) == plain(text)))
            .or_else(|| first(&|n| lists(n) && last(without_arguments(n)) == last(name)))
            .or_else(|| first(&|n| lists(n) && plain(without_arguments(n)) == plain(name)))
            .or_else(|| first(&|n| n == name))
            .or_else(|| first(&|n| last(n) == last(name)))
            .or_else(|| first(&|n| !n.contains('(') && plain(n) == plain(name)));
        if let Some(entry) = found {
            return Ok(entry);
        }
        // A name of actfn, which is not one of the framework's own.
        let known = find(name).ok().map(|f| f.info().name);
        if let Some(entry) = entries.iter().find(|entry| known == Some(entry.0.info().name)) {
            return Ok(entry.clone());
        }
        let nearest = entries.iter().min_by_key(|entry| distance(&plain(entry.2), &plain(name)));
        Err(Error::NotInConvention {
            convention: self,
            name: name.to_owned(),
            nearest: nearest.map_or(("", ""), |entry| (entry.2, entry.0.info().name)),
            known,
        })
    }
}

/// The part of a name behind its module path: `LeakyReLU` of `nn.LeakyReLU`.
fn last(name: &str) -> &str {
    let end = without_arguments(name).rfind(['.', ':']).map_or(0, |end| end + 1);
    &name[end..]
}

fn without_arguments(name: &str) -> &str {
    name.split('(').next().unwrap_or_default()
}

/// The arguments that a name lists, in their order: none of `gelu(approximate=False)`, which gives a value.
fn listed(name: &'static str) -> Vec<&'static str> {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).filter(|list| !list.contains('='));
    inside.map(|list| list.split(',').map(str::trim).collect()).unwrap_or_default()
}

/// The letters of a name, however it is spelt.
fn plain(name: &str) -> String {
    last(name).chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '\'' | '"')).flat_map(char::to_lowercase).collect()
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

impl FromStr for Convention {
    type Err = Error;

    /// Reads its name in code or in prose.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim().to_lowercase();
        let named = |c: &Self| c.name() == text || alloc::format!("{c}").to_lowercase() == text;
        Self::ALL.into_iter().find(named).ok_or(Error::UnknownConvention { name: text })
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

/// A function found by its name in a framework: see [`Convention::find`].
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The function, with the framework's defaults and derivatives at kinks.
    pub activation: Activation,
    /// What is known of it there.
    pub framework: &'static Framework,
    /// Its name there.
    pub name: &'static str,
}

impl fmt::Display for Found {
    /// Says in words which function it is.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { activation, framework, name } = self;
        write!(f, "`{name}` of {} is `{activation}`", framework.convention)?;
        if framework.note.is_empty() { Ok(()) } else { write!(f, ": {}", framework.note) }
    }
}

//! What is known of a function, as Python's own objects.

use actfn::{Activation, Domain, Framework, Parameter};
use pyo3::prelude::*;
use pyo3::types::PyDict;

pub fn dict<'py>(py: Python<'py>, f: &Activation) -> PyResult<Bound<'py, PyDict>> {
    let info = f.info();
    let dict = PyDict::new(py);
    dict.set_item("name", info.name)?;
    dict.set_item("title", info.title)?;
    dict.set_item("aliases", info.aliases)?;
    dict.set_item("is_rowwise", f.is_rowwise())?;
    dict.set_item("formula", info.formula)?;
    dict.set_item("formula_latex", info.formula_latex)?;
    dict.set_item("derivative", info.derivative)?;
    dict.set_item("derivative_latex", info.derivative_latex)?;
    dict.set_item("parameters", each(py, info.parameters, parameter)?)?;
    dict.set_item("range", info.range)?;
    dict.set_item("smoothness", info.smoothness.to_string())?;
    dict.set_item("is_smooth", info.is_smooth())?;
    dict.set_item("kinks", info.kinks)?;
    dict.set_item("monotonic", info.monotonic)?;
    dict.set_item("zero_centred", info.zero_centred)?;
    dict.set_item("self_normalising", info.self_normalising)?;
    dict.set_item("saturates", info.saturates.to_string())?;
    dict.set_item("max_derivative", info.max_derivative)?;
    let gaussian = info.gaussian.map(|g| (g.mean, g.second_moment, g.derivative_second_moment));
    dict.set_item("gaussian", gaussian)?;
    dict.set_item("initialisation", info.initialisation.name())?;
    dict.set_item("uses", info.uses)?;
    dict.set_item("problems", info.problems)?;
    dict.set_item("source", info.source)?;
    dict.set_item("year", info.year)?;
    dict.set_item("frameworks", each(py, info.frameworks, framework)?)?;
    dict.set_item("known", info.known.to_vec())?;
    dict.set_item("known_rows", info.known_rows.to_vec())?;
    Ok(dict)
}

fn each<'py, T>(
    py: Python<'py>,
    items: &[T],
    item: impl Fn(&Bound<'py, PyDict>, &T) -> PyResult<()>,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let dict = |of| {
        let dict = PyDict::new(py);
        item(&dict, of).map(|()| dict)
    };
    items.iter().map(dict).collect()
}

fn parameter(dict: &Bound<'_, PyDict>, parameter: &Parameter) -> PyResult<()> {
    dict.set_item("name", parameter.name)?;
    dict.set_item("meaning", parameter.meaning)?;
    dict.set_item("default", parameter.default)?;
    let kind = match parameter.domain {
        Domain::Integer { .. } => "int",
        Domain::Flag => "bool",
        _ => "float",
    };
    dict.set_item("type", kind)?;
    dict.set_item("domain", parameter.domain.to_string())?;
    dict.set_item("learnable", parameter.learnable)
}

fn framework(dict: &Bound<'_, PyDict>, framework: &Framework) -> PyResult<()> {
    dict.set_item("convention", framework.convention.name())?;
    dict.set_item("names", framework.names)?;
    dict.set_item("sets", framework.sets)?;
    dict.set_item("renames", framework.renames)?;
    dict.set_item("note", framework.note)
}

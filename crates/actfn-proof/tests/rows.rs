//! Every function of rows against its reference, over the rows of the record.

use actfn::Activation;
use actfn_proof::record::{self, Row};
use actfn_proof::{Layout, Storage, accuracy, golden::Bits, rows};
use half::{bf16, f16};

#[test]
fn rows_are_as_close_as_promised_and_recorded() {
    let recorded: Vec<Row> = record::read(&record::path()).unwrap();
    let variants =
        ["glu(gate_first=1)", "swiglu(alpha=1.702, gate_first=0)", "geglu(approximate=1)", "maxout(num_pieces=5)"];
    let variants = variants.map(|text| text.parse::<Activation>().unwrap());
    let mut failures = Vec::new();
    for f in actfn::catalogue().filter(Activation::is_rowwise).chain(variants.clone()) {
        // The record has default parameters.
        let recorded = if variants.contains(&f) { &[][..] } else { &recorded };
        for of_gradient in [false, true] {
            for exact in [false, true] {
                failures.extend(check::<f32>(&f, of_gradient, exact, &f32::LAYOUT, "f32", recorded));
                failures.extend(check::<f16>(&f, of_gradient, exact, &f16::LAYOUT, "f16", recorded));
                failures.extend(check::<bf16>(&f, of_gradient, exact, &bf16::LAYOUT, "bf16", recorded));
            }
            failures.extend(check::<f64>(&f, of_gradient, false, &Layout::F64, "f64", recorded));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check<T: Bits>(
    f: &Activation,
    of_gradient: bool,
    exact: bool,
    layout: &Layout,
    format: &str,
    recorded: &[Row],
) -> Option<String> {
    let outcome = rows::run::<T>(f, of_gradient, exact, layout);
    let outcome = outcome.unwrap_or_else(|| panic!("`{f}` has no reference: write one in actfn-proof/src/rows.rs"));
    assert!(outcome.inputs > 10_000, "{f}: {} results", outcome.inputs);
    let (of, precision) = (if of_gradient { "derivative" } else { "value" }, if exact { "exact" } else { "default" });
    let same = |row: &&Row| {
        row.function == f.info().name && row.of == of && row.format == format && row.precision == precision
    };
    let recorded = recorded.iter().find(same).map_or(f64::INFINITY, |row| row.worst_ulp.unwrap_or(0.0));
    let limit = recorded.min(accuracy::rows_promised(of_gradient, exact, T::WIDTH));
    let worst = outcome.worst.filter(|worst| worst.ulps > limit)?;
    Some(format!("{f} {of} {format} {precision}: {worst:?}, at most {limit} was promised or recorded"))
}

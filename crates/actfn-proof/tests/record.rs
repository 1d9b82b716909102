//! The committed documents agree with each other and with the catalogue.

use actfn::{Activation, MaxUlp};
use actfn_proof::record::{self, Row};
use actfn_proof::{Reference, accuracy};

#[test]
fn accuracy_table_is_what_the_record_says() {
    let found = std::fs::read_to_string(accuracy::path()).unwrap();
    let expected = accuracy::document().unwrap();
    assert!(found == expected, "make it anew: cargo run --release -p actfn-proof -- accuracy");
}

#[test]
fn the_record_has_no_misrounding() {
    let rows: Vec<Row> = record::read(&record::path()).unwrap();
    for row in rows.iter().filter(|row| row.precision == "exact") {
        let name = format!("{} {} {}", row.function, row.of, row.format);
        if row.function.parse::<Activation>().is_ok_and(|f| f.is_rowwise()) {
            let promised = accuracy::rows_promised(row.of == "derivative", true, 32);
            assert!(row.worst_ulp.unwrap_or(0.0) <= promised, "{name}");
            continue;
        }
        assert_eq!(row.misrounded, Some(0), "{name}");
        let all = if row.format == "f32" { 1 << 32 } else { 1 << 16 };
        assert_eq!(row.inputs, all, "{name}");
    }
}

#[test]
fn every_function_has_its_reference() {
    for f in actfn::catalogue().filter(|f| !f.is_rowwise()) {
        assert!(Reference::of(&f).is_some(), "`{f}` has no reference: write one in actfn-proof/src/functions.rs");
    }
}

/// `Info` says what the record does.
#[test]
fn info_has_the_measured_errors() {
    let rows: Vec<Row> = record::read(&record::path()).unwrap();
    let mut wrong = Vec::new();
    for f in actfn::catalogue() {
        let worst = |of: &str, format: &str| {
            let same = |row: &&Row| {
                row.function == f.info().name && row.of == of && row.format == format && row.precision == "default"
            };
            let row = rows.iter().find(same)?;
            Some((row.worst_ulp.unwrap_or(0.0) * 100.0).ceil() / 100.0)
        };
        for (format, found) in [("f32", f.info().max_ulp), ("f64", f.info().max_ulp_f64)] {
            let [derivative, second_derivative] = ["derivative", "second_derivative"].map(|of| worst(of, format));
            let misses = |row: &Row| row.function == f.info().name && row.of == "derivative" && row.format == format;
            let derivative_misses_root = rows.iter().any(|row| misses(row) && row.allowance.is_some());
            let expected = worst("value", format).map(|value| MaxUlp {
                value,
                derivative,
                second_derivative,
                derivative_misses_root,
            });
            if found != expected {
                wrong.push(format!("{f} {format}: {found:?} is not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The README's table of times, of 262 144 numbers, is what the record that it names has, whose cells hold three sizes.
#[test]
fn readme_has_the_recorded_times() {
    let read = |path: &str| std::fs::read_to_string(record::root().join(path)).unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let tables = |text: &str| text.lines().filter(|line| line.starts_with('|')).map(cells).collect::<Vec<_>>();
    let record = tables(&read("benchmarks/record/2026-11-27-rust-intel-xeon-6-207.md"));
    let readme = read("README.md");
    let speed = readme.split("\n## ").find(|section| section.starts_with("Speed")).unwrap();
    assert!(speed.contains("benchmarks/record/2026-11-27-rust-intel-xeon-6-207.md"));
    let speed = tables(speed);
    assert!(speed.len() >= 10);
    for row in &speed[2..] {
        let recorded = record.iter().find(|recorded| recorded[0] == row[0]).unwrap();
        for (name, cell) in speed[0].iter().zip(row) {
            let column = record[0].iter().position(|column| column == name).unwrap();
            let recorded = &recorded[column];
            let middle = recorded.split(" / ").nth(1).unwrap_or(recorded);
            assert!(cell == recorded || cell == middle, "{name} of {}: {cell} is not {middle}", row[0]);
        }
    }
}

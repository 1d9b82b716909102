//! The committed documents agree with each other and with the catalogue.

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
        assert_eq!(row.misrounded, Some(0), "{} {} {}", row.function, row.of, row.format);
        let all = if row.format == "f32" { 1 << 32 } else { 1 << 16 };
        assert_eq!(row.inputs, all, "{} {} {}", row.function, row.of, row.format);
    }
}

#[test]
fn every_function_has_its_code_and_its_reference() {
    record::shared_code().unwrap();
    for f in actfn::catalogue().filter(|f| !f.is_rowwise()) {
        record::own_code(&f).unwrap();
        assert!(Reference::of(&f).is_some(), "`{f}` has no reference: write one in actfn-proof/src/functions.rs");
    }
}

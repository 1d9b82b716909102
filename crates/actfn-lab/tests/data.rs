//! Data files, good and bad.

use std::collections::HashSet;
use std::io::Write;

use actfn_lab::{Dataset, Error, Splits};
use flate2::Compression;
use flate2::write::GzEncoder;

fn read(text: &str, target: Option<&str>) -> Result<Dataset, Error> {
    Dataset::from_reader("f.csv", text.as_bytes(), target)
}

fn problem(text: &str, target: Option<&str>) -> String {
    read(text, target).unwrap_err().to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn reads_text_and_gzip_alike() {
    let text = "\u{feff}a,kind,\"b, c\"\n1,cat,2\n -3.5 ,dog,4e2\n\n5,cat,6\n";
    for bytes in [text.as_bytes().to_vec(), gzip(text)] {
        let data = Dataset::from_reader("f", &bytes[..], Some("kind")).unwrap();
        assert_eq!((data.rows(), data.features()), (3, 2));
        assert_eq!(data.classes(), ["cat", "dog"]);
        assert_eq!(data.row(1), [-3.5, 400.0]);
        assert_eq!((data.label(0), data.label(1), data.label(2)), (0, 1, 0));
    }
}

#[test]
fn the_target_is_the_last_column_unless_named() {
    let text = "a,b\n1,2\n3,4\n";
    assert_eq!(read(text, None).unwrap().classes(), ["2", "4"]);
    assert_eq!(read(text, Some("a")).unwrap().classes(), ["1", "3"]);
}

#[test]
fn numbered_classes_are_sorted_by_value() {
    assert_eq!(read("a,b\n1,10\n1,9\n1,-1\n", None).unwrap().classes(), ["-1", "9", "10"]);
    assert_eq!(read("a,b\n1,10\n1,9\n1,x\n", None).unwrap().classes(), ["10", "9", "x"]);
}

#[test]
fn bad_files_are_named_with_place_and_problem() {
    assert_eq!(problem("", None), "f.csv is empty: a line of column names is needed, then rows");
    assert_eq!(problem("a,b\n", None), "f.csv has a header line but no rows");
    assert_eq!(
        problem("a\n1\n", None),
        "f.csv has only the column `a`, which is the target: columns of numbers to learn from are needed"
    );
    assert_eq!(problem("a,b\n1,2\n", Some("c")), "f.csv has no column `c`; its columns are `a`, `b`");
    assert_eq!(problem("a,b,a\n1,2,3\n", Some("a")), "f.csv has more than one column `a`: rename one");
    let quotes = "correct the line; a field that holds a comma needs quotes";
    assert_eq!(
        problem("a,b\n1,2\n3\n", None),
        format!("f.csv, line 3: 1 field, but the header names 2 columns: {quotes}")
    );
    assert_eq!(
        problem("a,b\n1,2\n1,2,3\n", None),
        format!("f.csv, line 3: 3 fields, but the header names 2 columns: {quotes}")
    );
    let remedy = "correct it, or empty the cell and use --missing mean or --missing drop";
    assert_eq!(
        problem("a,b\n1,2\nx,2\n", None),
        format!("f.csv, line 3, column `a`: `x` is not a number, as the column's first cell is: {remedy}")
    );
    assert_eq!(
        problem("a,b\n1,2\n,2\n", None),
        "f.csv, line 3, column `a`: is empty: fill it in, or use --missing mean or --missing drop"
    );
    assert_eq!(
        problem("a,b\n1,2\n3,\n", None),
        "f.csv, line 3, column `b`: is empty: fill it in, or leave such rows out by --missing drop"
    );
    for text in ["NaN", "inf", "-Infinity", "1e39"] {
        let file = format!("a,b\n{text},2\n");
        assert_eq!(
            problem(&file, None),
            format!("f.csv, line 2, column `a`: `{text}` is not a finite 32-bit number: {remedy}")
        );
    }
    // A quoted field with a line break in it: the lines after it still count.
    let text = problem("a,b\n1,\"x\ny\"\n?,2\n", None);
    assert!(text.starts_with("f.csv, line 4, column `a`: `?` is not a number"), "{text}");
    // What stands in the first row makes the column one of texts.
    let text = problem(&("a,b\nNA,x\n".to_string() + &(0..300).map(|i| format!("{i},y\n")).collect::<String>()), None);
    assert!(text.contains("if it should hold numbers, correct cells such as `NA`, or empty them"), "{text}");
    let latin = Dataset::from_reader("f.csv", &b"a,b\n1,2\n3,caf\xe9\n"[..], None).unwrap_err().to_string();
    assert_eq!(latin, "f.csv, line 3, field 2: not UTF-8 text; save the file as UTF-8 CSV");
}

#[test]
fn a_cut_or_damaged_gzip_file_is_an_error() {
    let rows: String = (0..5000).map(|i| format!("{i},{}\n", i % 2)).collect();
    let whole = gzip(&format!("a,b\n{rows}"));
    let cut = Dataset::from_reader("f.gz", &whole[..whole.len() / 2], None).unwrap_err().to_string();
    assert!(
        cut.starts_with("f.gz, line ") && cut.ends_with("the compressed data ends here: the file is cut short"),
        "{cut}"
    );
    // Cut in its first bytes, and in the checksum at its end.
    for length in [5, whole.len() - 3] {
        assert!(Dataset::from_reader("f.gz", &whole[..length], None).is_err(), "{length} bytes");
    }
    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle..middle + 50].fill(0xff);
    assert!(Dataset::from_reader("f.gz", &damaged[..], None).is_err());
}

#[test]
fn a_missing_file_is_an_error() {
    let error = Dataset::from_path("no/such/file.csv", None).unwrap_err();
    assert_eq!(error.to_string(), "no/such/file.csv: no such file");
}

#[test]
fn classes_must_suffice_for_three_splits() {
    let one = read("a,b\n1,x\n2,x\n3,x\n", None).unwrap();
    assert_eq!(
        Splits::new(&one).unwrap_err().to_string(),
        "f.csv: all rows are of the class `x`: two classes or more are needed"
    );
    let few = read("a,b\n1,x\n2,x\n3,x\n4,y\n5,y\n", None).unwrap();
    assert_eq!(
        Splits::new(&few).unwrap_err().to_string(),
        "f.csv: the class `y` has 2 of the 5 rows, but needs 3 at least, to train on, to validate and to test; is the \
         target a column of classes?"
    );
}

#[test]
fn every_row_is_in_one_split_and_every_class_in_all() {
    // The first column numbers the rows; classes of 3, 10 and 100 rows.
    let rows: Vec<String> = (0..113)
        .map(|i| {
            format!(
                "{i},7,{}",
                if i < 3 {
                    "a"
                } else if i < 13 {
                    "b"
                } else {
                    "c"
                }
            )
        })
        .collect();
    let data = read(&format!("n,constant,class\n{}\n", rows.join("\n")), None).unwrap();
    let splits = Splits::new(&data).unwrap();
    assert_eq!((splits.train.rows(), splits.validation.rows(), splits.test.rows()), (67, 23, 23));

    let mut seen = HashSet::new();
    for split in [&splits.train, &splits.validation, &splits.test] {
        for class in 0..3 {
            assert!(split.labels().contains(&class));
        }
        for row in split.values.chunks(2) {
            assert!(seen.insert(row[0].to_bits()), "a row is in two splits");
            assert_eq!(row[1], 0.0, "a constant column tells nothing");
        }
    }
    assert_eq!(seen.len(), 113);

    let column: Vec<f64> = splits.train.values.chunks(2).map(|row| f64::from(row[0])).collect();
    let mean = column.iter().sum::<f64>() / 67.0;
    let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 67.0;
    assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "mean {mean}, variance {variance}");
    assert_eq!(splits.baseline(), 20.0 / 23.0);
}

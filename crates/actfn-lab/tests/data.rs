//! Data files, good and bad.

use std::collections::HashSet;
use std::io::Write;

use actfn_lab::{Dataset, Error, Missing, Source, Splits, Target, Task};
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
    let remedy = "separated by commas: correct the line (a field that holds the separator needs quotes), or name another \
                  separator (--delimiter)";
    assert_eq!(problem("a,b\n1,2\n3\n", None), format!("f.csv, line 3: 1 field, but the first line has 2, {remedy}"));
    assert_eq!(
        problem("a,b\n1,2\n1,2,3\n", None),
        format!("f.csv, line 3: 3 fields, but the first line has 2, {remedy}")
    );
    assert_eq!(
        problem("a,b\n1,2\n,2\n", None),
        "f.csv, line 3, column `a`: the value is missing: fill it in, or take the mean or leave out such rows (--missing \
         mean, --missing drop)"
    );
    for text in ["inf", "-Infinity", "1e39"] {
        let file = format!("a,b\n{text},2\n3,4\n");
        assert_eq!(
            problem(&file, None),
            format!(
                "f.csv, line 2, column `a`: `{text}` is not a finite 32-bit number: correct it, or say that it means a \
                 missing value (--na '{text}')"
            )
        );
    }
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
        "f.csv: the class `y` has 2 of the 5 rows, and 3 are needed, one each to train, to validate and to test: if the target \
         is a number and not a class, use --task regression"
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

/// What is understood of a text with these settings, and no task.
fn understood(text: &str, source: Source) -> Result<Dataset, Error> {
    Source { data: "f.csv".to_string(), ..source }.read_from(text.as_bytes(), None)
}

fn numbers(data: &Dataset) -> &[f64] {
    match data.target() {
        Target::Numbers(numbers) => numbers,
        Target::Classes { names, .. } => panic!("classes {names:?}"),
    }
}

#[test]
fn separators_are_found_out_or_said() {
    let rows = [["a", "b c", "kind"], ["1.5", "2", "cat"], ["3.5", "4", "dog"], ["5.5", "6", "cat"]];
    for (separator, name) in
        [(",", ""), (";", ", separated by semicolons"), ("\t", ", separated by tabs"), ("|", ", separated by bars")]
    {
        for end in ["\n", "\r\n"] {
            let text = rows.map(|row| row.join(separator) + end).concat();
            for begin in ["", "\u{feff}"] {
                let data = understood(&format!("{begin}{text}"), Source::default()).unwrap();
                assert_eq!(
                    (data.row(1), data.classes()),
                    (&[3.5, 4.0][..], &["cat", "dog"].map(String::from)[..]),
                    "{text:?}"
                );
                assert!(
                    data.summary().starts_with(&format!("f.csv: 3 rows{name}; 2 features; target `kind`: 2 classes")),
                    "{}",
                    data.summary()
                );
            }
        }
        // With the separator said, others are text.
        let text = format!("a;b,c{separator}x\n\"1\"{separator}p\n2{separator}q\n");
        let source = Source { delimiter: separator.chars().next(), ..Source::default() };
        match separator {
            "\t" | "|" => assert_eq!(understood(&text, source).unwrap().columns()[0].name, "a;b,c"),
            _ => assert!(understood(&text, source).is_err(), "{text}"),
        }
    }
    // Excel's line that says it, which is a line of the file.
    let text = "sep=;\r\na,1;b\r\n1;x\r\n2;y\r\n";
    assert_eq!(understood(text, Source::default()).unwrap().columns()[0].name, "a,1");
    assert!(understood("sep=;\na;b\n1;x\ninf;y\n", Source::default()).unwrap_err().to_string().contains("line 4"));
    // Commas in names and in numbers are no separators, if as many numbers would fall apart.
    let text = "Size, cm;Weight, kg;kind\n180,5;70,2;x\n170,5;60,0;y\n";
    let data = understood(text, Source::default()).unwrap();
    assert_eq!((data.row(0), data.features()), (&[180.5, 70.2][..], 2));
    // A separator in quotes is text.
    let data = understood("a,b\n\"1;2;3\",x\n\"4;5\",y\n\"4;5\",y\n", Source::default()).unwrap();
    assert_eq!(data.columns()[0].categories.as_ref().unwrap(), &["1;2;3", "4;5"]);
    for wrong in ['é', 'a', '\n'] {
        let error = understood("a,b\n1,2\n", Source { delimiter: Some(wrong), ..Source::default() }).unwrap_err();
        assert!(error.to_string().contains("one ASCII character is needed"), "{error}");
    }
    assert!(problem("a\n1\n", None).starts_with("f.csv has only the column `a`"));
    let utf16: Vec<u8> = "\u{feff}a,b".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = Dataset::from_reader("f.csv", &utf16[..], None).unwrap_err().to_string();
    assert_eq!(error, "f.csv: is UTF-16 text: save it as UTF-8 CSV");
}

#[test]
fn commas_in_numbers_are_decimals_or_thousands_and_said() {
    for (text, first, said) in [
        ("a;b;y\n1,5;2,25;p\n-0,5;1;q\n", [1.5, 2.25], ", with decimal commas"),
        ("a\tb\ty\n1,5\t2,25\tp\n-0,5\t1\tq\n", [1.5, 2.25], ", with decimal commas"),
        ("a,b,y\n\"1,5\",2,p\n\"2,5\",3,q\n", [1.5, 2.0], ", with decimal commas"),
        // One column leaves no doubt about the other.
        ("a;b;y\n1.234;0,5;p\n5.678;1;q\n", [1234.0, 0.5], ", with decimal commas"),
        ("a;b;y\n1.234;0.5;p\n5.678;1;q\n", [1.234, 0.5], ""),
        ("a;b;y\n1.234;1;p\n5.678;1;q\n", [1.234, 1.0], ""),
        ("a;b;y\n1,234;1;p\n5,678;1;q\n", [1.234, 1.0], ", with decimal commas"),
        ("a\tb\ty\n1,234\t1\tp\n5,678\t1\tq\n", [1234.0, 1.0], ", with commas between thousands"),
        ("a,b,y\n\"1,234\",1,p\n\"5,678\",1,q\n", [1234.0, 1.0], ", with commas between thousands"),
        ("a;b;y\n1.234.567,5;1 000;p\n1;2;q\n", [1_234_567.5, 1000.0], ", with decimal commas"),
        ("a,b,y\n12 %,$5,p\n7 %,$6,q\n", [12.0, 5.0], ""),
    ] {
        let data = understood(text, Source::default()).unwrap();
        assert_eq!(data.row(0), first, "{text:?}");
        let line = data.summary().split(';').next().unwrap();
        assert!(
            line.ends_with(if said.is_empty() { line } else { said }) && line.contains("with") != said.is_empty(),
            "{line}"
        );
    }
    // Targets too.
    let rows: String = (0..12).map(|i| format!("{i};{i},5\n")).collect();
    assert_eq!(numbers(&understood(&format!("a;y\n{rows}"), Source::default()).unwrap())[3], 3.5);
    let error = problem("a,y\n5 %,p\n6,q\n7,q\n", None);
    assert!(error.contains("column `a`: has a unit such as % or $ in some cells"), "{error}");
}

#[test]
fn words_for_missing_values_are_missing_wherever_they_stand() {
    let mean = || Source { missing: Some(Missing::Mean), ..Source::default() };
    for word in ["", "NA", "na", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "none", "#N/A"] {
        // In the first cell of a column of numbers or text, and in the target.
        let text = format!("a,b,y\n{word},{word},0\n2,red,1\n3,blue,{word}\n4,red,0\n");
        let data = understood(&text, mean()).unwrap();
        assert_eq!((data.rows(), data.classes().len()), (3, 2), "{word}");
        assert!(data.row(0)[0].is_nan(), "{word}");
        assert!(data.summary().contains("Left out: 1 row without a target."), "{}", data.summary());
        // Words that may be categories are, in columns of text.
        let categories = data.columns()[1].categories.as_ref().unwrap();
        assert_eq!(categories.len(), if ["-", "none"].contains(&word) { 2 } else { 1 }, "{word}: {categories:?}");
        let error = understood(&text, Source::default()).unwrap_err().to_string();
        assert!(error.starts_with("f.csv, line 2, column `a`: the value is missing"), "{error}");
    }
    // As the results of tests.
    assert_eq!(read("a,y\n1,+\n2,-\n3,+\n", None).unwrap().classes(), ["+", "-"]);
    let na = || Source { na: vec!["unknown".into(), "-9".into()], missing: Some(Missing::Drop), ..Source::default() };
    let data = understood("a,b,y\nunknown,1,0\n2,-9,1\n3,4,unknown\n4,5,1\n", na()).unwrap();
    assert_eq!((data.rows(), data.row(0)), (1, &[4.0, 5.0][..]));
    assert!(
        data.summary().ends_with("Left out: 1 row without a target. Left out: 2 rows with missing values."),
        "{}",
        data.summary()
    );
    // Text as it stands, if so asked for.
    let text = Source { text: vec!["b".into()], ..Source::default() };
    let data = understood("a,b,y\n1,NA,0\n2,7,1\n3,NA,0\n", text).unwrap();
    assert_eq!(data.columns()[1].categories.as_ref().unwrap(), &["7", "NA"]);
    assert!(problem("a,y\n1,NA\n2,\n", None).contains("has no value of the target `y` in any row"));
}

#[test]
fn a_column_is_what_most_of_its_cells_are() {
    let rows = |odd: &[(usize, &str)]| -> String {
        let cell = |i: usize| odd.iter().find(|(row, _)| *row == i).map_or(i.to_string(), |(_, text)| text.to_string());
        (0..50).map(|i| format!("{},{}\n", cell(i), ["p", "q"][i % 2])).collect()
    };
    let remedy = |word: &str| {
        format!(
            "correct it, or say that it means a missing value (--na '{word}'), or that the column is text (--text 'a')"
        )
    };
    // The first cell counts no more than others.
    assert_eq!(
        problem(&("a,y\n".to_string() + &rows(&[(0, "two")])), None),
        format!(
            "f.csv, line 2, column `a`: `two` is not a number, but 49 of the column's 50 cells are: {}",
            remedy("two")
        )
    );
    let odd = [(0, "two"), (7, "NA"), (10, "x\x1b[2J"), (11, "y"), (12, "z")];
    assert_eq!(
        problem(&("a,y\n".to_string() + &rows(&odd)), None),
        format!(
            "f.csv, line 2, column `a`: `two` is not a number, nor `x\u{fffd}[2J` on line 12, nor `y` on line 13 and 1 more, but \
             45 of the column's 50 cells are: {}",
            remedy("two")
        )
    );
    // Decimal commas and points in one column.
    let mixed: String = (0..20).map(|i| format!("{i},5;p\n{i}.5;q\n")).collect();
    let error = problem(&format!("a;y\n{mixed}"), None);
    assert!(error.starts_with("f.csv, line 2, column `a`: `0,5` is not a number, nor `1,5` on line 4, nor"), "{error}");
    // A quoted field with a line break in it: the lines after it still count.
    let text = problem("a,b\n1,\"x\ny\"\nlong,2\n3,4\n", None);
    assert!(text.starts_with("f.csv, line 4, column `a`: `long` is not a number"), "{text}");
    let data = understood("a,y\nred,0\n1,1\nred,0\n1,1\n", Source::default()).unwrap();
    assert_eq!(data.columns()[0].categories.as_ref().unwrap(), &["1", "red"]);
    let names: String = (0..300).map(|i| format!("name {i},y\n")).collect();
    assert!(problem(&format!("a,b\n{names}"), None).ends_with("leave the column out (--drop 'a')"));
    let data = understood(
        &format!("a,b,y\n{}", "x,1,0\ny,2,1\n".repeat(5)),
        Source { drop: vec!["a".into()], ..Source::default() },
    );
    assert_eq!(data.unwrap().columns().len(), 1);
    for (drop, problem) in [("z", "has no column `z` (--drop)"), ("y", "the column `y` is the target")] {
        let source = Source { drop: vec![drop.into()], target: Some("y".into()), ..Source::default() };
        assert!(understood("a,y\n1,0\n2,1\n", source).unwrap_err().to_string().contains(problem));
    }
}

#[test]
fn dates_are_refused() {
    for date in ["2024-01", "2024-01-31", "31.01.2024", "1/31/2024", "2024-01-31T10:00:00Z", "09:30", "31 Jan 2024"] {
        let text = format!("when,y\n{date},0\nNA,1\n{date},0\n");
        let error = problem(&text, None);
        assert!(error.starts_with(&format!("f.csv, column `when`: holds dates, such as `{date}`")), "{error}");
        assert!(error.contains("days since the first date") && error.contains("--drop 'when'"), "{error}");
        assert!(problem(&text, Some("when")).contains("holds dates"), "as a target, too");
        let source = Source { text: vec!["when".into()], ..Source::default() };
        assert!(understood(&text, source).is_ok(), "unless they are said to be text");
    }
}

#[test]
fn a_file_without_names_is_noticed() {
    let without = [
        "0.5,1\n1.5,0\n2.5,1\n",
        "5,1,red\n6,0,blue\n7,1,red\n",
        "5,7,red\n6,0,blue\n7,1,red\n",
        "red,small\nblue,big\nred,small\n",
        "5.1;3.5;setosa\n4.9;3.0;other\n",
    ];
    for text in without {
        let error = understood(text, Source::default()).unwrap_err().to_string();
        assert!(
            error.contains("begins with what looks like a row") && error.contains("--no-header"),
            "{text:?}: {error}"
        );
        let data = understood(text, Source { no_header: true, ..Source::default() }).unwrap();
        assert_eq!(data.rows(), text.lines().count());
        assert_eq!(data.columns()[0].name, "column_1");
        assert!(data.summary().contains("no line of names"), "{}", data.summary());
    }
    for text in [
        "0,1,2\n5,6,0\n7,8,1\n",
        "2019,2020,y\n5,6,0\n7,8,1\n",
        "a,b\nred,small\nblue,big\n",
        ",a,y\n0,5.5,1\n1,6.5,0\n",
    ] {
        let data = understood(text, Source::default()).unwrap();
        assert_eq!(data.rows(), 2, "{text:?}");
    }
    // What has no name is numbered, and a break in a name is a space.
    let data = understood(",\"a\nb\",y\n0,5.5,1\n1,6.5,0\n", Source::default()).unwrap();
    assert_eq!(data.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["column_1", "a b"]);
}

#[test]
fn classes_and_numbers_are_distinguished_and_why_is_said() {
    let file = |name: &str, value: &dyn Fn(usize) -> String| {
        let rows: String = (0..60).map(|i| format!("{},{}\n", i % 7, value(i))).collect();
        understood(&format!("x,{name}\n{rows}"), Source::default()).unwrap()
    };
    for (data, task, why) in [
        (
            file("y", &|i| (i % 10).to_string()),
            Task::Classification,
            "10 classes (`0`, `1`, `2`, `3`, …), since it holds 10 different whole numbers (--task regression",
        ),
        (
            file("y", &|i| (i % 2).to_string()),
            Task::Classification,
            "2 classes (`0`, `1`), since it holds 2 different whole numbers.",
        ),
        (file("y", &|i| ["no", "yes"][i % 2].to_string()), Task::Classification, "since it is text."),
        (file("y", &|i| (i % 30).to_string()), Task::Regression, "numbers, since it holds 30 different numbers"),
        (
            file("y", &|i| (0.5 * (i % 3) as f64).to_string()),
            Task::Regression,
            "numbers, since it holds fractions such as 0.5",
        ),
        (file("y", &|i| (20 + i % 15).to_string()), Task::Regression, "15 different numbers from 20 to 34"),
        (file("Age", &|i| (i % 5).to_string()), Task::Regression, "numbers, since age is a quantity"),
        (file("sale_price", &|i| (i % 5).to_string()), Task::Regression, "numbers, since price is a quantity"),
        (file("image", &|i| (i % 5).to_string()), Task::Classification, "5 classes"),
    ] {
        assert_eq!(data.task(), task, "{}", data.summary());
        assert!(data.summary().contains(why), "{}", data.summary());
    }
    let forced = Source::named("iris").read(Some(Task::Classification)).unwrap();
    assert!(forced.summary().ends_with("(`setosa`, `versicolor`, `virginica`)."), "{}", forced.summary());
    // Many numbers with an exception are no classes.
    let rows: String =
        (0..60).map(|i| format!("{i},{}\n", if i == 9 { "unknown".to_string() } else { i.to_string() })).collect();
    let error = understood(&format!("x,y\n{rows}"), Source::default()).unwrap_err().to_string();
    assert!(
        error.contains("line 11, column `y`: `unknown` is not a number, but 59 of 60 values of the target are"),
        "{error}"
    );
    let counts: String = (0..20).map(|i| format!("{i},{},{}\n", i % 3, i % 2)).collect();
    let data = understood(&format!("id,x,y\n{counts}"), Source::default()).unwrap();
    assert!(data.summary().ends_with("`id` only counts the rows: --drop id leaves it out."), "{}", data.summary());
}

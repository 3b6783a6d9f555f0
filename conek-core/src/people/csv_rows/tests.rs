//! What the reader promises, tried on files that people and enemies make.

use std::io;

use proptest::prelude::*;

use super::*;

type Seen = (Vec<(i64, Vec<String>)>, Vec<RowError>);

fn read(file: impl Read) -> Seen {
    let mut rows = CsvRows::open(file).unwrap();
    let (mut row, mut good, mut bad) = (Row::default(), Vec::new(), Vec::new());
    while let Some(result) = rows.next_row(&mut row) {
        match result {
            Ok(()) => good.push((row.number(), (0..row.len()).map(|i| row.get(i).to_owned()).collect())),
            Err(error) => {
                assert!(row.is_empty());
                bad.push(error);
            }
        }
        let held = rows.buffer.capacity()
            + row.text.capacity()
            + row.cells.capacity() * 16
            + rows.fields.capacity() * 24;
        assert!(held < 400 * 1024, "{held} bytes");
    }
    rows.finish().unwrap();
    (good, bad)
}

fn rows(file: &str) -> Vec<(i64, Vec<String>)> {
    let (good, bad) = read(file.as_bytes());
    assert_eq!(bad, []);
    good
}

fn header_error(file: &[u8]) -> String {
    CsvRows::open(file).unwrap_err().to_string()
}

fn cells(row: &[&str]) -> Vec<String> {
    row.iter().map(|cell| (*cell).to_owned()).collect()
}

#[test]
fn every_delimiter_line_end_and_byte_order_mark_reads_alike() {
    for delimiter in [",", ";", "\t", "|"] {
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let file = ["phone,name", "+27832885137,Thabo", "", "+27832885138,Zoë"]
                    .join(end)
                    .replace(',', delimiter);
                let file = format!("{mark}{file}");
                let csv = CsvRows::open(file.as_bytes()).unwrap();
                assert_eq!(csv.header(), ["phone", "name"]);
                assert_eq!(csv.delimiter().to_string(), delimiter);
                let expected =
                    vec![(2, cells(&["+27832885137", "Thabo"])), (4, cells(&["+27832885138", "Zoë"]))];
                assert_eq!(rows(&file), expected, "{file:?}");
                assert_eq!(rows(&format!("{file}{end}")), expected);
            }
        }
    }
}

#[test]
fn quoted_cells_hold_quotes_delimiters_and_line_breaks() {
    let file = "a,b\n\"x \"\"y\"\"\",\"1,\n2\"\n\"\",\"z\" \n =1+1, \"@p, q\"\n";
    assert_eq!(
        rows(file),
        [(2, cells(&["x \"y\"", "1,\n2"])), (4, cells(&["", "z"])), (5, cells(&[" =1+1", "@p, q"]))]
    );
}

#[test]
fn a_quote_inside_an_unquoted_cell_is_a_character() {
    assert_eq!(rows("a,b\n5\" pipe,O\"Neill\n"), [(2, cells(&["5\" pipe", "O\"Neill"]))]);
}

#[test]
fn short_rows_have_empty_cells_and_empty_rows_do_not_count() {
    let file = "a,b,c,,\n1,2\n,,,,\n  \n1,2,3,,\n";
    let mut csv = CsvRows::open(file.as_bytes()).unwrap();
    assert_eq!(csv.header(), ["a", "b", "c"]);
    let mut row = Row::default();
    csv.next_row(&mut row).unwrap().unwrap();
    assert_eq!((row.number(), row.get(1), row.get(2), row.get(99)), (2, "2", "", ""));
    csv.next_row(&mut row).unwrap().unwrap();
    assert_eq!((row.number(), row.get(2)), (5, "3"));
    assert_eq!(csv.next_row(&mut row), None);
    assert_eq!(csv.bytes_read(), file.len() as u64);
}

#[test]
fn excels_separator_line_is_obeyed() {
    let csv = CsvRows::open("sep=;\r\na,b;c\r\n".as_bytes()).unwrap();
    assert_eq!(csv.header(), ["a,b", "c"]);
    assert_eq!(rows("sep=;\na;b\n1;2\n"), [(3, cells(&["1", "2"]))]);
}

#[test]
fn a_file_that_is_not_utf8_text_is_refused_with_advice() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for file in [utf16("\u{feff}phone,name\n"), utf16("phone,name\n"), b"PK\x03\x04rest".to_vec()] {
        assert!(header_error(&file).contains("CSV UTF-8"));
    }
    assert!(header_error(b"phone,na\xefve\n1,2\n").contains("CSV UTF-8"));
}

#[test]
fn a_nul_byte_costs_its_own_row_only() {
    for (file, number, column) in [
        (&b"a,b\n1,x\x002\n3,y\n"[..], 2, "b"),
        (b"a,b\n\0,x\n3,y\n", 2, "a"),
        (b"a,b\n3,y\n\0\0\0\0\n", 3, "a"),
        (b"a,b\n\"1\0\",\"x\"\"\"\n3,y\n", 2, "a"),
    ] {
        let (good, bad) = read(file);
        assert_eq!(good.iter().map(|row| &row.1).collect::<Vec<_>>(), [&cells(&["3", "y"])]);
        assert_eq!((bad.len(), bad[0].row, bad[0].column.as_deref()), (1, number, Some(column)));
        assert!(bad[0].detail.contains("NUL"), "{}", bad[0].detail);
    }
    // UTF-16 without its mark is still told as such, also behind empty lines.
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    assert!(header_error(&utf16("\n\nphone,name\n1,2\n")).contains("UTF-16"));
}

#[test]
fn a_comma_in_a_column_name_is_not_taken_for_the_delimiter() {
    for (header, delimiter, columns) in [
        ("phone;name, first", ';', 2),
        ("phone;name, first;town, province", ';', 3),
        ("phone; name; town", ';', 3),
        ("phone, name", ',', 2),
        ("phone,name; first", ',', 2),
        ("phone", ',', 1),
    ] {
        let file = format!("{header}\n");
        let csv = CsvRows::open(file.as_bytes()).unwrap();
        assert_eq!((csv.delimiter(), csv.header().len()), (delimiter, columns), "{header}");
    }
}

#[test]
fn a_header_that_is_missing_or_ambiguous_is_refused() {
    for file in ["", "\n\n  \n", "+27832885137,Thabo\n", "Thabo,t@example.com\n"] {
        assert!(header_error(file.as_bytes()).contains("no header"), "{file:?}");
    }
    assert!(header_error(b"phone,,name\n").contains("column 2 has no name"));
    assert!(header_error(b"Phone,name,phone \n").contains("columns 1 and 3"));
    assert!(header_error(b"phone,\"name\n1,2\n").contains("quote"));
    assert!(header_error(&vec![b','; 70_000]).contains("64 kB"));
}

#[test]
fn an_unclosed_quote_costs_its_own_row_only() {
    let (good, bad) = read("a,b\n1,\"x\n2,y\n3,\"z\"\n4,\"\n5,w\n".as_bytes());
    let numbers: Vec<i64> = good.iter().map(|row| row.0).collect();
    assert_eq!(numbers, [3, 4, 6]);
    assert_eq!(
        bad.iter().map(|e| (e.row, e.column.as_deref())).collect::<Vec<_>>(),
        [(2, Some("b")), (5, Some("b"))]
    );
}

#[test]
fn an_unclosed_quote_before_a_long_rest_costs_its_own_row_only() {
    let mut file = "a,b\n1,\"x\n".to_owned();
    for number in 0..20_000 {
        file.push_str(&format!("{number},some text without any quote\n"));
    }
    let (good, bad) = read(file.as_bytes());
    assert_eq!((good.len(), bad.len(), bad[0].row), (20_000, 1, 2));
    assert_eq!(good[0].0, 3);
}

#[test]
fn bytes_that_are_no_utf8_name_row_and_column() {
    let (good, bad) = read(&b"a,b\n1,x\n2,Zo\xeb\n3,y\n"[..]);
    assert_eq!(good.len(), 2);
    assert_eq!((bad[0].row, bad[0].column.as_deref()), (3, Some("b")));
    assert!(bad[0].detail.contains("UTF-8"));
}

#[test]
fn what_is_too_long_is_named_and_passed_over() {
    let field = "f".repeat(FIELD_MAX + 1);
    let lines = format!("\"{}\"", "l\n".repeat(FIELD_MAX));
    let file = format!(
        "a,b\n1,{field}\n2,ok\n{}\n3,ok\n{}\n4,ok\n5,{lines}\n6,ok\n7,x,surplus\n8,ok",
        ",".repeat(300),
        "r".repeat(RECORD_MAX + 1),
    );
    let (good, bad) = read(file.as_bytes());
    let first: Vec<&str> = good.iter().map(|row| row.1[0].as_str()).collect();
    assert_eq!(first, ["2", "3", "4", "6", "8"]);
    let named: Vec<_> = bad.iter().map(|e| (e.row, e.column.as_deref())).collect();
    let after = 8 + FIELD_MAX as i64;
    assert_eq!(named, [(2, Some("b")), (4, None), (6, None), (8, Some("b")), (after + 2, None)]);
}

#[test]
fn a_record_may_be_exactly_as_long_as_the_limit() {
    let eight = "x".repeat(FIELD_MAX - 1);
    let record = [eight.as_str(); 8].join(",") + "y";
    assert_eq!(record.len(), RECORD_MAX);
    let header = "a,b,c,d,e,f,g,h";
    for end in ["", "\n", "\r\n", "\r"] {
        assert_eq!(rows(&format!("{header}\n{record}{end}")).len(), 1, "{end:?}");
    }
    let (good, bad) = read(format!("{header}\n{record}y\n1\n").as_bytes());
    assert_eq!((good.len(), bad.len()), (1, 1));
}

#[test]
fn a_hundred_megabytes_of_commas_are_one_error() {
    let file = b"a,b\n".chain(io::repeat(b',').take(100 << 20)).chain(&b"\n1,2\n"[..]);
    let (good, bad) = read(file);
    assert_eq!(good, [(3, cells(&["1", "2"]))]);
    assert_eq!(bad.iter().map(|e| e.row).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_reader_that_fails_does_not_look_like_the_end() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("secret path"))
        }
    }
    assert!(CsvRows::open(Fails).is_err());
    let start = format!("a\n{}", "1\n".repeat(WINDOW));
    let mut csv = CsvRows::open(start.as_bytes().chain(Fails)).unwrap();
    let (mut row, mut failed) = (Row::default(), None);
    while let Some(result) = csv.next_row(&mut row) {
        failed = result.err();
    }
    assert!(failed.unwrap().detail.contains("could not be read"));
    assert!(!csv.finish().unwrap_err().to_string().contains("secret"));
}

#[test]
fn too_many_rows_are_said_and_not_read() {
    let mut csv = CsvRows::open(b"a\n".chain(io::repeat(b'1').take(0)).chain(Endless)).unwrap();
    csv.rows = ROWS_MAX - 1;
    let mut row = Row::default();
    assert_eq!(csv.next_row(&mut row), Some(Ok(())));
    assert!(csv.next_row(&mut row).unwrap().is_err());
    assert_eq!(csv.next_row(&mut row), None);
    assert!(csv.finish().is_err());
}

struct Endless;
impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len() & !1;
        out[..len].chunks_exact_mut(2).for_each(|pair| pair.copy_from_slice(b"1\n"));
        Ok(len)
    }
}

#[test]
fn neither_errors_nor_debug_show_a_cell() {
    let (_, bad) = read("phone,name\n0832885137,\"Thabo\"x\n0832885137,Thabo,y\n".as_bytes());
    let shown = format!("{bad:?}");
    assert!(bad.len() == 2 && !shown.contains("Thabo") && !shown.contains("0832885137"), "{shown}");
    let mut csv = CsvRows::open("phone\n0832885137\n".as_bytes()).unwrap();
    let mut row = Row::default();
    csv.next_row(&mut row).unwrap().unwrap();
    assert!(!format!("{csv:?}{row:?}").contains("083"));
}

#[test]
fn no_cell_we_write_is_a_formula() {
    for text in ["=1", "+27", "-1", "@x", "\tx", "\rx", "\nx", "＝1"] {
        assert_eq!(safe_cell(text), format!("'{text}"));
    }
    for text in ["", "Thabo", "1+1", "a=b", "'=1"] {
        assert_eq!(safe_cell(text), text);
    }
}

/// One line or more of a file, and its cells if it is good.
#[derive(Debug, Clone)]
struct Piece {
    bytes: Vec<u8>,
    cells: Option<Vec<String>>,
}

fn good() -> impl Strategy<Value = Piece> {
    let cell = prop_oneof![
        "[a-zé0-9 ]{0,12}".prop_map(|text| (text.clone(), text)),
        // What begins like the end of a quoted cell cannot be told from one.
        "[a-z][a-zé\",\n ]{0,12}".prop_map(|text| (format!("\"{}\"", text.replace('"', "\"\"")), text)),
    ];
    (1u32..1_000_000, prop::collection::vec(cell, 2)).prop_map(|(id, cells)| {
        let id = format!("{id}");
        Piece {
            bytes: format!("{id},{},{}", cells[0].0, cells[1].0).into_bytes(),
            cells: Some(vec![id, cells[0].1.clone(), cells[1].1.clone()]),
        }
    })
}

fn bad() -> impl Strategy<Value = Piece> {
    prop_oneof![
        Just(b"1,\"never closed,x".to_vec()),
        Just(b"1,\"closed\"early,x".to_vec()),
        Just(b"1,Zo\xeb,x".to_vec()),
        Just(b"1,2,3,4".to_vec()),
        Just(vec![b','; 500]),
        Just([b"1,", vec![b'x'; FIELD_MAX + 1].as_slice()].concat()),
        Just(vec![b'y'; RECORD_MAX + 9]),
    ]
    .prop_map(|bytes| Piece { bytes, cells: None })
}

/// Gives a few bytes at a time.
struct Drips<'a>(&'a [u8], usize);
impl Read for Drips<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(self.1).min(out.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_good_row_is_lost_around_bad_ones(
        pieces in prop::collection::vec(prop_oneof![4 => good(), 1 => bad()], 0..60),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut file = format!("id,first,last{end}").into_bytes();
        let (mut line, mut expected, mut wrong) = (2, Vec::new(), Vec::new());
        for piece in pieces {
            file.extend(&piece.bytes);
            file.extend(end.as_bytes());
            match piece.cells {
                Some(cells) => expected.push((line, cells)),
                None => wrong.push(line),
            }
            line += 1 + count_lines(&piece.bytes);
        }
        let (good, bad) = read(&file[..]);
        prop_assert_eq!(good, expected);
        prop_assert_eq!(bad.iter().map(|error| error.row).collect::<Vec<_>>(), wrong);
    }

    #[test]
    fn any_bytes_end_in_rows_and_errors_however_they_arrive(
        bytes in prop::collection::vec(
            prop_oneof![prop::sample::select(b"\",;\t|\r\n a1=\xff\x00".to_vec()), any::<u8>()], 0..3000),
        drip in 1usize..200,
    ) {
        let file = [b"id,first,last\n", bytes.as_slice()].concat();
        if CsvRows::open(&file[..]).is_ok() {
            let whole = read(&file[..]);
            let mut numbers: Vec<i64> =
                whole.0.iter().map(|row| row.0).chain(whole.1.iter().map(|error| error.row)).collect();
            numbers.sort_unstable();
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a line is told twice");
            prop_assert_eq!(read(Drips(&file, drip)), whole);
        }
        let _ = CsvRows::open(&bytes[..]).map(|mut rows| {
            let mut row = Row::default();
            while rows.next_row(&mut row).is_some() {}
        });
    }
}

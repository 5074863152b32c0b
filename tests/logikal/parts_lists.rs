//! What is read from parts lists, and of which elevation.

use rust_decimal::Decimal;
use sluice_server::jobs::project_sync::parts_list::{
    self, FoundBy, Line, LineKind, PartsList, PartsListError, Sought,
};
use sluice_tests::logikal::PartsFile;
use uuid::Uuid;

const FIRST: Uuid = Uuid::from_u128(0xa1);
const SECOND: Uuid = Uuid::from_u128(0xa2);

fn read(file: &PartsFile, id: Uuid, name: &str) -> Result<PartsList, PartsListError> {
    parts_list::read(&file.bytes(), Sought { id, name })
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn of(list: &PartsList, kind: LineKind) -> Vec<&Line> {
    list.lines.iter().filter(|line| line.kind == kind).collect()
}

fn measured(measure: Option<&parts_list::Measure>) -> String {
    measure.map_or_else(String::new, |measure| {
        format!("{} {}", measure.value, measure.unit)
    })
}

#[test]
fn each_figure_comes_with_its_unit() {
    let list = read(&PartsFile::of(FIRST, "P1"), FIRST, "P1").unwrap();
    assert_eq!(list.found_by, FoundBy::Guid);
    assert_eq!(list.element.width_mm, Some(number("1201")));
    assert_eq!(list.element.area_m2, Some(number("1.8")));
    assert_eq!(list.element.system_name, "MB-86 SI");
    let glass = of(&list, LineKind::Glass);
    assert_eq!(glass.len(), 2);
    assert_eq!(measured(glass[0].width.as_ref()), "0.5 m");
    assert_eq!(measured(glass[0].height.as_ref()), "1.2 m");
    assert_eq!(glass[1].insertion, Some(2));
    assert_eq!(glass[0].price, Some(number("63.25")));
    let profiles = of(&list, LineKind::Profile);
    assert_eq!(profiles.len(), 4);
    assert_eq!(measured(profiles[0].length.as_ref()), "1.455 m");
    assert_eq!(
        measured(of(&list, LineKind::Article)[0].amount.as_ref()),
        "5.8 M"
    );
    assert_eq!(of(&list, LineKind::Labour)[0].minutes, Some(number("42.5")));
    assert_eq!(of(&list, LineKind::Price)[0].price, Some(number("1234.56")));
    assert_eq!(list.remarks, []);
}

#[test]
fn numbers_with_a_comma_say_the_same() {
    let plain = read(&PartsFile::of(FIRST, "P1"), FIRST, "P1").unwrap();
    let commas = read(&PartsFile::of(FIRST, "P1").with_commas(), FIRST, "P1").unwrap();
    assert_eq!(plain.lines, commas.lines);
}

#[test]
fn an_elevation_gets_its_own_lines_only() {
    let file = PartsFile::of(FIRST, "P1").and(SECOND, "P10");
    for (id, name) in [(FIRST, "P1"), (SECOND, "P10")] {
        let list = read(&file, id, name).unwrap();
        assert_eq!((list.elevations, list.lines.len()), (2, 10));
        let glass = of(&list, LineKind::Glass);
        assert!(
            glass
                .iter()
                .all(|line| line.name == format!("HR++ of {name}"))
        );
    }
}

#[test]
fn a_name_counts_only_as_a_whole_and_only_without_the_key() {
    let file = PartsFile::of(FIRST, "P10").and(SECOND, "P1");
    let stranger = Uuid::from_u128(0xbb);
    let by_name = read(&file, stranger, "P1").unwrap();
    assert_eq!(by_name.found_by, FoundBy::Name);
    assert_eq!(of(&by_name, LineKind::Glass)[0].name, "HR++ of P1");
    // The key counts before the name.
    let by_key = read(&file, FIRST, "P1").unwrap();
    assert_eq!(of(&by_key, LineKind::Glass)[0].name, "HR++ of P10");
    let only = read(&PartsFile::of(FIRST, "P10"), stranger, "P1").unwrap();
    assert_eq!(only.found_by, FoundBy::OnlyRow);
    for name in ["P", "p1", "P1 0", ""] {
        let error = read(&file, stranger, name).unwrap_err();
        assert_eq!(error.code(), "parts_list_ambiguous", "{name}");
    }
    let twins = PartsFile::of(FIRST, "P1").and(SECOND, "P1");
    assert!(read(&twins, stranger, "P1").is_err());
}

#[test]
fn what_is_missing_or_unknown_is_told() {
    let file = PartsFile::of(FIRST, "P1")
        .without("Profiles")
        .and_then("create table Weather (Rain text); alter table Glass add column Taste text;");
    let list = read(&file, FIRST, "P1").unwrap();
    assert_eq!(of(&list, LineKind::Profile).len(), 0);
    assert_eq!(of(&list, LineKind::Glass).len(), 2);
    let told: Vec<&str> = list
        .remarks
        .iter()
        .map(|remark| remark.message.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "the table Glass has unknown columns: Taste",
            "the file has unknown tables: Weather",
            "the file has no table Profiles",
        ]
    );
    let none = read(
        &PartsFile::of(FIRST, "P1").without("Elevations"),
        FIRST,
        "P1",
    )
    .unwrap_err();
    assert_eq!(none.code(), "parts_list_without_elevations");
}

#[test]
fn without_insertions_only_a_file_of_one_elevation_can_be_attributed() {
    let alone = PartsFile::of(FIRST, "P1").without("Insertions");
    let list = read(&alone, FIRST, "P1").unwrap();
    assert_eq!(of(&list, LineKind::Glass).len(), 2);
    let shared = PartsFile::of(FIRST, "P1")
        .and(SECOND, "P2")
        .without("Insertions");
    let list = read(&shared, FIRST, "P1").unwrap();
    assert_eq!(of(&list, LineKind::Glass).len(), 0);
    assert_eq!(of(&list, LineKind::Labour).len(), 1);
    assert!(
        list.remarks
            .iter()
            .any(|remark| remark.code == "rows_stray")
    );
}

#[test]
fn a_number_that_is_none_is_absent_and_told() {
    let file =
        PartsFile::of(FIRST, "P1").and_then("update Glass set Price = 'on request', Width = null");
    let list = read(&file, FIRST, "P1").unwrap();
    let glass = of(&list, LineKind::Glass)[0];
    assert_eq!(glass.price, None);
    // The user's own unit where the base unit is absent, and said to be so.
    assert_eq!(measured(glass.width.as_ref()), "500 mm");
    assert_eq!(list.remarks[0].code, "number_unreadable");
}

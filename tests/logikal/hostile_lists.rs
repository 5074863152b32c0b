//! Parts lists that are damaged, or made by somebody who means ill.

use std::time::{Duration, Instant};

use proptest::{
    collection::vec,
    prelude::{ProptestConfig, any},
    proptest,
    sample::Index,
};
use sluice_server::jobs::project_sync::parts_list::{self, PartsList, PartsListError, Sought};
use sluice_tests::logikal::PartsFile;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0xa1);

fn read(file: &[u8]) -> Result<PartsList, PartsListError> {
    parts_list::read(file, Sought { id: ID, name: "P1" })
}

fn code(file: &[u8]) -> &'static str {
    read(file).expect_err("it is refused").code()
}

#[test]
fn what_is_no_file_is_told_apart_from_half_a_file() {
    let whole = PartsFile::of(ID, "P1").bytes();
    assert_eq!(code(b""), "parts_list_no_sqlite");
    assert_eq!(code(b"<html>Welcome</html>"), "parts_list_no_sqlite");
    assert_eq!(code(&whole[..90]), "parts_list_no_sqlite");
    assert_eq!(code(&whole[..whole.len() / 2]), "parts_list_truncated");
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[4096..middle].fill(0xff);
    assert_eq!(code(&torn), "parts_list_damaged");
    assert_eq!(code(&vec![0; 49 << 20]), "parts_list_too_large");
}

#[test]
fn a_file_that_was_written_by_way_of_a_log_is_read() {
    let mut file = PartsFile::of(ID, "P1").bytes();
    file[18..20].fill(2);
    assert_eq!(read(&file).unwrap().lines.len(), 10);
}

#[test]
fn views_and_triggers_are_not_followed() {
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i as ElevationID, 'P1' as Name from n";
    let file = PartsFile::of(ID, "P1")
        .without("Elevations")
        .and_then(&format!("create view Elevations as {endless};"));
    assert_eq!(code(&file.bytes()), "parts_list_without_elevations");
    let file = PartsFile::of(ID, "P1").and_then(
        "create trigger Ill after insert on Glass begin delete from Elevations; end; create view Evil as select 1;",
    );
    let list = read(&file.bytes()).unwrap();
    let told = "the file has views, triggers or virtual tables, which are not followed: Ill, Evil";
    assert_eq!(list.remarks[0].message, told);
}

#[test]
fn a_table_without_end_is_given_up() {
    let many = "insert into Glass (InsertionId, Name)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 100001) select 11, 'x' from n;";
    let file = PartsFile::of(ID, "P1").and_then(many);
    assert_eq!(code(&file.bytes()), "parts_list_too_much");
    let large = "update Glass set Name = printf('%.*c', 2000000, 'x');";
    let file = PartsFile::of(ID, "P1").and_then(large);
    assert_eq!(code(&file.bytes()), "parts_list_too_much");
}

#[test]
fn a_column_that_computes_is_no_hindrance() {
    let costly =
        "create table Costly (A text, B text generated always as (hex(zeroblob(1000))) virtual);
        alter table Glass add column Sum text generated always as (hex(zeroblob(1000))) virtual;";
    let file = PartsFile::of(ID, "P1").and_then(costly);
    assert_eq!(read(&file.bytes()).unwrap().lines.len(), 10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_is_read_or_refused_soon(
        wounds in vec((any::<Index>(), any::<u8>()), 1..60),
        end in any::<Index>(),
        cut in any::<bool>(),
    ) {
        let mut file = PartsFile::of(ID, "P1").bytes();
        for (place, byte) in wounds {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if cut {
            file.truncate(end.index(file.len()));
        }
        let began = Instant::now();
        if let Err(error) = read(&file) {
            assert!(!error.to_string().contains('\n'));
        }
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}

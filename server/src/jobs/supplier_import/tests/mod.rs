//! The room's promises on a real Postgres: what of an import needs no Odoo.

mod fix_files;
mod remarks;
mod staging;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::TryStreamExt;
use sqlx::PgPool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::*;
use crate::{
    adapters::{Http, Limits},
    connections::{Caller, Connections, Draft},
    db::Db,
    ids::{ConnectionId, JobId},
    jobs::OdooClients,
    progress::{EventType, Progress},
    queue::{JobState, Queue, QueueSettings, Worker},
    secrets::Keyring,
};

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(30);

struct House {
    pool: PgPool,
    imports: Imports,
    queue: Queue,
    progress: Progress,
    connection: ConnectionId,
    /// Runs the jobs from the moment it is there.
    worker: Mutex<Option<Worker>>,
    stop: CancellationToken,
    scratch: tempfile::TempDir,
}

impl House {
    /// A server whose only Odoo is away: nothing listens at its address.
    async fn new(pool: PgPool) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let db = Db::from_pool(pool.clone());
        let progress = Progress::start(db.clone(), &tasks, stop.clone());
        let queue = Queue::start(
            db.clone(),
            progress.clone(),
            QueueSettings::default(),
            &tasks,
            stop.clone(),
        );
        let connections = Connections::new(db.clone(), Arc::new(Keyring::of_one_key([7; 32])));
        let draft = Draft::new("shop", "http://127.0.0.1:9", "shop", &"key".into(), 0).unwrap();
        let connection = connections
            .save(&Caller::Admin, &draft)
            .await
            .unwrap()
            .connection
            .id;
        let http = Http::open(Limits::default()).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let settings = ImportSettings {
            scratch: scratch.path().join("lists"),
            max_file_bytes: 8 << 20,
            max_outage: Duration::from_millis(1),
            max_batch_rows: 2000,
        };
        let clients = OdooClients::new(connections, http.clone());
        let imports = Imports::new(db, queue.clone(), clients, http, settings).unwrap();
        Self {
            pool,
            imports,
            queue,
            progress,
            connection,
            worker: Mutex::default(),
            stop,
            scratch,
        }
    }

    fn work(&self) {
        let worker = Worker::start(
            self.queue.clone(),
            vec![Arc::new(self.imports.runner())],
            "test".to_owned(),
        );
        *self.worker.lock().unwrap() = Some(worker);
    }

    async fn enqueue(&self, request: &ImportRequest) -> Result<JobId, ImportError> {
        let enqueued = self
            .imports
            .enqueue(self.connection, request, Timing::default())
            .await?;
        Ok(enqueued.0.job.id)
    }

    /// Waits until the job has ended.
    async fn ended(&self, job: JobId) -> crate::queue::Job {
        let told = async {
            let mut watch = self.progress.watch(job, 0).await.unwrap();
            while let Some(event) = watch.next().await {
                if matches!(
                    event.unwrap().kind,
                    EventType::Succeeded | EventType::Failed
                ) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, told)
            .await
            .expect("the job did not end");
        self.queue.get(job).await.unwrap()
    }

    async fn last_message(&self, job: JobId) -> String {
        self.progress
            .read(job, 0, 1000)
            .await
            .unwrap()
            .pop()
            .unwrap()
            .message
    }

    async fn fix_file(&self, job: JobId) -> (String, Vec<u8>) {
        let (name, pieces) = self.imports.fix_file(job, HashMap::new()).await.unwrap();
        (name, pieces.try_collect::<Vec<_>>().await.unwrap().concat())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn check_of(list: &str) -> ImportRequest {
    check_of_bytes(list.as_bytes().to_vec())
}

fn check_of_bytes(list: Vec<u8>) -> ImportRequest {
    ImportRequest {
        supplier: "7".to_owned(),
        source: Some(RequestSource::Content(list)),
        file_name: "prijzen.csv".to_owned(),
        dry_run: true,
        ..ImportRequest::default()
    }
}

const LIST: &str = "EAN;Omschrijving;Inkoopprijs\r\n\
    4006381333931;Pen;\u{20ac} 1,50\r\n\
    4006381333932;=HYPERLINK(1);2,00\r\n\
    ;;3,00\r\n\
    96385074;\"a;b\nc\";1.000,00\r\n\
    4006381333931;Pen;1,60\r\n";

#[sqlx::test(migrations = "./migrations")]
async fn a_dry_run_reads_the_whole_list_and_keeps_what_is_wrong(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let job = house
        .ended(house.enqueue(&check_of(LIST)).await.unwrap())
        .await;
    assert_eq!(job.state, JobState::Succeeded);
    assert_eq!(
        (
            job.counters.rows_total,
            job.counters.rows_done,
            job.counters.errors
        ),
        (5, 5, 3)
    );
    assert_eq!(
        house.last_message(job.id).await,
        "5 rows checked, nothing written: 2 can be applied, 3 with errors"
    );
    let errors = house.imports.row_errors(job.id, "", 0, 10).await.unwrap();
    let codes: Vec<(u32, &str)> = errors
        .iter()
        .map(|error| (error.row, error.code.as_str()))
        .collect();
    assert_eq!(
        codes,
        [
            (3, "barcode_check_digit"),
            (4, "key_missing"),
            (6, "duplicate_line")
        ]
    );
    assert_eq!(errors[0].values, ["4006381333932", "=HYPERLINK(1)", "2,00"]);
    let of_code = house
        .imports
        .row_errors(job.id, "duplicate_line", 3, 10)
        .await
        .unwrap();
    assert_eq!(of_code, errors[2..]);
}

#[sqlx::test(migrations = "./migrations")]
async fn what_cannot_become_a_job_is_refused_at_once(pool: PgPool) {
    let house = House::new(pool).await;
    let refused = async |request: ImportRequest| house.enqueue(&request).await.unwrap_err();
    assert!(matches!(
        refused(check_of("")).await,
        ImportError::File(FileError::Empty)
    ));
    assert!(matches!(
        refused(check_of("ean;cost\n")).await,
        ImportError::File(FileError::HeaderOnly { header_row: 1 })
    ));
    let unclear = refused(check_of("ean;prijs\n96385074;1\n")).await;
    assert!(
        matches!(unclear, ImportError::Mapping(MappingError::Incomplete(_))),
        "{unclear}"
    );
    let named = ImportRequest {
        supplier: "Acme".to_owned(),
        ..check_of(LIST)
    };
    assert!(matches!(refused(named).await, ImportError::Odoo(error) if error.is_away()));
    let private = RequestSource::Url("http://169.254.169.254/list.csv".to_owned());
    let private = ImportRequest {
        source: Some(private),
        ..check_of("")
    };
    assert!(matches!(
        refused(private).await,
        ImportError::Source(SourceError::Refused(_))
    ));
    let huge = ImportRequest {
        source: Some(RequestSource::Content(vec![b'x'; 20 << 20])),
        ..check_of("")
    };
    assert!(matches!(
        refused(huge).await,
        ImportError::TooLarge { limit: 4_194_304 }
    ));
    let jobs: i64 = sqlx::query_scalar("select count(*) from job")
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(jobs, 0);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_saved_mapping_is_used_for_the_next_list(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let said = |column: &str, field| ColumnMapping {
        column: column.to_owned(),
        field: Some(field),
    };
    let first = ImportRequest {
        mapping: vec![said("Kol A", Field::DefaultCode), said("#2", Field::Price)],
        save_mapping: true,
        ..check_of("Kol A;Prijs\nX;1\n")
    };
    assert_eq!(
        house
            .ended(house.enqueue(&first).await.unwrap())
            .await
            .counters
            .errors,
        0
    );
    let next = house
        .ended(
            house
                .enqueue(&check_of("Kol A;Prijs\nY;2\nZ;x\n"))
                .await
                .unwrap(),
        )
        .await;
    assert_eq!((next.counters.rows_done, next.counters.errors), (2, 1));
    let other = ImportRequest {
        supplier: "8".to_owned(),
        ..check_of("Kol A;Prijs\nX;1\n")
    };
    assert!(matches!(
        house.enqueue(&other).await,
        Err(ImportError::Mapping(_))
    ));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_preview_of_the_file_alone_explains_columns_and_rows(pool: PgPool) {
    let house = House::new(pool).await;
    let list = "EAN;Prijs;Inkoopprijs\n4006381333931;9;1.234,50\n4006381333932;9;2,00\n";
    let shown = house
        .imports
        .preview(house.connection, &check_of(list), 0, true)
        .await
        .unwrap();
    let columns: Vec<(&str, Option<Field>)> = shown
        .columns
        .iter()
        .map(|column| (column.column.as_str(), column.field))
        .collect();
    assert_eq!(
        columns,
        [
            ("EAN", Some(Field::Barcode)),
            ("Prijs", None),
            ("Inkoopprijs", Some(Field::Price))
        ]
    );
    assert_eq!(shown.columns[2].decimal_style, Some(DecimalStyle::Comma));
    assert_eq!(shown.columns[0].samples, ["4006381333931", "4006381333932"]);
    assert_eq!(
        (
            shown.rows[0].price_after.as_str(),
            shown.rows[1].code.as_str()
        ),
        ("1234.5", "barcode_check_digit")
    );
    assert_eq!((shown.counters.rows_done, shown.counters.errors), (2, 1));
    let unclear = house
        .imports
        .preview(
            house.connection,
            &check_of("EAN;Prijs\n96385074;1\n"),
            0,
            true,
        )
        .await
        .unwrap();
    let question = unclear.columns[1].question.as_ref();
    assert_eq!(question.map(|asked| asked.code), Some("price_tax_unclear"));
    assert!(unclear.rows.is_empty());
}

#[sqlx::test(migrations = "./migrations")]
async fn an_odoo_that_stays_away_fails_the_job_with_words_and_nothing_is_lost(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let request = ImportRequest {
        dry_run: false,
        ..check_of(LIST)
    };
    let job = house.ended(house.enqueue(&request).await.unwrap()).await;
    assert_eq!(
        (job.state, job.error_code.as_deref()),
        (JobState::Failed, Some("odoo_away"))
    );
    assert!(job.error_message.unwrap().contains("retry the job"));
    let story: Vec<EventType> = house
        .progress
        .read(job.id, 0, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        story
            .iter()
            .filter(|kind| **kind == EventType::Waiting)
            .count(),
        1
    );
    assert_eq!((job.counters.rows_total, job.counters.rows_done), (5, 0));
}

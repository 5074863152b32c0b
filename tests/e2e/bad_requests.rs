//! Requests that callers got wrong, and keys that Odoo no longer takes.

use crate::fate::{Fate, fate, refusal};
use anyhow::Result;
use sluice_client::{
    ClientError, Code,
    v1::{
        FileOptions, ImportQueueListRowErrorsRequest, JobsListRequest, Reason, SupplierImport,
        import_queue_client::ImportQueueClient, jobs_client::JobsClient, supplier_import::Source,
    },
};
use sluice_tests::world::{CONNECTION, World, events_until};

/// A change to a good import, and the refusal that it must meet.
type Mistake = (&'static str, fn(&mut SupplierImport), Code, Reason);

const MISTAKES: &[Mistake] = &[
    (
        "no supplier",
        |import| import.supplier.clear(),
        Code::InvalidArgument,
        Reason::FieldInvalid,
    ),
    (
        "an unknown supplier",
        |import| "nobody has this name".clone_into(&mut import.supplier),
        Code::NotFound,
        Reason::SupplierNotFound,
    ),
    (
        "an unknown connection",
        |import| "nowhere".clone_into(&mut import.connection),
        Code::NotFound,
        Reason::ConnectionNotFound,
    ),
    (
        "no source",
        |import| import.source = None,
        Code::InvalidArgument,
        Reason::FieldInvalid,
    ),
    (
        "an upload of nobody",
        |import| import.source = Some(Source::UploadId(uuid::Uuid::new_v4().to_string())),
        Code::NotFound,
        Reason::UploadNotFound,
    ),
    (
        "20 MB inline",
        |import| import.source = Some(Source::Content(vec![b'x'; 20 << 20])),
        Code::ResourceExhausted,
        Reason::FileTooLarge,
    ),
    (
        "a file of the server",
        |import| import.source = url("file:///etc/passwd"),
        Code::InvalidArgument,
        Reason::SourceRefused,
    ),
    (
        "an address with a password",
        |import| import.source = url("http://user:secret@example.com/list.csv"),
        Code::InvalidArgument,
        Reason::SourceRefused,
    ),
    (
        "the machine itself",
        |import| import.source = url("http://127.0.0.1:9/list.csv"),
        Code::InvalidArgument,
        Reason::SourceRefused,
    ),
    (
        "a cloud's metadata",
        |import| import.source = url("http://169.254.169.254/latest"),
        Code::InvalidArgument,
        Reason::SourceRefused,
    ),
    (
        "a delimiter of two letters",
        |import| {
            import.file = Some(FileOptions {
                delimiter: ";;".to_owned(),
                ..FileOptions::default()
            });
        },
        Code::InvalidArgument,
        Reason::FieldInvalid,
    ),
    (
        "a sweep of more than everything",
        |import| import.sweep_max_percent = 101,
        Code::InvalidArgument,
        Reason::FieldInvalid,
    ),
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is a source as the message has it"
)]
fn url(address: &str) -> Option<Source> {
    Some(Source::Url(address.to_owned()))
}

#[tokio::test]
async fn a_request_that_cannot_be_meant_is_refused_with_its_reason() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(3).await?;
    for (name, mistake, code, reason) in MISTAKES {
        let mut import = world.import(&list);
        mistake(&mut import);
        let told = fate(&world, import).await?;
        assert_eq!(told, Fate::Refused(*code, Some(*reason)), "{name}");
    }
    let contact = world.odoo.create_contact("Sells nothing").await?;
    let import = SupplierImport {
        supplier: contact.to_string(),
        ..world.import(&list)
    };
    let told = fate(&world, import).await?;
    let refused = Fate::Refused(Code::FailedPrecondition, Some(Reason::NotASupplier));
    assert_eq!(told, refused);
    assert!(world.odoo.lines_of(world.supplier).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_page_token_from_elsewhere_is_refused() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(200).await?;
    let job = world.imported(world.import(&list)).await?;
    world.imported(world.import(&list)).await?;
    let mut jobs = JobsClient::new(world.wire().await?);
    let mut imports = ImportQueueClient::new(world.wire().await?);
    let first = JobsListRequest {
        page_size: 1,
        ..JobsListRequest::default()
    };
    let page = jobs
        .list(world.authorized(first.clone())?)
        .await?
        .into_inner();
    assert!(!page.next_page_token.is_empty());

    let of_another_listing = ImportQueueListRowErrorsRequest {
        job_id: job.id,
        page_token: page.next_page_token.clone(),
        ..ImportQueueListRowErrorsRequest::default()
    };
    let answer = imports
        .list_row_errors(world.authorized(of_another_listing)?)
        .await;
    let invalid = (Code::InvalidArgument, Some(Reason::PageTokenInvalid));
    assert_eq!(refusal(answer.map_err(ClientError::from)), invalid);
    for (kind, page_token) in [
        ("another", page.next_page_token.as_str()),
        ("", "bm90IG91cnM"),
    ] {
        let request = JobsListRequest {
            kind: kind.to_owned(),
            page_token: page_token.to_owned(),
            ..first.clone()
        };
        let answer = jobs.list(world.authorized(request)?).await;
        assert_eq!(refusal(answer.map_err(ClientError::from)), invalid);
    }
    Ok(())
}

#[tokio::test]
async fn a_revoked_key_fails_the_job_in_words_and_can_be_mended() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(30).await?;
    world
        .replace_key("0000000000000000000000000000000000000000")
        .await?;
    let job = world.client.enqueue(world.import(&list)).await;
    let told = match job {
        Err(error) => error.reason.map(|reason| reason.word().to_lowercase()),
        Ok(enqueued) => {
            let story = events_until(&world.client, &enqueued.job.id, |_| false).await?;
            story.last().map(|end| end.code.clone())
        }
    };
    assert_eq!(told.as_deref(), Some("odoo_key_refused"));
    let tested = world.client.test_connection(CONNECTION).await;
    assert_eq!(
        refusal(tested),
        (Code::FailedPrecondition, Some(Reason::OdooKeyRefused))
    );

    world.replace_key(&world.odoo.access.api_key).await?;
    world.imported(world.import(&list)).await?;
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

# Everything that Odoo asks of the Sluice server, as plain methods.
from . import settings as places
from .calls import Calls
from .generated import (
    connections_pb2,
    force_sync_pb2,
    import_queue_pb2,
    jobs_pb2,
    mirror_pb2,
    progress_pb2,
    projects_pb2,
    schedules_pb2,
    search_pb2,
)

# Seconds. Nothing a person clicks may hold a worker of Odoo for long.
CALL = 5
# Somebody waits for what is found, and the embedder may be far.
SEARCH = 10
# Reading the head of a large workbook takes the server a moment, and so does asking
# this Odoo about its products.
PREVIEW = 30
# Pairing and testing call this Odoo back.
CALL_BACK = 20
TRANSFER = 60


class Client:
    """The server of this database. Making one costs nothing: a channel is opened by the
    first call and shared.
    """

    def __init__(self, env, settings=None):
        """`settings` are those of a server to try instead of the one that is set."""
        self.settings = settings or places.Settings.of(env)
        calls = lambda file, service: Calls(env, self.settings, file, service)  # noqa: E731
        self._imports = calls(import_queue_pb2, "ImportQueue")
        self._jobs = calls(jobs_pb2, "Jobs")
        self._progress = calls(progress_pb2, "Progress")
        self._schedules = calls(schedules_pb2, "Schedules")
        self._connections = calls(connections_pb2, "Connections")
        self._mirror = calls(mirror_pb2, "Mirror")
        self._force_sync = calls(force_sync_pb2, "ForceSync")
        self._projects = calls(projects_pb2, "Projects")
        self._search = calls(search_pb2, "Search")

    # Lists and imports

    def upload(self, file_name, chunks):
        """Stores a list, given as pieces of at most 1 MiB. Returns `upload_id`, `size`
        and `sha256`.
        """
        return self._imports.unary("Upload", _pieces(file_name, chunks), TRANSFER)

    def preview(self, import_dict, rows=0, file_only=False):
        """What an import would do with its first rows; nothing is written. With
        `file_only` without asking Odoo.
        """
        request = import_queue_pb2.ImportQueuePreviewRequest(
            **{"import": import_dict}, rows=rows, file_only=file_only
        )
        return self._imports.unary("Preview", request, PREVIEW)

    def enqueue_import(self, import_dict, request_id, priority=0):
        """Queues an import and returns its job. The same `request_id` gives the same
        job.
        """
        request = import_queue_pb2.ImportQueueEnqueueRequest(
            **{"import": import_dict},
            request_id=request_id,
            priority=priority,
        )
        return self._imports.unary("Enqueue", request, CALL)["job"]

    def asked_import(self, job_id):
        """What an import's job was asked to do, `import`, and the `schedule` that began
        it.
        """
        return self._imports.unary(
            "Get", import_queue_pb2.ImportQueueGetRequest(job_id=job_id), CALL
        )

    def row_errors(self, job_id, page_token="", code="", page_size=500):
        """A page of rows that failed: `errors` and `next_page_token`, which is empty on
        the last page.
        """
        request = import_queue_pb2.ImportQueueListRowErrorsRequest(
            job_id=job_id,
            page_token=page_token,
            code=code,
            page_size=page_size,
        )
        return self._imports.unary("ListRowErrors", request, CALL)

    def fix_file(self, job_id, words):
        """The rows that failed as a file: its name and an iterator over its pieces;
        `words` has the sentences by error code that the server's are replaced with.
        """
        pieces = self._imports.stream(
            "FixFile",
            import_queue_pb2.ImportQueueFixFileRequest(job_id=job_id, words=words),
            TRANSFER,
        )
        first = next(pieces, {"file_name": "", "data": b""})

        def contents():
            yield first["data"]
            for piece in pieces:
                yield piece["data"]

        return first["file_name"], contents()

    # Jobs

    def job(self, job_id):
        return self._jobs.unary("Get", jobs_pb2.JobsGetRequest(job_id=job_id), CALL)[
            "job"
        ]

    def jobs(self, kind="", states=(), page_size=50, page_token=""):
        """A page of this connection's jobs, newest first, and `next_page_token`."""
        request = jobs_pb2.JobsListRequest(
            kind=kind, states=states, page_size=page_size, page_token=page_token
        )
        return self._jobs.unary("List", request, CALL)

    def cancel(self, job_id):
        return self._jobs.unary(
            "Cancel", jobs_pb2.JobsCancelRequest(job_id=job_id), CALL
        )["job"]

    def pause(self, job_id):
        return self._jobs.unary(
            "Pause", jobs_pb2.JobsPauseRequest(job_id=job_id), CALL
        )["job"]

    def resume(self, job_id):
        return self._jobs.unary(
            "Resume", jobs_pb2.JobsResumeRequest(job_id=job_id), CALL
        )["job"]

    def retry(self, job_id):
        return self._jobs.unary(
            "Retry", jobs_pb2.JobsRetryRequest(job_id=job_id), CALL
        )["job"]

    # Progress

    def watch(self, deadline, heartbeat, job_id="", after_seq=0):
        """Streams `snapshot`, `event` and `heartbeat` dicts: of one job to its end,
        else of all this connection's jobs.

        `deadline` and `heartbeat` are in seconds; after the deadline it raises a
        ServerError with the reason TOO_SLOW.
        """
        target = (
            {"job_id": job_id, "after_seq": after_seq} if job_id else {"filter": {}}
        )
        request = progress_pb2.ProgressWatchRequest(
            **target, heartbeat={"seconds": heartbeat}
        )
        return self._progress.stream("Watch", request, deadline)

    # Schedules

    def save_schedule(self, schedule):
        """Creates or replaces a schedule (`name`, `cron`, `time_zone`, `import`);
        returns it with `next_run_at`.
        """
        request = schedules_pb2.SchedulesSaveRequest(schedule=schedule)
        return self._schedules.unary("Save", request, CALL)["schedule"]

    def list_schedules(self, page_token=""):
        """A page of this connection's schedules: `schedules` and `next_page_token`."""
        request = schedules_pb2.SchedulesListRequest(
            page_token=page_token, page_size=500
        )
        return self._schedules.unary("List", request, CALL)

    def delete_schedule(self, name):
        self._schedules.unary(
            "Delete", schedules_pb2.SchedulesDeleteRequest(name=name), CALL
        )

    # The mirror

    def mirror_status(self):
        """How far the mirror is: `state`, `percent`, and `models` with each one's."""
        return self._mirror.unary(
            "GetStatus", mirror_pb2.MirrorGetStatusRequest(), CALL
        )

    def mirror_overview(self):
        """Sums of what is mirrored: `as_of` and `sections`."""
        return self._mirror.unary(
            "GetOverview", mirror_pb2.MirrorGetOverviewRequest(), CALL
        )

    def configure_mirror(self, models=(), removed=()):
        """Says what is mirrored (dicts of MirroredModel) and what no longer is, by
        name; the server asks this Odoo whether it can be.
        """
        request = mirror_pb2.MirrorConfigureRequest(
            models=models, removed_models=removed
        )
        return self._mirror.unary("Configure", request, CALL_BACK)["models"]

    def sync_model(self, model, full=False, ids=(), request_id=""):
        """Begins to read a model's changes, all of it, or these records; the job."""
        request = force_sync_pb2.ForceSyncSyncModelRequest(
            model=model, full=full, ids=ids, request_id=request_id
        )
        return self._force_sync.unary("SyncModel", request, CALL_BACK)["job"]

    def cleanup_deleted(self, model):
        """Begins to mark mirrored records that Odoo no longer has; the job."""
        request = force_sync_pb2.ForceSyncCleanupDeletedRequest(model=model)
        return self._force_sync.unary("CleanupDeleted", request, CALL)["job"]

    def retry_parked(self, model):
        """Begins to read records again that could not be read or stored; the job."""
        request = mirror_pb2.MirrorRetryParkedRequest(model=model)
        return self._mirror.unary("RetryParked", request, CALL)["job"]

    # The search

    def search_status(self):
        """What is searchable, `models`, and how far the index of each one is."""
        request = search_pb2.SearchGetStatusRequest()
        return self._search.unary("GetStatus", request, CALL)

    def search(self, text, models=(), limit=0, mode="BOTH"):
        """Records that fit a text, the best first: `model`, `odoo_id`, `snippet` and
        more. By MEANING, WORDS or BOTH. They are those that the server's user may
        read: whoever shows them asks first who may see what.
        """
        request = search_pb2.SearchQueryRequest(
            text=text, models=models, limit=limit, mode=f"SEARCH_MODE_{mode}"
        )
        return [
            answer["hit"] for answer in self._search.stream("Query", request, SEARCH)
        ]

    def similar(self, model, record_id, models=(), limit=0):
        """The same of records that mean much the same as this one."""
        request = search_pb2.SearchSimilarRequest(
            model=model, odoo_id=record_id, models=models, limit=limit
        )
        return [
            answer["hit"] for answer in self._search.stream("Similar", request, SEARCH)
        ]

    def configure_search(self, models=(), removed=(), **embedder):
        """Makes models searchable (dicts of SearchableModel) or no longer, by name;
        `embedder` are the values of another one. Returns the `jobs` that embed.
        """
        request = search_pb2.SearchConfigureRequest(
            models=models, removed_models=removed, embedder=embedder or None
        )
        return self._search.unary("Configure", request, CALL_BACK)

    def suitable_fields(self, model):
        """The fields of a mirrored model that would be embedded by themselves."""
        request = search_pb2.SearchPreviewRequest(model={"model": model}, limit=1)
        return self._search.unary("Preview", request, CALL_BACK)["field_names"]

    def embed(self, model, full=False):
        """Begins to embed what waits of a model, or all of it; the job."""
        request = search_pb2.SearchEmbedRequest(model=model, full=full)
        return self._search.unary("Embed", request, CALL)["job"]

    def retry_embedding(self, model):
        """Begins to embed records again that could not be embedded; the job."""
        request = search_pb2.SearchRetryRequest(model=model)
        return self._search.unary("Retry", request, CALL)["job"]

    # LOGIKAL

    def logikal(self):
        """Where LOGIKAL is: `url`, `user`, `directory` and `sessions`; None if the
        server does not know.
        """
        return self._connections.unary(
            "GetLogikal", connections_pb2.ConnectionsGetLogikalRequest(), CALL
        )["logikal"]

    def save_logikal(self, **values):
        """Says where LOGIKAL is (`url`, `user`, `password`, `directory`, `sessions`).
        Nobody logs in: that takes LOGIKAL seconds.
        """
        request = connections_pb2.ConnectionsSaveLogikalRequest(
            **values, skip_test=True
        )
        return self._connections.unary("SaveLogikal", request, CALL)["logikal"]

    def find_projects(self):
        """Begins to look which projects LOGIKAL has; the job."""
        request = force_sync_pb2.ForceSyncFindProjectsRequest()
        return self._force_sync.unary("FindProjects", request, CALL)["job"]

    def projects(self):
        """All projects that the server knows."""
        found, token = [], ""
        while True:
            request = projects_pb2.ProjectsListRequest(page_size=500, page_token=token)
            page = self._projects.unary("List", request, CALL)
            found += page["projects"]
            token = page["next_page_token"]
            if not token:
                return found

    def sync_project(self, project_id, full=False, request_id=""):
        """Begins to fetch what has changed of a project, or all of it; the job."""
        request = force_sync_pb2.ForceSyncSyncProjectRequest(
            project_id=project_id, full=full, request_id=request_id
        )
        return self._force_sync.unary("SyncProject", request, CALL)["job"]

    # The connection itself

    def test_connection(self):
        """Lets the server call this Odoo back and tells what it found: versions, user,
        missing rights, time taken.
        """
        return self._connections.unary(
            "Test", connections_pb2.ConnectionsTestRequest(), CALL_BACK
        )

    def pair(self, name, url, database, api_key):
        """Saves this database as a connection; the settings' token is a pairing code.
        Returns `connection` and `token`.
        """
        request = connections_pb2.ConnectionsSaveRequest(
            name=name, url=url, database=database, api_key=api_key
        )
        return self._connections.unary("Save", request, CALL_BACK)

    def rotate_key(self, api_key):
        """Gives the server a new key of this Odoo, which it takes only if it works."""
        request = connections_pb2.ConnectionsRotateKeyRequest(api_key=api_key)
        return self._connections.unary("RotateKey", request, CALL_BACK)


def _pieces(file_name, chunks):
    first = True
    for chunk in chunks:
        yield import_queue_pb2.ImportQueueUploadRequest(
            file_name=file_name if first else "", data=chunk
        )
        first = False
    if first:
        yield import_queue_pb2.ImportQueueUploadRequest(file_name=file_name)

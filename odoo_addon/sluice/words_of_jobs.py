# Sentences of jobs and refusals by the codes of the contract, for readers of other
# languages than the server's.


def story(env, numbers, name, under_way):
    """Sentences by the codes of events; `numbers` and `name` are what the server's own
    sentence is about, `under_way` names what it is fetching.
    """
    first, second, third, *_more = [*numbers, "", "", ""]
    return {
        # What happens to a job.
        "queued": env._("In the queue."),
        "started": env._("Started."),
        "continued": env._("Odoo is back, going on at row %(row)s.", row=first),
        "released": env._(
            "The Sluice server is restarting; the job goes on afterwards."
        ),
        "paused": env._("Paused."),
        "resumed": env._("In the queue again."),
        "cancelled": env._("Cancelled."),
        "worker_died": env._(
            "The server that ran the job died; it goes on where it stopped."
        ),
        "lease_expired": env._(
            "The server that ran the job fell silent; it goes on where it stopped."
        ),
        "stuck": env._(
            "The job made no progress for too long; it goes on where it stopped."
        ),
        "fault": env._(
            "A fault in the Sluice server stopped the job; the server's log has the "
            "details."
        ),
        # What becomes of a list.
        "list_fetched": env._("The list is fetched."),
        "list_read": env._("Read %(rows)s rows.", rows=first),
        "encoding_mixed": env._(
            "The text is in more than one encoding; rows of the other one are reported "
            "as errors."
        ),
        "header_missing": env._(
            "No header was found; columns are named by their position, the first is #1."
        ),
        "numbers_mixed": env._(
            "Column '%(column)s' has decimal commas (%(commas)s rows) and decimal "
            "points (%(points)s rows); numbers that could be either are errors.",
            column=name,
            commas=first,
            points=second,
        ),
        "numbers_unclear": env._(
            "Column '%(column)s' does not show whether 1.234 is a thousand; such "
            "numbers are errors until it is said how numbers are written.",
            column=name,
        ),
        "numbers_read_with_commas": env._(
            "Column '%(column)s' is read with decimal commas, as the other columns are "
            "written.",
            column=name,
        ),
        "numbers_read_with_points": env._(
            "Column '%(column)s' is read with decimal points, as the other columns are "
            "written.",
            column=name,
        ),
        # What becomes of the lines that a list no longer names.
        "sweeping": env._("Looking at the lines that the list no longer names."),
        "sweep_going_on": env._(
            "%(done)s lines that the list no longer names are dealt with, %(left)s to "
            "go.",
            done=first,
            left=second,
        ),
        "swept_by_end": env._(
            "%(lines)s lines that the list no longer names were ended.", lines=first
        ),
        "swept_by_deletion": env._(
            "%(lines)s lines that the list no longer names were deleted.", lines=first
        ),
        "sweep_left_for_errors": env._(
            "Lines that the list no longer names were kept: %(rows)s rows failed, and "
            "their lines would be taken for missing.",
            rows=first,
        ),
        "sweep_left_for_filters": env._(
            "Lines that the list no longer names were kept: filters left %(rows)s rows "
            "out, and their lines would be taken for missing.",
            rows=first,
        ),
        "sweep_left_without_rows": env._(
            "Lines that the list no longer names were kept: no row of the list was "
            "applied."
        ),
        "sweep_left_for_its_size": env._(
            "Lines that the list no longer names were kept: %(lines)s of %(total)s "
            "would be touched, more than the %(most)s %% that are allowed.",
            lines=first,
            total=second,
            most=third,
        ),
        # What stands in a job's way.
        "odoo_away": env._(
            "Odoo does not answer; the job waits for it and goes on by itself."
        ),
        "odoo_key_refused": env._(
            "Odoo refuses the server's key: connect again in the settings of Sluice."
        ),
        "odoo_not_allowed": env._("The server's user lacks a right in Odoo."),
        "odoo_database_not_found": env._("Odoo does not have this database."),
        "odoo_rejected": env._("Odoo refused what the server asked of it."),
        "odoo_answer": env._(
            "Odoo's answer cannot be used: update the addon or the server."
        ),
        "addon_missing": env._("An addon of Sluice is not installed in this database."),
        "addon_version": env._(
            "The addon and the Sluice server do not fit together: update the older one."
        ),
        # What is wrong with a list.
        "source_away": env._(
            "The list's web address does not answer; it is tried again."
        ),
        "source_refused": env._("The list's web address may not be fetched."),
        "source_missing": env._("There is no list at the web address."),
        "file_empty": env._("The file is empty."),
        "file_without_rows": env._("The file has a header and no rows under it."),
        "too_many_columns": env._(
            "The list has too many columns: remove those that are not needed."
        ),
        "too_many_rows": env._("The list has too many rows: split it."),
        "file_password_protected": env._(
            "The file is protected with a password: save it without one."
        ),
        "file_unpacks_too_large": env._(
            "The spreadsheet is refused: it unpacks to far more than a list needs."
        ),
        "file_not_a_list": env._("The file cannot be read as a list."),
        "file_damaged": env._("The file is damaged."),
        "sheet_missing": env._("The workbook does not have this sheet."),
        "mapping_incomplete": env._(
            "It is not known which column is the price or which names the product."
        ),
        # What stands in the way of a mirror.
        "no_fields": env._(
            "No field of this model can be read: choose other fields, or give the "
            "server's user the rights to read them."
        ),
        "not_mirrored": env._("The model is not mirrored any more."),
        "too_many_deleted": env._(
            "More records are missing than is safe to believe: look at it first."
        ),
        "fields_unreadable": env._("Odoo could not say which fields the model has."),
        "records_unreadable": env._("Odoo could not give the model's records."),
        "connection_unusable": env._(
            "The server cannot use its connection to this Odoo: connect again."
        ),
        # What stands in the way of a search index.
        "not_searchable": env._("The model is not searchable any more."),
        "embedder_not_set": env._("No embedder is set."),
        "embedder_away": env._(
            "The embedder does not answer; the job waits for it and goes on by itself."
        ),
        # What becomes of a LOGIKAL project, and what stands in its way.
        "phase_listed": env._(
            "Phase %(phase)s: %(elevations)s elevations, %(wanted)s to fetch.",
            phase=name,
            elevations=first,
            wanted=second,
        ),
        "elevation_stored": env._(
            "Elevation %(elevation)s is here, %(done)s of %(total)s; fetching "
            "%(names)s.",
            elevation=name,
            done=first,
            total=second,
            names=under_way,
        )
        if under_way
        else env._(
            "Elevation %(elevation)s is here, %(done)s of %(total)s.",
            elevation=name,
            done=first,
            total=second,
        ),
        "directories_listed": env._(
            "%(projects)s projects in %(directories)s directories so far.",
            projects=first,
            directories=second,
        ),
        "projects_looked_for": env._("Looking which projects LOGIKAL has."),
        "project_looked_for": env._(
            "The project is not known yet: looking for it in LOGIKAL."
        ),
        "logikal_unreachable": env._(
            "LOGIKAL does not answer: see that its address is right and that it runs."
        ),
        "directory_not_found": env._(
            "LOGIKAL does not have the directory that is set for its projects."
        ),
        "too_many_directories": env._(
            "LOGIKAL has too many directories: name one in its settings."
        ),
        "logikal_away": env._(
            "LOGIKAL does not answer; the job waits for it and goes on by itself."
        ),
        "logikal_credentials": env._("LOGIKAL refuses the user or the password."),
        "logikal_not_allowed": env._("The server's user lacks a right in LOGIKAL."),
        "logikal_not_set": env._(
            "The Sluice server does not know where LOGIKAL is: say so in the settings."
        ),
        "logikal_answer": env._("LOGIKAL's answer cannot be used."),
        "project_not_found": env._("LOGIKAL does not have this project any more."),
        "project_in_use": env._("Somebody else has this project open in LOGIKAL."),
        "odoo_left_out": env._("Nothing is handed to this Odoo."),
        "wrong_supplier": env._(
            "The job began with another supplier: import the list anew."
        ),
        "sweep_stuck": env._("Odoo keeps lines that should have ended."),
    }


def refusals(env):
    """What the server says when it refuses a call, by the contract's reasons."""
    return {
        "NOT_ALLOWED": env._("The Sluice server does not allow this to this Odoo."),
        "CONNECTION_NOT_FOUND": env._(
            "The Sluice server does not know this Odoo (any more): connect again."
        ),
        "JOB_STATE": env._("The job is in a state that does not allow this."),
        "UPLOAD_NOT_FOUND": env._(
            "The Sluice server does not keep this file (any more): choose it again."
        ),
        "FILE_UNREADABLE": env._(
            "The file cannot be read: it is empty, damaged, protected or no list."
        ),
        "MAPPING_INCOMPLETE": env._(
            "It is not known which column is the price or which names the product."
        ),
        "SOURCE_REFUSED": env._(
            "The list's web address may not be fetched, or does not answer."
        ),
        "SUPPLIER_NOT_FOUND": env._("The server did not find the supplier in Odoo."),
        "SUPPLIER_AMBIGUOUS": env._("Several contacts may be meant as the supplier."),
        "NOT_A_SUPPLIER": env._(
            "The contact is no supplier in Odoo: it has no purchases and no price "
            "lines."
        ),
        "ODOO_UNREACHABLE": env._("The Sluice server does not reach this Odoo."),
        "ODOO_KEY_REFUSED": env._(
            "Odoo refuses the server's key: connect again in the settings of Sluice."
        ),
        "ODOO_NOT_ALLOWED": env._("The server's user lacks a right in Odoo."),
        "ODOO_DATABASE_NOT_FOUND": env._("Odoo does not have this database."),
        "LOGIKAL_NOT_SET": env._(
            "The Sluice server does not know where LOGIKAL is: say so in the settings."
        ),
        "LOGIKAL_UNREACHABLE": env._(
            "LOGIKAL does not answer, or lets nobody else in for now."
        ),
        "LOGIKAL_REFUSED": env._("LOGIKAL refuses the user or the password."),
        "PROJECT_NOT_FOUND": env._("LOGIKAL does not have this project any more."),
        "PROJECT_AMBIGUOUS": env._("Several projects of LOGIKAL have this name."),
        "ADDON_MISSING": env._("An addon of Sluice is not installed in this database."),
        "ADDON_VERSION": env._(
            "The addon and the Sluice server do not fit together: update the older one."
        ),
        "ODOO_ANSWER": env._(
            "Odoo's answer cannot be used: update the addon or the server."
        ),
        "MODEL_NOT_FOUND": env._("This Odoo does not have such a model."),
        "MODEL_NOT_MIRRORED": env._("There is no table of this model yet."),
        "VECTOR_EXTENSION_MISSING": env._(
            "The Postgres of the Sluice server has no pgvector, which search needs."
        ),
        "VECTOR_EXTENSION_TOO_OLD": env._(
            "The pgvector of the Sluice server's Postgres is too old for search."
        ),
        "EMBEDDER_NOT_SET": env._(
            "No embedder is set yet: somebody sets one beside the Sluice server, with "
            "`sluice searchable`."
        ),
        "EMBEDDER_UNREACHABLE": env._("The embedder does not answer."),
        "EMBEDDER_REFUSED": env._(
            "The embedder refuses the Sluice server: its key or its settings are wrong."
        ),
        "EMBEDDER_ANSWER": env._("The embedder's answer cannot be used."),
        "MODEL_NOT_SEARCHABLE": env._("This kind of record is not searchable."),
        "RECORD_NOT_SEARCHABLE": env._(
            "This record is not in the search index: it is archived, has no text, or "
            "was not embedded yet."
        ),
        "SYNC_NOT_READY": env._("The mirror has not been filled completely yet."),
        "LANE_BUSY": env._("Another job is at it already."),
        "INTERNAL": env._("A fault in the Sluice server; its log has the details."),
    }

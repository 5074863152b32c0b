# What the server says of jobs and refusals, in the reader's language: found by its codes, which never change.
import re

# A number as the server writes it, or what it puts in quotes: facts that the words are about.
NUMBER = re.compile(r"\d[\d,]*")
QUOTED = re.compile(r"'(?:[^']|'(?=\w))*'")


def in_words(env, code, told):
    """The server's sentence for the reader of `env`: its own for readers of English and for codes without words here.

    For what went wrong on the way to the server, `told` is its address.
    """
    if not told:
        return False
    words = _on_the_way(env, told) | _to_do(env)
    if not reads_english(env):
        words |= _story(env, NUMBER.search(told)) | _refusals(env)
    return words.get(code or "", sentence(told))


def reads_english(env):
    return (env.lang or "en_US").startswith("en")


def quoted(told):
    """What the server's sentence quotes first: the value that it is about; empty if it quotes nothing."""
    found = QUOTED.search(told or "")
    return found.group().strip("'") if found else ""


def sentence(words):
    """Words of the server, which begin small and end without a dot, as a sentence."""
    words = (words or "").strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")


def _on_the_way(env, target):
    return {
        "UNREACHABLE": env._(
            "The Sluice server at %(target)s does not answer. Is it running, and is its address right in "
            "the settings of Sluice?",
            target=target,
        ),
        "TLS": env._(
            "The connection to %(target)s could not be secured: the server's certificate is not trusted here, or the "
            "server does not speak TLS. Its certificate can be entered in the settings of Sluice.",
            target=target,
        ),
        "TOO_SLOW": env._(
            "The Sluice server at %(target)s took too long to answer. Please try again in a moment.", target=target
        ),
        "NO_SUCH_METHOD": env._(
            "The Sluice server at %(target)s is too old for this addon, or is no Sluice server.", target=target
        ),
        "REFUSED": env._("The Sluice server at %(target)s refused the call.", target=target),
    }


def _to_do(env):
    """Refusals for which somebody here knows better than the server what to do."""
    return {
        "TOKEN_MISSING": env._(
            "This Odoo is not connected to Sluice yet: an administrator connects it in the settings of Sluice."
        ),
        "TOKEN_INVALID": env._(
            "The Sluice server does not know this Odoo's token or code (any more): connect again with a new code."
        ),
        "JOB_NOT_FOUND": env._("The Sluice server does not know this job (any more)."),
        "SHUTTING_DOWN": env._("The Sluice server is restarting. Please try again in a moment."),
        "DATABASE_AWAY": env._("The Sluice server is restarting. Please try again in a moment."),
    }


def _story(env, number):
    number = number.group() if number else ""
    return {
        # What happens to a job.
        "queued": env._("In the queue."),
        "started": env._("Started."),
        "continued": env._("Odoo is back, going on at row %(row)s.", row=number),
        "released": env._("The Sluice server is restarting; the job goes on afterwards."),
        "paused": env._("Paused."),
        "resumed": env._("In the queue again."),
        "cancelled": env._("Cancelled."),
        "worker_died": env._("The server that ran the job died; it goes on where it stopped."),
        "lease_expired": env._("The server that ran the job fell silent; it goes on where it stopped."),
        "stuck": env._("The job made no progress for too long; it goes on where it stopped."),
        "fault": env._("A fault in the Sluice server stopped the job; the server's log has the details."),
        # What stands in a job's way.
        "odoo_away": env._("Odoo does not answer; the job waits for it and goes on by itself."),
        "odoo_key_refused": env._("Odoo refuses the server's key: connect again in the settings of Sluice."),
        "odoo_not_allowed": env._("The server's user lacks a right in Odoo."),
        "odoo_database_not_found": env._("Odoo does not have this database."),
        "odoo_rejected": env._("Odoo refused what the server asked of it."),
        "odoo_answer": env._("Odoo's answer cannot be used: update the addon or the server."),
        "addon_missing": env._("An addon of Sluice is not installed in this database."),
        "addon_version": env._("The addon and the Sluice server do not fit together: update the older one."),
        # What is wrong with a list.
        "source_away": env._("The list's web address does not answer; it is tried again."),
        "source_refused": env._("The list's web address may not be fetched."),
        "source_missing": env._("There is no list at the web address."),
        "file_too_large": env._("The list is larger than the server accepts."),
        "file_empty": env._("The file is empty."),
        "file_without_rows": env._("The file has a header and no rows under it."),
        "too_many_columns": env._("The list has too many columns: remove those that are not needed."),
        "too_many_rows": env._("The list has too many rows: split it."),
        "file_password_protected": env._("The file is protected with a password: save it without one."),
        "file_unpacks_too_large": env._("The spreadsheet is refused: it unpacks to far more than a list needs."),
        "file_not_a_list": env._("The file cannot be read as a list."),
        "file_damaged": env._("The file is damaged."),
        "sheet_missing": env._("The workbook does not have this sheet."),
        "mapping_incomplete": env._("It is not known which column is the price or which names the product."),
        "wrong_supplier": env._("The job began with another supplier: import the list anew."),
        "sweep_stuck": env._("Odoo keeps lines that should have ended."),
    }


def _refusals(env):
    """What the server says when it refuses a call, by the contract's reasons."""
    return {
        "NOT_ALLOWED": env._("The Sluice server does not allow this to this Odoo."),
        "CONNECTION_NOT_FOUND": env._("The Sluice server does not know this Odoo (any more): connect again."),
        "JOB_STATE": env._("The job is in a state that does not allow this."),
        "UPLOAD_NOT_FOUND": env._("The Sluice server does not keep this file (any more): choose it again."),
        "FILE_TOO_LARGE": env._("The list is larger than the server accepts."),
        "FILE_UNREADABLE": env._("The file cannot be read: it is empty, damaged, protected or no list."),
        "MAPPING_INCOMPLETE": env._("It is not known which column is the price or which names the product."),
        "SOURCE_REFUSED": env._("The list's web address may not be fetched, or does not answer."),
        "SUPPLIER_NOT_FOUND": env._("The server did not find the supplier in Odoo."),
        "SUPPLIER_AMBIGUOUS": env._("Several contacts may be meant as the supplier."),
        "NOT_A_SUPPLIER": env._("The contact is no supplier in Odoo: it has no purchases and no price lines."),
        "ODOO_UNREACHABLE": env._("The Sluice server does not reach this Odoo."),
        "ODOO_KEY_REFUSED": env._("Odoo refuses the server's key: connect again in the settings of Sluice."),
        "ODOO_NOT_ALLOWED": env._("The server's user lacks a right in Odoo."),
        "ODOO_DATABASE_NOT_FOUND": env._("Odoo does not have this database."),
        "ADDON_MISSING": env._("An addon of Sluice is not installed in this database."),
        "ADDON_VERSION": env._("The addon and the Sluice server do not fit together: update the older one."),
        "ODOO_ANSWER": env._("Odoo's answer cannot be used: update the addon or the server."),
        "INTERNAL": env._("A fault in the Sluice server; its log has the details."),
    }

# What the server could not have of an elevation, in the reader's language: found by its
# codes, which never change.
from odoo.addons.sluice.words import reads_english, sentence


def missing(env, failures):
    """One line for each part that could not be had: which, and why."""
    parts, reasons = _parts(env), {} if reads_english(env) else _reasons(env)
    lines = [
        env._(
            "%(part)s: %(reason)s",
            part=parts.get(failure["part"], failure["part"]),
            reason=reasons.get(failure["code"]) or sentence(failure["message"]),
        )
        for failure in failures
    ]
    return "\n".join(lines)


def _parts(env):
    return {
        "elevation": env._("Elevation"),
        "thumbnail": env._("Picture"),
        "parts_list": env._("Parts list"),
        "prices": env._("Prices"),
    }


def _reasons(env):
    return {
        "no_picture": env._("LOGIKAL's answer is no picture."),
        "parts_list_no_sqlite": env._("It is no parts list."),
        "parts_list_truncated": env._("It came incomplete."),
        "parts_list_too_large": env._("It is too large."),
        "parts_list_too_much": env._("It is too large."),
        "parts_list_damaged": env._("It is damaged."),
        "parts_list_without_elevations": env._("It says nothing of elevations."),
        "parts_list_ambiguous": env._(
            "It has several elevations, and none of them is surely this one."
        ),
        "logikal_away": env._("LOGIKAL did not answer."),
        "logikal_session_limit": env._("LOGIKAL let no further session in."),
        "logikal_session_lost": env._("LOGIKAL ended the session again and again."),
        "logikal_in_use": env._("Somebody else has it open in LOGIKAL."),
        "logikal_not_allowed": env._("The server's user lacks a right in LOGIKAL."),
        "logikal_not_found": env._("It is no longer in LOGIKAL."),
        "logikal_rejected": env._("LOGIKAL refused to give it."),
        "logikal_too_large": env._("It is too large."),
        "logikal_answer": env._("LOGIKAL's answer cannot be used."),
    }

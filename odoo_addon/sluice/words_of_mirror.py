# What is to be said of a mirrored model, in the reader's language.
from .words import reads_english, sentence

EVERY_5_MINUTES = "*/5 * * * *"
EVERY_HOUR = "0 * * * *"
EACH_NIGHT = "0 3 * * *"
# How often changes are read, as cron lines with their words.
REFRESHES = [
    (EVERY_5_MINUTES, "Every 5 minutes"),
    (EVERY_HOUR, "Every hour"),
    (EACH_NIGHT, "Each night"),
]


def refresh_in_words(env, cron):
    """When changes are read; a cron line that has no words is shown as it is."""
    words = {
        "": env._("When asked to"),
        EVERY_5_MINUTES: env._("Every 5 minutes"),
        EVERY_HOUR: env._("Every hour"),
        EACH_NIGHT: env._("Each night"),
    }
    return words.get(cron or "", cron)


def span(env, seconds):
    """A time in its largest unit: "12 min"."""
    seconds = max(0, round(seconds))
    if seconds < 60:
        return env._("%(count)s s", count=seconds)
    if seconds < 3600:
        return env._("%(count)s min", count=seconds // 60)
    if seconds < 86400:
        return env._("%(count)s h", count=seconds // 3600)
    return env._("%(count)s days", count=seconds // 86400)


def dropped_in_words(env, dropped):
    """Fields that are left out and why, a line for each."""
    words = {
        "missing": env._("Odoo does not have this field (any more)."),
        "binary": env._("Files and pictures are not mirrored."),
        "unreadable": env._("Odoo could not read it, or the server's user may not."),
        "type_changed": env._(
            "Its type changed: new values are in a column of their own."
        ),
    }
    known = {} if reads_english(env) else words
    return "\n".join(
        f"{field['name']}: {known.get(field['code']) or sentence(field['reason'])}"
        for field in dropped
    )


def parked_in_words(env, records, count):
    """Records that were put aside and why, a line for each that the server names."""
    lines = [
        env._(
            "Record %(id)s, tried %(tries)s times: %(error)s",
            id=record["odoo_id"],
            tries=record["tries"],
            error=record["error"],
        )
        for record in records
    ]
    if count > len(records):
        lines.append(env._("and %(count)s more", count=count - len(records)))
    return "\n".join(lines)

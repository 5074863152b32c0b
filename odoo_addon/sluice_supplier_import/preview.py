# What an import would do, as the server's answer tells it, put into what the preview
# shows.
from .explanations import explained
from .vocabulary import from_wire

OUTCOMES = ("created", "updated", "unchanged", "skipped", "errors")
MOST_PER_OUTCOME = 40
MOST_CHANGES = 20


def preview_of(env, answer, currency):
    """Counts, the first rows of each outcome and the largest price changes of a Preview
    answer.
    """
    counters = answer["counters"]
    rows = [_row(env, row) for row in answer["rows"]]
    shown = [
        row
        for outcome in OUTCOMES
        for row in [row for row in rows if row["outcome"] == outcome][:MOST_PER_OUTCOME]
    ]
    changes = sorted(
        (row for row in rows if row["change"]), key=lambda row: -abs(row["change"])
    )
    return {
        "looked_at": counters["rows_done"],
        "total": counters["rows_total"],
        "counts": {outcome: counters[outcome] for outcome in OUTCOMES},
        "rows": shown,
        "changes": changes[:MOST_CHANGES],
        "currency": currency.id,
    }


def _row(env, row):
    outcome = from_wire("ROW_OUTCOME", row["outcome"])
    before, after = _number(row["price_before"]), _number(row["price_after"])
    return {
        "row": row["row"],
        "outcome": "errors" if outcome == "error" else outcome,
        "reason": reason_in_words(env, row["code"]),
        # A reason to leave a row out needs no more words than its own.
        "message": ""
        if outcome == "skipped"
        else explained(env, row["code"], row["message"]),
        "key": row["key"],
        "product": row["product"],
        "before": before,
        "after": after,
        "change": (after - before) / before * 100
        if before and after is not None
        else None,
    }


def reason_in_words(env, code):
    """The reader's words for an error code or a reason to leave a row out; empty for
    none.
    """
    errors = dict(
        env["supplier.import.error"]._fields["code"]._description_selection(env)
    )
    reasons = {
        "below_min_stock": env._("Too little stock"),
        "below_min_price": env._("Price too low"),
        "discontinued": env._("Discontinued"),
        "blocked_brand": env._("Brand left out"),
        "unknown_product": env._("Product unknown"),
    }
    return errors.get(code) or reasons.get(code, "")


def _number(text):
    return float(text) if text else None

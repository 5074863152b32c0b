# The whole way of a purchaser: connect, drop a list, preview, import, watch the bar over a restart of Odoo, errors, fix file.
import csv

import bar
from connecting import connect
from conversation import ask, given, tell
from importing import import_list
from look_around import look_around
from mirroring import mirror
from scheduling import schedule
from screen import NARROW, browser, screen
from several_lists import import_several


def watch(window):
    """Follows the bar, with a restart of Odoo in the middle; returns what the bar showed."""
    page = window.page
    bar.record(page)
    bar.wait_for_first_hold(page)
    bar.go_to_second_hold(page)
    window.picture("import-running")
    ask("restart Odoo")
    bar.let_go(page)
    values = bar.recorded(page)
    bar.check_moved(values)
    page.wait_for_selector(".o_notification:has-text('is done')")
    # The form around the bar follows too, without a reload.
    page.wait_for_selector(".o_statusbar_status .o_arrow_button_current:has-text('Done With Errors')")
    window.picture("import-done")
    return values


def job_in_server(window):
    """The server's id of the job that the page shows."""
    record = int(window.page.url.rsplit("/", 1)[1])
    answer = window.page.request.post(f"{window.base}/web/dataset/call_kw", data={
        "jsonrpc": "2.0", "params": {"model": "supplier.import", "method": "read", "args": [[record], ["server_id"]], "kwargs": {}},
    })
    return answer.json()["result"][0]["server_id"]


def failed_rows(window):
    page = window.page
    page.click("button[name=action_open_errors]")
    page.wait_for_selector(".o_list_view .o_data_row")
    window.picture("failed-rows")
    rows = page.eval_on_selector_all(".o_data_row td[name=row]", "(cells) => cells.map((cell) => Number(cell.textContent.replace(/\\D/g, '')))")
    page.go_back()
    page.wait_for_selector(".o_form_view .o_sluice_progress")
    return rows


def check_fix_file(window, told, rows):
    """Downloads the fix file: the list's header and its failed rows as they were, each with a reason behind it."""
    with window.page.expect_download() as expected:
        window.page.click("button[name=action_fix_file]")
    sent, got = records(told["list"]), records(expected.value.path())
    assert got[0][:-1] == sent[0], got[0]
    # Row 1 is the header.
    assert [record[:-1] for record in got[1:]] == [sent[row - 1] for row in sorted(rows)], got
    assert all(record[-1].endswith("]") for record in got[1:]), "a row lacks its reason"
    return expected.value.suggested_filename


def records(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def main():
    told = given()
    with browser() as chromium:
        with screen(chromium, told, "wide") as window:
            connect(window, told)
            columns, counts = import_list(window, told)
            values = watch(window)
            job = job_in_server(window)
            rows = failed_rows(window)
            name = check_fix_file(window, told, rows)
            schedule(window, told)
            import_several(window, told)
            synced = mirror(window)
            look_around(window, told)
            state = window.page.context.storage_state()
        with screen(chromium, told, "narrow", NARROW, state) as window:
            look_around(window, told)
    tell({"job": job, "columns": columns, "counts": counts, "bar": values, "failed_rows": rows, "fix_file": name, "synced": synced})


main()

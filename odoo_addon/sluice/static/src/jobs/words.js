/** What a job says, in words and figures for people. */
import {_t} from "@web/core/l10n/translation";
import {formatInteger} from "@web/views/fields/formatters";

/** States after which nothing more happens by itself. */
const FINISHED = ["succeeded", "failed", "cancelled"];

/** Outcomes of rows in the order of the bar: the job's field, the colour's name, and the word for it. */
export const OUTCOMES = [
    {field: "created_count", color: "created", word: _t("created")},
    {field: "updated_count", color: "updated", word: _t("updated")},
    {field: "unchanged_count", color: "unchanged", word: _t("unchanged")},
    {field: "skipped_count", color: "skipped", word: _t("skipped")},
    {field: "error_count", color: "errors", word: _t("errors")},
];

export function isFinished(job) {
    return FINISHED.includes(job.state);
}

export function stateWord(job) {
    switch (job.state) {
        case "sending":
            return _t("Being sent");
        case "queued":
            return job.rows_done ? _t("Waiting to go on") : _t("Waiting its turn");
        case "running":
            return _t("Running");
        case "paused":
            return _t("Paused");
        case "succeeded":
            return job.error_count ? _t("Done, with errors") : _t("Done");
        case "failed":
            return _t("Failed");
        default:
            return _t("Cancelled");
    }
}

export function percentWord(job) {
    // Never 100 before the end: the last batch takes a moment.
    const percent =
        job.state === "succeeded" ? 100 : Math.min(99, Math.floor(job.percent));
    return `${percent} %`;
}

function span(seconds) {
    if (seconds < 60) {
        return _t("%s s", Math.max(1, seconds));
    }
    if (seconds < 3600) {
        return _t("%s min", Math.round(seconds / 60));
    }
    return _t("%(hours)s h %(minutes)s min", {
        hours: Math.floor(seconds / 3600),
        minutes: Math.round((seconds % 3600) / 60),
    });
}

/** "5,000 of 13,445 rows · 1,240 rows/s · 7 s left" */
export function rowsWords(job) {
    const words = [];
    if (job.rows_total && job.state !== "succeeded") {
        words.push(
            _t("%(done)s of %(total)s rows", {
                done: formatInteger(job.rows_done),
                total: formatInteger(job.rows_total),
            })
        );
    } else if (job.rows_done) {
        words.push(_t("%s rows", formatInteger(job.rows_done)));
    }
    if (job.state === "running" && job.rows_per_second >= 1) {
        words.push(_t("%s rows/s", formatInteger(Math.round(job.rows_per_second))));
    }
    if (job.state === "running" && job.seconds_left) {
        words.push(_t("%s left", span(job.seconds_left)));
    }
    return words.join(" · ");
}

/** A bar that runs ahead stops a little short of where it will be, so that it need not come back. */
const CAUTION = 0.8;

/** How many times as far the rows will be when the next news come; none if nobody knows, or they come at once. */
export function glide(job) {
    const {rows_done: done, rows_total: total, silence} = job;
    if (job.state !== "running" || !done || !(silence > 1)) {
        return null;
    }
    const ahead = done + CAUTION * silence * job.rows_per_second;
    return {seconds: silence, factor: Math.max(Math.min(ahead, total), done) / done};
}

/** The outcomes that occur: "1,240 created". */
export function outcomes(job) {
    return OUTCOMES.filter(({field}) => job[field]).map(({field, color, word}) => ({
        color,
        count: formatInteger(job[field]),
        word: word.toString(),
        share: (100 * job[field]) / Math.max(job.rows_total, job.rows_done, 1),
    }));
}

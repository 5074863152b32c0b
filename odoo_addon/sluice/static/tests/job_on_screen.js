/** What the tests of our screens stand on: a job in the mocked Odoo, and news of it over the mocked bus. */
import {waitFor, waitForNone, waitUntil} from "@odoo/hoot-dom";
import {defineBusModels} from "@bus/../tests/bus_test_helpers";
import {
    defineModels,
    fields,
    getService,
    MockServer,
    models,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";

export class SluiceJob extends models.Model {
    _name = "sluice.job";
    _rec_name = "title";

    title = fields.Char();
    kind = fields.Char();
    state = fields.Char();
    seq = fields.Integer();
    message = fields.Char();
    percent = fields.Float();
    rows_per_second = fields.Float();
    seconds_left = fields.Integer();
    rows_total = fields.Integer();
    rows_done = fields.Integer();
    created_count = fields.Integer();
    updated_count = fields.Integer();
    unchanged_count = fields.Integer();
    skipped_count = fields.Integer();
    error_count = fields.Integer();
    started_at = fields.Datetime();
    finished_at = fields.Datetime();
    user_id = fields.Many2one({relation: "res.users"});
    res_model = fields.Char();
    res_id = fields.Integer();
}

/** A job that has not begun. */
export const WAITING = {
    id: 1,
    title: "Van der Berg: prices.csv",
    kind: "supplier_import",
    state: "queued",
    seq: 1,
    message: false,
    percent: 0,
    rows_per_second: 0,
    seconds_left: 0,
    rows_total: 0,
    rows_done: 0,
    created_count: 0,
    updated_count: 0,
    unchanged_count: 0,
    skipped_count: 0,
    error_count: 0,
    started_at: false,
    finished_at: false,
    user_id: serverState.userId,
    res_model: false,
    res_id: 0,
};

/** The same job, further. */
export const HALF_WAY = {
    ...WAITING,
    state: "running",
    seq: 2,
    percent: 50,
    rows_per_second: 250,
    seconds_left: 2,
    rows_total: 1000,
    rows_done: 500,
    created_count: 490,
    error_count: 10,
};

/** And at its end. */
export const DONE = {
    ...HALF_WAY,
    state: "succeeded",
    seq: 3,
    percent: 100,
    seconds_left: 0,
    rows_done: 1000,
    created_count: 980,
    error_count: 20,
};

/** The mocked Odoo has this job; call it where tests are described. */
export function defineJob(job = WAITING) {
    defineBusModels();
    defineModels([SluiceJob]);
    SluiceJob._records = [job];
    onRpc("has_group", () => true);
}

/** Waits until the element is there, on a machine that does other things too. */
export function seen(selector) {
    return waitFor(selector, {timeout: 10000});
}

/** Waits until no such element is there. */
export function gone(selector) {
    return waitForNone(selector, {timeout: 10000});
}

/** Tells every page where the job is, as the relay does, once this one listens. */
export async function tellOverBus(job) {
    await waitUntil(() => getService("bus_service").isActive, {timeout: 10000});
    MockServer.env["bus.bus"]._sendone("broadcast", "sluice.job/changed", job);
}

/** Lets the job get further without telling anybody. */
export function moveSilently(job) {
    MockServer.env["sluice.job"].write([job.id], job);
}

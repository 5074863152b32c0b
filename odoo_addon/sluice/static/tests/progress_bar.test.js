/** The progress bar moves by what the bus tells, and by asking where the bus is silent. */
import {expect, test} from "@odoo/hoot";
import {queryAllTexts, queryValue, waitUntil} from "@odoo/hoot-dom";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {mountView, onRpc, serverState} from "@web/../tests/web_test_helpers";

import {ConnectionLostError} from "@web/core/network/rpc";
import {ASK_EVERY, Jobs} from "@sluice/jobs/jobs_service";

import {
    DONE,
    HALF_WAY,
    WAITING,
    defineJob,
    moveSilently,
    seen,
    tellOverBus,
} from "./job_on_screen";

defineJob();

const FORM = `<form><field name="state"/><field name="percent" widget="sluice_progress"/></form>`;

async function openForm() {
    await mountView({type: "form", resModel: "sluice.job", resId: 1, arch: FORM});
    await seen(".o_sluice_progress");
}

test("three events move the bar to its end", async () => {
    await openForm();
    expect(".o_sluice_state").toHaveText("Waiting its turn");
    expect(".o_sluice_percent").toHaveText("0 %");

    await tellOverBus(HALF_WAY);
    await seen(".o_sluice_progress[data-state=running]");
    expect(".o_sluice_percent").toHaveText("50 %");
    expect(".o_sluice_rows").toHaveText("500 of 1,000 rows · 250 rows/s · 2 s left");
    expect(queryAllTexts(".o_sluice_outcome")).toEqual(["490 created", "10 errors"]);
    expect(".o_sluice_track").toHaveAttribute("aria-valuenow", "50");
    expect(".o_sluice_part.o_sluice_created").toHaveAttribute("style", "--share: 49%");

    await tellOverBus(DONE);
    await seen(".o_sluice_progress[data-state=succeeded]");
    expect(".o_sluice_state").toHaveText("Done, with errors");
    expect(".o_sluice_percent").toHaveText("100 %");
    expect(".o_sluice_moving").toHaveCount(0);
});

test("news that come late or twice change nothing", async () => {
    await openForm();
    await tellOverBus(DONE);
    await seen(".o_sluice_progress[data-state=succeeded]");
    await tellOverBus(HALF_WAY);
    await tellOverBus({...DONE, state: "running"});
    await animationFrame();
    await animationFrame();
    expect(".o_sluice_progress").toHaveAttribute("data-state", "succeeded");
});

test("without the bus the bar moves by asking", async () => {
    await openForm();
    moveSilently(HALF_WAY);
    await animationFrame();
    expect(".o_sluice_percent").toHaveText("0 %");
    await advanceTime(ASK_EVERY);
    await seen(".o_sluice_progress[data-state=running]");
    expect(".o_sluice_percent").toHaveText("50 %");
    moveSilently(DONE);
    await advanceTime(ASK_EVERY);
    await seen(".o_sluice_progress[data-state=succeeded]");
});

test("nobody asks about a job that is finished or that the bus has just told of", async () => {
    await openForm();
    onRpc("sluice.job", "read", () => {
        expect.step("asked");
    });
    await advanceTime(ASK_EVERY / 2);
    await tellOverBus(HALF_WAY);
    await seen(".o_sluice_progress[data-state=running]");
    await advanceTime(ASK_EVERY / 2);
    expect.verifySteps([]);
    await advanceTime(ASK_EVERY);
    expect.verifySteps(["asked"]);
    await tellOverBus(DONE);
    await seen(".o_sluice_progress[data-state=succeeded]");
    await advanceTime(3 * ASK_EVERY);
    expect.verifySteps([]);
});

test("the bar glides through a silence that was announced, and nobody asks in it", async () => {
    await openForm();
    onRpc("sluice.job", "read", () => {
        expect.step("asked");
    });
    await tellOverBus({...HALF_WAY, rows_per_second: 10, silence: 10});
    await seen(".o_sluice_progress[data-state=running]");
    // 80 of the 100 rows to come, and 490 of the 500 so far were created.
    expect(".o_sluice_part.o_sluice_created").toHaveAttribute(
        "style",
        "--share: 49%; --ahead: 56.839999999999996%; --span: 10s"
    );
    await advanceTime(12000);
    expect.verifySteps([]);
    await advanceTime(ASK_EVERY + 1000);
    expect.verifySteps(["asked"]);
});

test("a bar that was opened while Odoo was away is shown once Odoo is back", async () => {
    let isAway = true;
    const orm = {
        silent: {
            async call() {
                expect.step("asked");
                if (isAway) {
                    throw new ConnectionLostError("/web/dataset/call_kw");
                }
                return [HALF_WAY];
            },
        },
    };
    const jobs = new Jobs({orm, notification: {}, userId: serverState.userId});
    jobs.show(HALF_WAY.id);
    await advanceTime(ASK_EVERY);
    isAway = false;
    await advanceTime(ASK_EVERY);
    expect(jobs.jobs[HALF_WAY.id].percent).toBe(50);
    isAway = true;
    await advanceTime(ASK_EVERY);
    expect(jobs.jobs[HALF_WAY.id].percent).toBe(50);
    expect.verifySteps(["asked", "asked", "asked"]);
});

test("what is around the bar follows a change of state", async () => {
    await openForm();
    expect(".o_field_widget[name=state] input").toHaveValue("queued");
    moveSilently(HALF_WAY);
    await tellOverBus(HALF_WAY);
    await seen(".o_sluice_progress[data-state=running]");
    await animationFrame();
    await animationFrame();
    expect(".o_field_widget[name=state] input").toHaveValue("running");
});

test("what is around the bar follows the next news where the first came too early", async () => {
    await openForm();
    // The record is still as it was when it is loaded anew.
    await tellOverBus(HALF_WAY);
    await seen(".o_sluice_progress[data-state=running]");
    await animationFrame();
    await animationFrame();
    expect(".o_field_widget[name=state] input").toHaveValue("queued");
    moveSilently(HALF_WAY);
    await tellOverBus({...HALF_WAY, seq: 3});
    await waitUntil(
        () => queryValue(".o_field_widget[name=state] input") === "running",
        {timeout: 10000}
    );
});

test("a bar in a list is one line", async () => {
    await mountView({
        type: "list",
        resModel: "sluice.job",
        arch: `<list><field name="title"/><field name="percent" widget="sluice_progress"/></list>`,
    });
    await seen(".o_sluice_progress");
    expect(".o_sluice_progress").toHaveClass("o_sluice_compact");
    expect(".o_sluice_outcome").toHaveCount(0);
    await tellOverBus(HALF_WAY);
    await seen(".o_sluice_progress[data-state=running]");
    expect(".o_sluice_percent").toHaveText("50 %");
});

test("a job that does not know its rows shows that it works", async () => {
    await openForm();
    await tellOverBus({
        ...WAITING,
        seq: 2,
        state: "running",
        message: "Reading the list",
    });
    await seen(".o_sluice_open_ended");
    expect(".o_sluice_percent").toHaveCount(0);
    expect(".o_sluice_message").toHaveText("Reading the list");
});

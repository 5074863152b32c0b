/** The indicator in the bar at the top: this user's running jobs, and a word at their end. */
import {expect, test} from "@odoo/hoot";
import {click, queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {
    getService,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";

import {RunningJobs} from "@sluice/running_jobs/running_jobs";

import {DONE, HALF_WAY, defineJob, gone, seen, tellOverBus} from "./job_on_screen";

defineJob(HALF_WAY);

const BY_SOMEBODY_ELSE = {...HALF_WAY, id: 2, user_id: serverState.userId + 1};

function noteNotifications() {
    mockService("notification", {
        add(message, {title, type}) {
            expect.step(`${type}: ${title}: ${message}`);
            return () => expect.step(`closed: ${title}`);
        },
    });
}

test("running jobs of this user are counted, listed and opened", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(`${action.res_model} ${action.res_id}`);
        },
    });
    await mountWithCleanup(RunningJobs);
    await seen(".o_sluice_running_jobs");
    await tellOverBus(BY_SOMEBODY_ELSE);
    await tellOverBus({
        ...HALF_WAY,
        id: 3,
        title: "Another",
        res_model: "supplier.import",
        res_id: 7,
    });
    await seen(".o_sluice_count:contains(2)");

    await click(".o_sluice_running_jobs button");
    await seen(".o_sluice_running_job");
    expect(queryAllTexts(".o_sluice_running_job .fw-bold")).toEqual([
        HALF_WAY.title,
        "Another",
    ]);
    await click(".o_sluice_running_job:last");
    await animationFrame();
    expect.verifySteps(["supplier.import 7"]);
});

test("the indicator goes when the last job has ended, and its end is told once", async () => {
    noteNotifications();
    await mountWithCleanup(RunningJobs);
    await seen(".o_sluice_running_jobs");
    await tellOverBus(DONE);
    await gone(".o_sluice_running_jobs");
    await tellOverBus(DONE);
    await animationFrame();
    await animationFrame();
    expect.verifySteps([
        "warning: Van der Berg: prices.csv is done: 980 created, 20 errors",
    ]);
});

test("a failed job tells why", async () => {
    noteNotifications();
    await mountWithCleanup(RunningJobs);
    await seen(".o_sluice_running_jobs");
    await tellOverBus({
        ...HALF_WAY,
        seq: 3,
        state: "failed",
        message: "No column is the price.",
    });
    await gone(".o_sluice_running_jobs");
    expect.verifySteps([
        "danger: Van der Berg: prices.csv failed: No column is the price.",
    ]);
});

test("ends of jobs that were over before this page, or are somebody else's, are not told", async () => {
    noteNotifications();
    await makeMockEnv();
    const jobs = getService("sluice_jobs");
    jobs.take({...DONE, id: 4});
    const hide = jobs.show(2);
    jobs.take(BY_SOMEBODY_ELSE);
    jobs.take({...DONE, id: 2, user_id: serverState.userId + 1});
    expect(jobs.jobs[2].state).toBe("succeeded");
    hide();
    expect.verifySteps([]);
});

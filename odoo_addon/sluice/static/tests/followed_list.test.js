/** A list that a job fills shows the job, and what is there once it has ended. */
import {expect, test} from "@odoo/hoot";
import {animationFrame, Deferred} from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

import {HALF_WAY, defineJob, gone, seen, tellOverBus} from "./job_on_screen";

class Plan extends models.Model {
    _name = "plan";

    name = fields.Char();
    job_id = fields.Many2one({relation: "sluice.job"});

    _records = [{id: 1, name: "Each night"}];
}

defineJob(HALF_WAY);
defineModels([Plan]);

const BAR = ".o_sluice_above_list";

async function openList(context) {
    await mountView({
        type: "list",
        resModel: "plan",
        arch: `<list js_class="sluice_followed_list"><field name="name"/><field name="job_id" widget="sluice_progress"/></list>`,
        context,
    });
    expect(".o_data_row").toHaveCount(1);
}

test("the list shows its job, and fills when that has ended", async () => {
    await openList({sluice_job_id: HALF_WAY.id});
    await seen(`${BAR} .o_sluice_progress[data-state=running]`);
    MockServer.env.plan.create({name: "Each morning"});
    await tellOverBus({...HALF_WAY, seq: 3, state: "succeeded", percent: 100});
    await gone(BAR);
    await seen(".o_data_row:contains(Each morning)");
});

test("a job that ends while the list is still being loaded fills it too", async () => {
    const held = new Deferred();
    onRpc("plan", "web_search_read", async ({parent}) => {
        const answer = parent();
        await held;
        return answer;
    });
    await mountView({
        type: "list",
        resModel: "plan",
        arch: `<list js_class="sluice_followed_list"><field name="name"/></list>`,
        context: {sluice_job_id: HALF_WAY.id},
        // As Odoo opens a list of an action.
        config: {cache: true},
    });
    await seen(`${BAR} .o_sluice_progress[data-state=running]`);
    expect(".o_data_row").toHaveCount(0);
    MockServer.env.plan.create({name: "Each morning"});
    await tellOverBus({...HALF_WAY, seq: 3, state: "succeeded", percent: 100});
    await gone(BAR);
    held.resolve();
    await seen(".o_data_row:contains(Each morning)");
});

test("a job that failed stays above the list and says why", async () => {
    await openList({sluice_job_id: HALF_WAY.id});
    await seen(BAR);
    await tellOverBus({...HALF_WAY, seq: 3, state: "failed", message: "Nobody there."});
    await seen(`${BAR} .o_sluice_message:contains(Nobody there.)`);
});

test("a list that was opened without a job is a list", async () => {
    await openList({});
    await animationFrame();
    expect(BAR).toHaveCount(0);
});

test("cards show the job above them too, and fill when it has ended", async () => {
    await mountView({
        type: "kanban",
        resModel: "plan",
        arch: `<kanban js_class="sluice_followed_kanban"><templates><t t-name="card"><field name="name"/></t></templates></kanban>`,
        context: {sluice_job_id: HALF_WAY.id},
    });
    await seen(`${BAR} .o_sluice_progress[data-state=running]`);
    MockServer.env.plan.create({name: "Each morning"});
    await tellOverBus({...HALF_WAY, seq: 3, state: "succeeded", percent: 100});
    await gone(BAR);
    await seen(".o_kanban_record:contains(Each morning)");
});

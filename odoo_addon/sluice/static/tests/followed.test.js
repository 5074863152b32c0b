/** A state that the server changes by itself shows anew without a reload. */
import {expect, test} from "@odoo/hoot";
import {waitUntil} from "@odoo/hoot-dom";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

import {ASK_EVERY} from "@sluice/jobs/jobs_service";

import {defineJob, seen} from "./job_on_screen";

class Plan extends models.Model {
    _name = "plan";

    name = fields.Char();
    kept = fields.Selection({
        selection: [
            ["waiting", "Being Sent"],
            ["kept", "Active"],
        ],
    });

    _records = [{id: 1, name: "Each night", kept: "waiting"}];
}

defineJob();
defineModels([Plan]);

const FORM = `
    <form>
        <header>
            <field name="kept" widget="sluice_followed_statusbar" options="{'moving': ['waiting']}"/>
        </header>
        <field name="name"/>
    </form>`;
const CURRENT = ".o_arrow_button_current";

async function openForm() {
    await mountView({type: "form", resModel: "plan", resId: 1, arch: FORM});
    expect(CURRENT).toHaveText("Being Sent");
}

function settle() {
    MockServer.env.plan.write([1], {kept: "kept"});
}

async function tell(id) {
    await waitUntil(() => getService("bus_service").isActive, {timeout: 10000});
    const message = {model: "plan", id};
    MockServer.env["bus.bus"]._sendone("broadcast", "sluice.record/changed", message);
}

test("a state moves when the bus tells of its record", async () => {
    await openForm();
    settle();
    await tell(2);
    await animationFrame();
    expect(CURRENT).toHaveText("Being Sent");
    await tell(1);
    await seen(`${CURRENT}:contains(Active)`);
});

test("without the bus a state that passes moves by asking, and then nobody asks", async () => {
    await openForm();
    settle();
    await advanceTime(ASK_EVERY);
    await seen(`${CURRENT}:contains(Active)`);
    onRpc("plan", "read", () => {
        expect.step("asked");
    });
    await advanceTime(3 * ASK_EVERY);
    expect.verifySteps([]);
});

test("what somebody is typing is not loaded away", async () => {
    await openForm();
    await contains(".o_field_widget[name=name] input").edit("Each morning", {
        confirm: false,
    });
    settle();
    await tell(1);
    await advanceTime(ASK_EVERY);
    await animationFrame();
    expect(".o_field_widget[name=name] input").toHaveValue("Each morning");
});

test("a badge in a list moves as well", async () => {
    await mountView({
        type: "list",
        resModel: "plan",
        arch: `<list><field name="kept" widget="sluice_followed_badge" options="{'moving': ['waiting']}"/></list>`,
    });
    expect(".o_data_row .badge").toHaveText("Being Sent");
    settle();
    await tell(1);
    await seen(".o_data_row .badge:contains(Active)");
});

/** The screen of the search: what was found stands by model, and an answer to an earlier question is dropped. */
import {expect, test} from "@odoo/hoot";
import {click, edit, press, queryAllTexts} from "@odoo/hoot-dom";
import {Deferred, animationFrame, runAllTimers} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    mockService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {WebClient} from "@web/webclient/webclient";

import {marked} from "@sluice/search/words";

import {defineJob, gone, seen} from "./job_on_screen";

class Plan extends models.Model {
    _name = "plan";

    name = fields.Char();

    _records = [{id: 7, name: "Glass in Ghent"}];
    _views = {form: `<form><field name="name"/></form>`};
}

defineJob();
defineModels([Plan]);

const MODELS = [
    {model: "other", name: "Other"},
    {model: "plan", name: "Plan"},
];
const NOTHING = {models: MODELS, groups: [], by_words_only: false};

function found(name, more = {}) {
    const hit = {id: 7, name, snippet: "City: Ghent", by_words: true};
    return {
        ...NOTHING,
        groups: [{model: "plan", name: "Plan", hits: [hit]}],
        ...more,
    };
}

/** Opens the screen in an Odoo that answers as it is told. */
async function openSearch(answer, params = {}) {
    onRpc("sluice.search", "find", ({args, kwargs}) => answer(args[0], kwargs));
    onRpc("sluice.search", "similar", ({args}) => answer(args));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "sluice_search",
        name: "Search",
        params,
    });
    await seen(".o_sluice_search");
}

async function type(text) {
    await contains(".o_sluice_search_box input").click();
    await edit(text, {instantly: true});
    await runAllTimers();
    await animationFrame();
}

test("what is found stands by model with its words marked, and opens", async () => {
    await openSearch((text) => (text ? found("Glass in Ghent") : NOTHING));
    await seen(".o_sluice_search_nothing:contains(Describe)");
    await type("glas ghe in");
    await seen(".o_sluice_hit");
    expect(queryAllTexts(".o_sluice_search_model")).toEqual(["Plan"]);
    expect(queryAllTexts(".o_sluice_hit mark")).toEqual(["Glas", "in", "Ghe", "Ghe"]);
    expect(".o_sluice_hit").toHaveAttribute("href", "/odoo/plan/7");
    await press("ArrowDown");
    expect(".o_sluice_hit").toBeFocused();
    await click(".o_sluice_hit");
    await seen(".o_form_view .o_field_widget[name=name]");
    await click(".o_back_button, .breadcrumb-item a:contains(Search)");
    await seen(".o_sluice_hit:contains(Glass in Ghent)");
    expect(".o_sluice_search_box input").toHaveValue("glas ghe in");
});

test("an answer to an earlier question is dropped", async () => {
    const slow = new Deferred();
    await openSearch(async (text) => {
        if (text === "slow") {
            await slow;
        }
        return text ? found(text) : NOTHING;
    });
    await type("slow");
    await type("fast");
    await seen(".o_sluice_hit_name:contains(fast)");
    slow.resolve();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_sluice_hit_name")).toEqual(["fast"]);
});

test("a model that is chosen narrows the search", async () => {
    await openSearch((text, {model_names: chosen, limit}) => {
        expect.step(`${text}: ${chosen} ${limit}`);
        return NOTHING;
    });
    await type("glass");
    await seen(".o_sluice_search_nothing:contains(Nothing found)");
    await click(".o_sluice_search_models button:contains(Plan)");
    await animationFrame();
    expect(".o_sluice_search_models .btn-primary").toHaveText("Plan");
    expect.verifySteps([": null 20", "glass: null 20", "glass: plan 50"]);
});

test("it says that nothing is searchable yet", async () => {
    await openSearch(() => ({...NOTHING, models: []}));
    await seen(".o_sluice_search_nothing:contains(Nothing is searchable yet)");
    expect(".o_sluice_search_models").toHaveCount(0);
});

test("what went wrong is said, and can be tried again", async () => {
    let isAway = true;
    await openSearch(() => {
        if (isAway) {
            throw makeServerError({message: "Nobody answers."});
        }
        return NOTHING;
    });
    await seen(".o_sluice_search_error:contains(Nobody answers.)");
    isAway = false;
    await click(".o_sluice_search_error button");
    await gone(".o_sluice_search_error");
    await seen(".o_sluice_search_nothing");
});

test("it says when only words were looked for", async () => {
    await openSearch(() => found("Glass", {by_words_only: true}));
    await type("glass");
    await seen(".o_sluice_search_hint");
});

test("likes of a record are shown with its name, until something else is asked", async () => {
    await openSearch(
        (asked) => (Array.isArray(asked) ? found("Alike", {name: "Ghent"}) : NOTHING),
        {model: "plan", record_id: 7}
    );
    await seen(".o_sluice_search_like b:contains(Ghent)");
    await seen(".o_sluice_hit:contains(Alike)");
    await click(".o_sluice_search_like button");
    await gone(".o_sluice_search_like");
    await seen(".o_sluice_search_nothing:contains(Describe)");
});

test("words are marked where they begin, without regard to capitals", () => {
    expect(marked("Glas, hardglas én GLASS", "glas")).toEqual([
        {text: "Glas", isMatch: true},
        {text: ", hardglas én ", isMatch: false},
        {text: "GLAS", isMatch: true},
        {text: "S", isMatch: false},
    ]);
    expect(marked("a < b", "")).toEqual([{text: "a < b", isMatch: false}]);
});

test("the command palette finds records behind its sign", async () => {
    onRpc("sluice.search", "find", () => found("Glass in Ghent"));
    mockService("action", {
        doAction(action) {
            expect.step(
                `${action.res_model || action.tag} ${action.res_id || action.params.text}`
            );
        },
    });
    await mountWithCleanup(WebClient);
    await press(["control", "k"]);
    await seen(".o_command_palette input");
    await edit("!glass", {instantly: true});
    await runAllTimers();
    await seen(".o_command:contains(Glass in Ghent)");
    expect(queryAllTexts(".o_sluice_found mark")).toEqual(["Glass"]);
    expect(".o_command").toHaveCount(2);
    await press("Enter");
    await gone(".o_command_palette");
    expect.verifySteps(["plan 7"]);
});

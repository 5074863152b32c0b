/** The search in the command palette (Ctrl+K): behind its sign, records by what they mean. */
import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

import {marked, reason} from "../search/words";

/** Milliseconds of rest after which what was typed is looked for. */
const REST = 300;
/** Characters; fewer find everything and nothing. */
const SHORTEST = 2;
const HITS = 12;
export const SIGN = "!";

/** One record that was found, with what of it fits, and its model. */
export class FoundCommand extends Component {
    static template = "sluice.FoundCommand";
    static props = {
        hit: Object,
        model: String,
        name: {type: String, optional: true},
        searchValue: {type: String, optional: true},
        executeCommand: {type: Function, optional: true},
        slots: {type: Object, optional: true},
    };

    parts(text) {
        return marked(text, this.props.searchValue || "");
    }
}

function openRecord(env, model, id) {
    return () => {
        env.services.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
            target: "current",
        });
    };
}

function openScreen(env, text) {
    return () => {
        env.services.action.doAction({
            type: "ir.actions.client",
            tag: "sluice_search",
            name: _t("Search"),
            params: {text},
        });
    };
}

/** The commands for a text: its records by model, and the way to the screen of the search. */
export async function provide(env, {searchValue = ""}) {
    const text = searchValue.trim();
    if (text.length < SHORTEST) {
        return [];
    }
    const onScreen = {
        name: _t("Show all that is found"),
        action: openScreen(env, text),
    };
    try {
        const answer = await env.services.orm.silent.call(
            "sluice.search",
            "find",
            [text],
            {limit: HITS}
        );
        const found = answer.groups.flatMap((group) =>
            group.hits.map((hit) => ({
                Component: FoundCommand,
                name: hit.name,
                href: `/odoo/${group.model}/${hit.id}`,
                action: openRecord(env, group.model, hit.id),
                props: {hit, model: group.name},
            }))
        );
        return found.length ? [...found, onScreen] : [];
    } catch (error) {
        // The palette has no place for what went wrong but its list.
        return [{...onScreen, name: reason(error)}];
    }
}

/** Those who may search find the sign in the palette. */
export const searchPaletteService = {
    async start() {
        if (!(await user.hasGroup("sluice.group_user"))) {
            return;
        }
        registry.category("command_setup").add(SIGN, {
            debounceDelay: REST,
            emptyMessage: _t("No record found"),
            name: _t("records"),
            placeholder: _t("Describe what you are looking for..."),
        });
        registry
            .category("command_provider")
            .add("sluice_search", {namespace: SIGN, provide});
    },
};

registry.category("services").add("sluice_search_palette", searchPaletteService);

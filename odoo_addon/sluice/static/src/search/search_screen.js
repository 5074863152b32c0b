/** The search: what somebody looks for, or the record whose likes are wanted, and what was found, by model. */
import {Component, onWillStart, toRaw, useRef, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

import {marked, reason} from "./words";

/** Milliseconds of rest after which what was typed is looked for. */
const REST = 300;
/** Characters; fewer find everything and nothing. */
const SHORTEST = 2;
/** More of one model is shown when it was chosen. */
const HITS = 20;
const HITS_OF_ONE_MODEL = 50;

export class SearchScreen extends Component {
    static template = "sluice.SearchScreen";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.results = useRef("results");
        this.box = useAutofocus();
        this.keepLast = new KeepLast();
        const {model, record_id: id, text} = this.props.action.params || {};
        this.state = useState({
            text: text || "",
            model: "",
            like: id ? {model, id} : null,
            answer: null,
            error: "",
            isLoading: false,
            ...this.props.state,
        });
        this.askSoon = useDebounced(() => this.ask(), REST);
        useSetupAction({
            getLocalState: () => {
                const {text: typed, model: chosen, like, answer} = toRaw(this.state);
                return {text: typed, model: chosen, like, answer};
            },
        });
        onWillStart(() => {
            if (!this.state.answer) {
                this.ask();
            }
        });
    }

    get display() {
        return {controlPanel: {}};
    }

    get models() {
        return this.state.answer?.models || [];
    }

    get groups() {
        return this.state.answer?.groups || [];
    }

    get isAsked() {
        return Boolean(this.state.like) || this.question.length >= SHORTEST;
    }

    get question() {
        return this.state.text.trim();
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.state.like = null;
        // What is under way answers another question.
        this.keepLast.add(Promise.resolve());
        this.state.isLoading = this.isAsked;
        this.askSoon();
    }

    choose(model) {
        this.state.model = model === this.state.model ? "" : model;
        this.ask();
    }

    forget() {
        this.state.like = null;
        this.state.text = "";
        this.ask();
        this.box.el?.focus();
    }

    /** Asks Odoo; an answer that comes after a later question is dropped. */
    async ask() {
        this.askSoon.cancel();
        const {like, model} = this.state;
        const limit = model ? HITS_OF_ONE_MODEL : HITS;
        this.state.isLoading = this.isAsked;
        this.state.error = "";
        const asked = like
            ? this.call("similar", [like.model, like.id], {})
            : this.call("find", [this.isAsked ? this.question : ""], {
                  model_names: model ? [model] : null,
                  limit,
              });
        try {
            this.state.answer = await this.keepLast.add(asked);
        } catch (error) {
            this.state.error = reason(error);
            this.state.answer = null;
        }
        this.state.isLoading = false;
    }

    call(method, args, kwargs) {
        return this.orm.silent.call("sluice.search", method, args, kwargs);
    }

    parts(text) {
        return marked(text, this.state.like ? "" : this.question);
    }

    place(group, hit) {
        return `/odoo/${group.model}/${hit.id}`;
    }

    open(ev, group, hit) {
        if (ev.ctrlKey || ev.metaKey || ev.shiftKey) {
            return;
        }
        ev.preventDefault();
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: group.model,
            res_id: hit.id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && ev.target === this.box.el) {
            this.ask();
            return;
        }
        const step = {ArrowDown: 1, ArrowUp: -1}[ev.key];
        const hits = [...(this.results.el?.querySelectorAll(".o_sluice_hit") || [])];
        if (!step || !hits.length) {
            return;
        }
        ev.preventDefault();
        const next = hits.indexOf(ev.target) + step;
        (next < 0 ? this.box.el : hits[Math.min(next, hits.length - 1)]).focus();
    }
}

registry.category("actions").add("sluice_search", SearchScreen);

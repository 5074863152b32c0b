/** Where the jobs are that this page shows, live: fed by the bus, and by asking where the bus is silent. */
import {reactive} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {ConnectionLostError} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

import {isFinished, outcomes} from "./words";

/** Milliseconds. A websocket that does not get through must not stop the bar. */
export const ASK_EVERY = 4000;
/** So many times as long as it said the bus may be silent. */
const PATIENCE = 1.5;

const FIELDS = [
    "title",
    "kind",
    "state",
    "seq",
    "message",
    "percent",
    "rows_per_second",
    "seconds_left",
    "rows_total",
    "rows_done",
    "created_count",
    "updated_count",
    "unchanged_count",
    "skipped_count",
    "error_count",
    "started_at",
    "finished_at",
    "user_id",
    "res_model",
    "res_id",
];

export class Jobs {
    constructor({orm, notification, userId}) {
        this.orm = orm;
        this.notification = notification;
        this.userId = userId;
        /** Jobs by id. */
        this.jobs = reactive({});
        this.shown = new Map();
        /** When it is time to ask for a job that the bus told of, by its id. */
        this.askFrom = new Map();
        this.toLoad = new Set();
        /** Ids of jobs that were asked for while Odoo was away. */
        this.missed = new Set();
        this.timer = null;
    }

    /** Keeps a job up to date until the returned function is called. */
    show(id) {
        this.shown.set(id, (this.shown.get(id) || 0) + 1);
        if (!this.jobs[id]) {
            this.loadSoon(id);
        }
        return () => {
            const others = this.shown.get(id) - 1;
            if (others) {
                this.shown.set(id, others);
            } else {
                this.shown.delete(id);
            }
        };
    }

    /** Takes over where a job is, unless something later is known. */
    take(job) {
        if (!this.shown.has(job.id) && job.user_id !== this.userId) {
            return;
        }
        // The bus tells everybody the same, in each language of this database.
        job.message = job.messages?.[user.context.lang] || job.message;
        const known = this.jobs[job.id];
        // The bus repeats what it said in the last minute to a new page.
        if (
            known &&
            (job.seq < known.seq ||
                (job.seq === known.seq && isFinished(known) && !isFinished(job)))
        ) {
            return;
        }
        this.jobs[job.id] = job;
        if (
            known &&
            !isFinished(known) &&
            isFinished(job) &&
            job.user_id === this.userId
        ) {
            this.tellEnd(job);
        }
        this.askLater();
    }

    /** Takes over what the bus told. */
    hear(job) {
        const silence = Math.max(ASK_EVERY, PATIENCE * 1000 * (job.silence || 0));
        this.askFrom.set(job.id, Date.now() + silence);
        this.take(job);
    }

    /** Loads the jobs that this user has running. */
    async loadOwn() {
        const ids = await this.orm.silent.search("sluice.job", [
            ["user_id", "=", this.userId],
            ["state", "in", ["sending", "queued", "running", "paused"]],
        ]);
        await this.ask(ids);
    }

    /** Many rows of a list ask at once: one call answers them all. */
    loadSoon(id) {
        if (!this.toLoad.size) {
            browser.setTimeout(() => {
                const ids = [...this.toLoad];
                this.toLoad.clear();
                this.ask(ids);
            });
        }
        this.toLoad.add(id);
    }

    /** Loads jobs; while Odoo is being restarted, say, the next question may be answered. */
    async ask(ids) {
        try {
            await this.load(ids);
            ids.forEach((id) => this.missed.delete(id));
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            ids.forEach((id) => this.missed.add(id));
        } finally {
            this.askLater();
        }
    }

    async load(ids) {
        if (!ids.length) {
            return;
        }
        const jobs = await this.orm.silent.call("sluice.job", "read", [ids, FIELDS], {
            load: null,
        });
        jobs.forEach((job) => this.take(job));
    }

    askLater() {
        if (this.timer || !(this.missed.size || this.open().length)) {
            return;
        }
        this.timer = browser.setTimeout(() => {
            this.timer = null;
            const now = Date.now();
            const silent = this.open().filter((id) => !(this.askFrom.get(id) > now));
            this.ask([...new Set([...silent, ...this.missed])]);
        }, ASK_EVERY);
    }

    /** Ids of the jobs that may still move and that somebody looks at, or that are this user's. */
    open() {
        return Object.values(this.jobs)
            .filter(
                (job) =>
                    !isFinished(job) &&
                    (this.shown.has(job.id) || job.user_id === this.userId)
            )
            .map((job) => job.id);
    }

    tellEnd(job) {
        const counts = outcomes(job).map(({count, word}) => `${count} ${word}`);
        if (job.state === "succeeded") {
            this.notification.add(counts.join(", "), {
                title: _t("%s is done", job.title),
                type: job.error_count ? "warning" : "success",
            });
        } else if (job.state === "failed") {
            this.notification.add(job.message || "", {
                title: _t("%s failed", job.title),
                type: "danger",
                sticky: true,
            });
        }
    }
}

export const jobsService = {
    dependencies: ["orm", "notification", "bus_service"],
    start(env, {orm, notification, bus_service: bus}) {
        const jobs = new Jobs({orm, notification, userId: user.userId});
        bus.subscribe("sluice.job/changed", (job) => jobs.hear(job));
        user.hasGroup("sluice.group_user").then((allowed) => {
            if (allowed) {
                bus.start();
                jobs.loadOwn();
            }
        });
        return jobs;
    },
};

registry.category("services").add("sluice_jobs", jobsService);

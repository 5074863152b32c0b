/** A job's progress bar: moves by itself, wherever the record is shown. */
import {Component, status, useEffect, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {
    glide,
    isFinished,
    outcomes,
    percentWord,
    rowsWords,
    stateWord,
} from "../jobs/words";

/** The bar of one job, in full or on one line. */
export class ProgressBar extends Component {
    static template = "sluice.ProgressBar";
    static props = {
        job: Object,
        compact: {type: Boolean, optional: true},
    };

    get state() {
        return stateWord(this.props.job);
    }

    get percent() {
        return percentWord(this.props.job);
    }

    get rows() {
        return rowsWords(this.props.job);
    }

    get outcomes() {
        return outcomes(this.props.job);
    }

    /** How wide a part is, and how wide it becomes until the next news. */
    width(share) {
        const gliding = glide(this.props.job);
        const ahead = gliding
            ? `; --ahead: ${share * gliding.factor}%; --span: ${gliding.seconds}s`
            : "";
        return `--share: ${share}%${ahead}`;
    }

    /** What the job said, where that is news. */
    get message() {
        const {state, message} = this.props.job;
        return state === "succeeded" || state === "paused" ? "" : message;
    }

    /** Running, but nobody knows for how long: reading the list, or sweeping. */
    get isOpenEnded() {
        const {state, rows_total: total} = this.props.job;
        return state === "sending" || (state === "running" && !total);
    }

    get isMoving() {
        return this.props.job.state === "running";
    }

    get isFinished() {
        return isFinished(this.props.job);
    }

    get tip() {
        return [this.state, this.rows, this.message].filter(Boolean).join("\n");
    }
}

/** The bar as a field: of a job itself, or of a record that has a job. */
export class ProgressBarField extends Component {
    static template = "sluice.ProgressBarField";
    static components = {ProgressBar};
    static props = {
        ...standardFieldProps,
        jobField: {type: String, optional: true},
        compact: {type: Boolean, optional: true},
    };

    setup() {
        this.service = useService("sluice_jobs");
        this.jobs = useState(this.service.jobs);
        useEffect(
            (id) => (id ? this.service.show(id) : undefined),
            () => [this.jobId]
        );
        useEffect(
            (id, state) => {
                this.follow(id, state);
            },
            // By each news: what was loaded may have been older than the one before.
            () => [this.jobId, this.job?.state, this.job?.seq]
        );
    }

    get jobId() {
        const {record, name, jobField} = this.props;
        if (record.resModel === "sluice.job") {
            return record.resId;
        }
        return record.data[jobField || name]?.id;
    }

    get job() {
        return this.jobs[this.jobId];
    }

    /** The job's state as the record around the bar has it; undefined where it has none. */
    get shownState() {
        const {record, name, jobField} = this.props;
        const isOfJob =
            record.resModel === "sluice.job" ||
            record.fields.state?.related === `${jobField || name}.state`;
        return isOfJob ? record.data.state : undefined;
    }

    /** Buttons and columns around the bar depend on the state, and do not move by themselves. */
    async follow(id, state) {
        const shown =
            this.shownState ||
            (this.seen && this.seen.id === id ? this.seen.state : undefined);
        const moved = state && shown && shown !== state;
        this.seen = {id, state};
        if (!moved || this.isLoading) {
            return;
        }
        this.isLoading = true;
        try {
            const {record} = this.props;
            if (!(await record.isDirty()) && status(this) !== "destroyed") {
                await record.load();
            }
        } finally {
            this.isLoading = false;
        }
    }
}

export const progressBarField = {
    component: ProgressBarField,
    displayName: _t("Sluice progress"),
    supportedTypes: ["float", "integer", "many2one"],
    supportedOptions: [
        {
            name: "job_field",
            label: _t("Field of the job"),
            type: "field",
            availableTypes: ["many2one"],
        },
    ],
    fieldDependencies: ({options}) =>
        options.job_field ? [{name: options.job_field, type: "many2one"}] : [],
    extractProps: ({options, viewType}) => ({
        jobField: options.job_field,
        compact: viewType !== "form",
    }),
};

registry.category("fields").add("sluice_progress", progressBarField);

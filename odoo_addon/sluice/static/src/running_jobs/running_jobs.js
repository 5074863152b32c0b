/** The running jobs of this user, in the bar at the top. */
import {Component, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

import {isFinished, rowsWords, stateWord} from "../jobs/words";
import {ProgressBar} from "../progress_bar/progress_bar";

export class RunningJobs extends Component {
    static template = "sluice.RunningJobs";
    static components = {Dropdown, DropdownItem, ProgressBar};
    static props = {};

    setup() {
        this.action = useService("action");
        this.jobs = useState(useService("sluice_jobs").jobs);
    }

    get running() {
        return Object.values(this.jobs)
            .filter((job) => job.user_id === user.userId && !isFinished(job))
            .sort((one, other) => one.id - other.id);
    }

    get isMoving() {
        return this.running.some((job) => job.state === "running");
    }

    words(job) {
        return rowsWords(job) || stateWord(job);
    }

    open(job) {
        const isForRecord = job.res_model && job.res_id;
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: isForRecord ? job.res_model : "sluice.job",
            res_id: isForRecord ? job.res_id : job.id,
            views: [[false, "form"]],
            target: "current",
        });
    }
}

registry
    .category("systray")
    .add("sluice.RunningJobs", {Component: RunningJobs}, {sequence: 30});

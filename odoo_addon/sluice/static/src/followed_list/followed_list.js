/** A list that a job fills: shows how far the job is, and loads anew when it has ended. */
import {useEffect, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";

import {isFinished} from "../jobs/words";
import {ProgressBar} from "../progress_bar/progress_bar";

export class FollowedListController extends ListController {
    static template = "sluice.FollowedList";
    static components = {...ListController.components, ProgressBar};

    setup() {
        super.setup();
        const service = useService("sluice_jobs");
        this.jobs = useState(service.jobs);
        useEffect(
            (id) => (id ? service.show(id) : undefined),
            () => [this.jobId]
        );
        useEffect(
            (hasEnded) => {
                if (hasEnded) {
                    this.model.load();
                }
            },
            () => [Boolean(this.job && isFinished(this.job))]
        );
    }

    /** The job that the action names which opened this list. */
    get jobId() {
        return this.props.context.sluice_job_id;
    }

    get job() {
        return this.jobs[this.jobId];
    }

    /** What is there speaks for a job that went well. */
    get shownJob() {
        return this.job && this.job.state !== "succeeded" ? this.job : undefined;
    }
}

export const followedListView = {...listView, Controller: FollowedListController};

registry.category("views").add("sluice_followed_list", followedListView);

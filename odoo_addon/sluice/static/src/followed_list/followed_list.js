/** Records that a job fills: above them stands how far the job is, and they are loaded anew when it has ended. */
import {useEffect, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";

import {isFinished} from "../jobs/words";
import {ProgressBar} from "../progress_bar/progress_bar";

/** A controller of a list or of cards that follows the job which the action names that opened it. */
const following = (Controller) =>
    class extends Controller {
        static components = {...Controller.components, ProgressBar};

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
                        this.reload();
                    }
                },
                () => [Boolean(this.job && isFinished(this.job))]
            );
        }

        /** Loads what the job filled, after the first load: beside that one the same question gets its answer, of before the end. */
        async reload() {
            await this.model.whenReady;
            await this.model.load();
        }

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
    };

export class FollowedListController extends following(ListController) {
    static template = "sluice.FollowedList";
}

export class FollowedKanbanController extends following(KanbanController) {
    static template = "sluice.FollowedKanban";
}

export const followedListView = {...listView, Controller: FollowedListController};

export const followedKanbanView = {...kanbanView, Controller: FollowedKanbanController};

registry.category("views").add("sluice_followed_list", followedListView);
registry.category("views").add("sluice_followed_kanban", followedKanbanView);

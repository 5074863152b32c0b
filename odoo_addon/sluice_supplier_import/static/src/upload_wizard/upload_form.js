// A form with files that may still be on their way: its buttons wait until they are there.
import {_t} from "@web/core/l10n/translation";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

import {useSubEnv} from "@odoo/owl";

export class UploadFormController extends FormController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        /** Fields whose files buttons wait for. */
        this.fileFields = new Set();
        useSubEnv({fileFields: this.fileFields});
    }

    /** @override */
    async beforeExecuteActionButton(clickParams) {
        if (clickParams.special !== "cancel" && !(await this.filesArrived())) {
            return false;
        }
        return super.beforeExecuteActionButton(clickParams);
    }

    /** Waits for the files that are on their way; false if one of them is not to come. */
    async filesArrived() {
        let arrived = [];
        // One that is replaced meanwhile brings another.
        for (let awaited = this.onTheirWay; awaited.length; awaited = this.onTheirWay) {
            arrived = await Promise.all(awaited);
        }
        const failed = [...this.fileFields].find((field) => field.state.fault);
        if (failed) {
            this.notification.add(
                _t("%(file)s is not here: %(reason)s", {
                    file: failed.state.name,
                    reason: failed.state.fault,
                }),
                {type: "danger"}
            );
            return false;
        }
        return arrived.every(Boolean);
    }

    get onTheirWay() {
        return [...this.fileFields].map((field) => field.arrival).filter(Boolean);
    }
}

export const uploadForm = {...formView, Controller: UploadFormController};

registry.category("views").add("sluice_upload_form", uploadForm);

// A price list to be dropped on, or chosen from, one large area, which shows its way to Odoo.
import {_t} from "@web/core/l10n/translation";
import {checkFileSize} from "@web/core/utils/files";
import {formatFloat} from "@web/core/utils/numbers";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useDropzone} from "@web/core/dropzone/dropzone_hook";
import {useService} from "@web/core/utils/hooks";

import {Component, onWillDestroy, useRef, useState} from "@odoo/owl";

import {ListUpload, UploadFailed} from "./list_upload";

const MEGABYTE = 1e6;

export class ListFile extends Component {
    static template = "sluice_supplier_import.ListFile";
    static props = {...standardFieldProps};

    setup() {
        this.notification = useService("notification");
        this.input = useRef("input");
        this.state = useState({
            name: "",
            size: 0,
            sent: 0,
            isUnderWay: false,
            isWaiting: false,
            fault: "",
            mayPass: false,
        });
        this.upload = null;
        /** A promise whether the file on its way arrived; null if none is. */
        this.arrival = null;
        useDropzone(
            useRef("area"),
            (event) => this.take(event.dataTransfer.files[0]),
            "",
            () => this.isOpen
        );
        onWillDestroy(() => this.forget());
        // Buttons of the form wait for the file.
        this.env.fileFields?.add(this);
        onWillDestroy(() => this.env.fileFields?.delete(this));
    }

    /** Whether a list may be given. */
    get isOpen() {
        return !this.props.readonly;
    }

    /** The list that Odoo has. */
    get file() {
        return this.props.record.data[this.props.name];
    }

    get percent() {
        return Math.floor((100 * this.state.sent) / this.state.size);
    }

    get progressInWords() {
        if (this.state.isWaiting) {
            return _t("The connection was lost; trying again.");
        }
        // Both with the same unit, whatever the size.
        const megabytes = (bytes) => formatFloat(bytes / MEGABYTE, {digits: [16, 1]});
        const words = _t("%(sent)s of %(size)s MB", {
            sent: megabytes(this.state.sent),
            size: megabytes(this.state.size),
        });
        return `${this.percent}% · ${words}`;
    }

    choose() {
        this.input.el.click();
    }

    onChosen() {
        const [file] = this.input.el.files;
        this.take(file);
        // The same file may be chosen again, after it was mended.
        this.input.el.value = "";
    }

    /** Sends the file to Odoo, in place of whatever is here or on its way. */
    take(file) {
        if (!file || !checkFileSize(file.size, this.notification)) {
            return;
        }
        this.forget();
        const upload = new ListUpload(file, (state) => {
            if (upload === this.upload) {
                Object.assign(this.state, state);
            }
        });
        this.upload = upload;
        Object.assign(this.state, {name: file.name, size: file.size, sent: 0});
        this.send();
    }

    /** Sends what is not there yet. */
    send() {
        const arrival = this._send(this.upload).finally(() => {
            if (arrival === this.arrival) {
                this.arrival = null;
            }
        });
        this.arrival = arrival;
    }

    /** Drops the file that is on its way, or did not get there. */
    forget() {
        this.upload?.cancel();
        this.upload = null;
        Object.assign(this.state, {isUnderWay: false, isWaiting: false, fault: ""});
    }

    /** Returns whether the list arrived. */
    async _send(upload) {
        Object.assign(this.state, {isUnderWay: true, isWaiting: false, fault: ""});
        try {
            if (this.file) {
                await this.props.record.update({[this.props.name]: false});
            }
            const file = await upload.send();
            // Another one may have come in its place.
            if (!file || upload !== this.upload) {
                return false;
            }
            await this.props.record.update({[this.props.name]: file});
            this.forget();
            return true;
        } catch (error) {
            if (!(error instanceof UploadFailed)) {
                throw error;
            }
            if (upload === this.upload) {
                Object.assign(this.state, {
                    isUnderWay: false,
                    fault: error.message,
                    mayPass: error.mayPass,
                });
            }
            return false;
        }
    }
}

/** The same on one line of several lists; a line takes a list without being edited first. */
export class ListFileCell extends ListFile {
    static template = "sluice_supplier_import.ListFileCell";

    get isOpen() {
        return true;
    }
}

export const listFile = {component: ListFile, supportedTypes: ["many2one"]};

export const listFileCell = {...listFile, component: ListFileCell};

registry.category("fields").add("sluice_list_file", listFile);
registry.category("fields").add("sluice_list_file_cell", listFileCell);

// A price list to be dropped on, or chosen from, one large area.
import {registry} from "@web/core/registry";
import {useDropzone} from "@web/core/dropzone/dropzone_hook";
import {FileUploader} from "@web/views/fields/file_handler";
import {BinaryField, binaryField} from "@web/views/fields/binary/binary_field";
import {getDataURLFromFile} from "@web/core/utils/urls";
import {checkFileSize} from "@web/core/utils/files";

import {useRef} from "@odoo/owl";

export class ListFile extends BinaryField {
    static template = "sluice_supplier_import.ListFile";
    static components = {FileUploader};

    setup() {
        super.setup();
        useDropzone(
            useRef("area"),
            (event) => this.onDrop(event),
            "",
            () => this.isOpen
        );
    }

    /** Whether a list may be given. */
    get isOpen() {
        return !this.props.readonly;
    }

    get hasFile() {
        return Boolean(this.props.record.data[this.props.name]);
    }

    async onDrop(event) {
        const [file] = event.dataTransfer.files;
        if (file && checkFileSize(file.size, this.notification)) {
            const content = await getDataURLFromFile(file);
            await this.update({name: file.name, data: content.split(",")[1]});
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

export const listFile = {...binaryField, component: ListFile};

export const listFileCell = {...binaryField, component: ListFileCell};

registry.category("fields").add("sluice_list_file", listFile);
registry.category("fields").add("sluice_list_file_cell", listFileCell);

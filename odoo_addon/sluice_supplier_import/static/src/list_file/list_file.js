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
            () => !this.props.readonly
        );
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

export const listFile = {...binaryField, component: ListFile};

registry.category("fields").add("sluice_list_file", listFile);

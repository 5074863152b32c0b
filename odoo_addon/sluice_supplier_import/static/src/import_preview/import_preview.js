// What an import would do: a tile for each outcome that filters the rows below, and the largest price changes.
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/core/utils/numbers";
import {formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component, useState} from "@odoo/owl";

const OUTCOMES = [
    {name: "created", label: _t("New"), tone: "success"},
    {name: "updated", label: _t("Changed"), tone: "info"},
    {name: "unchanged", label: _t("Unchanged"), tone: "body"},
    {name: "skipped", label: _t("Left out"), tone: "warning"},
    {name: "errors", label: _t("Failed"), tone: "danger"},
];

export class ImportPreview extends Component {
    static template = "sluice_supplier_import.ImportPreview";
    static props = {...standardFieldProps};

    setup() {
        this.state = useState({
            shown: this.preview.changes.length ? "changes" : this.firstWithRows,
        });
    }

    get preview() {
        return (
            this.props.record.data[this.props.name] || {
                looked_at: 0,
                total: 0,
                counts: {},
                rows: [],
                changes: [],
            }
        );
    }

    get outcomes() {
        return OUTCOMES.map((outcome) => ({
            ...outcome,
            count: this.preview.counts[outcome.name] || 0,
        }));
    }

    get firstWithRows() {
        const outcome = [...OUTCOMES]
            .reverse()
            .find(({name}) => this.preview.counts[name]);
        return outcome ? outcome.name : "created";
    }

    get rows() {
        const {changes, rows} = this.preview;
        return this.state.shown === "changes"
            ? changes
            : rows.filter((row) => row.outcome === this.state.shown);
    }

    /** Failed rows have no prices, new ones no price before: empty columns would only take room. */
    get columns() {
        return {
            product: this.rows.some((row) => row.product),
            before: this.rows.some((row) => Number.isFinite(row.before)),
            after: this.rows.some((row) => Number.isFinite(row.after)),
            change: this.rows.some((row) => row.change),
            remark: this.rows.some((row) => row.reason || row.message),
        };
    }

    get scope() {
        const {looked_at, total} = this.preview;
        if (total > looked_at) {
            return _t(
                "The first %(looked_at)s of %(total)s rows; nothing has been changed yet.",
                {
                    looked_at: this.count(looked_at),
                    total: this.count(total),
                }
            );
        }
        return _t("All %(total)s rows; nothing has been changed yet.", {
            total: this.count(total),
        });
    }

    count(number) {
        return formatFloat(number, {digits: [16, 0]});
    }

    price(value) {
        return value === null
            ? ""
            : formatMonetary(value, {currencyId: this.preview.currency});
    }

    change(row) {
        return row.change
            ? `${row.change > 0 ? "+" : ""}${formatFloat(row.change, {digits: [16, 1]})} %`
            : "";
    }
}

export const importPreview = {component: ImportPreview, supportedTypes: ["json"]};

registry.category("fields").add("sluice_import_preview", importPreview);

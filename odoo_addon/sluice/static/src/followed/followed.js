/** States that the server changes by itself: the record around them is loaded anew. */
import {status, useComponent, useEffect} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {ConnectionLostError} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {BadgeField, badgeField} from "@web/views/fields/badge/badge_field";
import {
    StatusBarField,
    statusBarField,
} from "@web/views/fields/statusbar/statusbar_field";

import {ASK_EVERY} from "../jobs/jobs_service";

/** Loads the field's record when the bus tells of it, and by asking while its state is one that passes. */
export function useFollowedRecord() {
    const component = useComponent();
    const bus = useService("bus_service");
    const orm = useService("orm");

    async function load() {
        const {record} = component.props;
        if (
            status(component) !== "destroyed" &&
            record.resId &&
            !(await record.isDirty())
        ) {
            await record.load();
        }
    }

    function hear({model, id}) {
        const {record} = component.props;
        if (record.resModel === model && record.resId === id) {
            load();
        }
    }

    async function ask() {
        const {record, name} = component.props;
        try {
            const [now] = await orm.silent.read(
                record.resModel,
                [record.resId],
                [name]
            );
            if (now && now[name] !== component.props.record.data[name]) {
                await load();
            }
        } catch (error) {
            // While Odoo is being restarted, say, the next question may be answered.
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    }

    useEffect(
        () => {
            bus.subscribe("sluice.record/changed", hear);
            return () => bus.unsubscribe("sluice.record/changed", hear);
        },
        () => []
    );
    useEffect(
        (id, passes) => {
            if (!id || !passes) {
                return undefined;
            }
            const timer = browser.setInterval(ask, ASK_EVERY);
            return () => browser.clearInterval(timer);
        },
        () => {
            const {record, name, moving} = component.props;
            return [record.resId, moving.includes(record.data[name])];
        }
    );
}

const moving = {type: Array, element: String};

const movingOption = {
    name: "moving",
    label: _t("States that pass by themselves"),
    type: "string",
};

export class FollowedStatusBar extends StatusBarField {
    static props = {...StatusBarField.props, moving};

    setup() {
        super.setup();
        useFollowedRecord();
    }
}

export class FollowedBadge extends BadgeField {
    static props = {...BadgeField.props, moving};

    setup() {
        super.setup();
        useFollowedRecord();
    }
}

/** The descriptor of a field of Odoo's with our component, which needs to know the states that pass. */
function followed(field, component, look) {
    return {
        ...field,
        component,
        additionalClasses: [...(field.additionalClasses || []), look],
        supportedOptions: [...field.supportedOptions, movingOption],
        extractProps: (info, dynamicInfo) => ({
            ...field.extractProps(info, dynamicInfo),
            moving: info.options.moving || [],
        }),
    };
}

export const followedStatusBar = followed(
    statusBarField,
    FollowedStatusBar,
    "o_field_statusbar"
);
export const followedBadge = followed(badgeField, FollowedBadge, "o_field_badge");

registry.category("fields").add("sluice_followed_statusbar", followedStatusBar);
registry.category("fields").add("sluice_followed_badge", followedBadge);

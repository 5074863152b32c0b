/** The area for a price list: what is on its way is shown, what is lost is sent again, and buttons wait for it. */
import {expect, test} from "@odoo/hoot";
import {click, queryAllTexts, setInputFiles, waitFor} from "@odoo/hoot-dom";
import {advanceTime, Deferred} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mockService,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {session} from "@web/session";

import {SluiceJob} from "@sluice/../tests/job_on_screen";
import {PIECES} from "@sluice_supplier_import/list_file/list_upload";

class ListFile extends models.Model {
    _name = "supplier.import.file";

    name = fields.Char();

    _records = [
        {id: 7, name: "prices.csv"},
        {id: 8, name: "other.csv"},
    ];
}

class Upload extends models.Model {
    _name = "upload";

    file_id = fields.Many2one({relation: "supplier.import.file"});

    _views = {
        form: `
            <form js_class="sluice_upload_form">
                <field name="file_id" widget="sluice_list_file"/>
                <button name="action_read" type="object" string="Next"/>
            </form>`,
    };
}

defineMailModels();
defineModels([ListFile, SluiceJob, Upload]);

const AREA = ".o_sluice_list_file";
const CONTENT = "0123456789";

const lost = () => new Response("", {status: 503});
const refused = (status, told) => new Response(JSON.stringify(told), {status});

/** What is in a body; a mocked one says only of what kind it is. */
function textOf(blob) {
    return new Promise((read) => {
        const reader = new FileReader();
        reader.addEventListener("load", () => read(reader.result));
        reader.readAsText(blob);
    });
}

/** An Odoo that takes pieces, unless `answer` has another answer to one. */
function odooTakesPieces(answer = () => null) {
    let received = 0;
    let name = "";
    let count = 0;
    async function take(request) {
        const {pathname, searchParams} = new URL(request.url, "http://odoo");
        const piece = await textOf(await request.blob());
        const offset = Number(searchParams.get("offset"));
        name = searchParams.get("name") || name;
        expect.step(
            `${pathname.split("/").slice(3).join("/") || name} ${offset}: ${piece}`
        );
        const other = await answer(++count);
        if (other) {
            return other;
        }
        received = offset + piece.length;
        const id = name === "other.csv" ? 8 : 7;
        return new Response(JSON.stringify({id, name, received}));
    }
    onRpc("/sluice_supplier_import/file", take, {pure: true});
    onRpc("/sluice_supplier_import/file/<int:id>", take, {pure: true});
}

async function mountArea() {
    patchWithCleanup(PIECES, {largest: 4, smallest: 1, pauses: [1000, 1000]});
    onRpc("upload", "web_save", ({args}) => {
        expect.step(`saved ${JSON.stringify(args[1])}`);
    });
    mockService("action", {
        doActionButton({name}) {
            expect.step(name);
        },
    });
    await mountView({type: "form", resModel: "upload"});
}

async function choose(
    button = "Choose a file",
    name = "prices.csv",
    content = CONTENT
) {
    await contains(`${AREA} button:contains(${button})`).click();
    await setInputFiles([new File([content], name)]);
}

function arrived() {
    return waitFor(`${AREA} .fa-file-text-o`, {timeout: 10000});
}

function seen(text) {
    return waitFor(`${AREA}:contains(${text})`, {timeout: 10000});
}

test("a list goes to Odoo in pieces and is what the form saves", async () => {
    odooTakesPieces();
    await mountArea();
    await choose();
    await arrived();
    expect(queryAllTexts(`${AREA} strong`)).toEqual(["prices.csv"]);
    await click("button[name=action_read]");
    await expect.waitForSteps([
        "prices.csv 0: 0123",
        "7 4: 4567",
        "7 8: 89",
        'saved {"file_id":7}',
        "action_read",
    ]);
});

test("a piece that is lost is sent again, after a pause and with a word about it", async () => {
    odooTakesPieces((count) => {
        if (count === 2) {
            return lost();
        }
        if (count === 3) {
            throw new Error("no network");
        }
    });
    await mountArea();
    await choose();
    for (let again = 0; again < 2; again++) {
        await seen("trying again");
        await advanceTime(1000);
    }
    await arrived();
    expect.verifySteps([
        "prices.csv 0: 0123",
        "7 4: 4567",
        "7 4: 4567",
        "7 4: 4567",
        "7 8: 89",
    ]);
});

test("after too many losses the list goes on where it was, once somebody says so", async () => {
    odooTakesPieces((count) => (count > 1 && count < 5 ? lost() : null));
    await mountArea();
    await choose();
    for (let again = 0; again < 2; again++) {
        await seen("trying again");
        await advanceTime(1000);
    }
    await seen("cannot be reached");
    await click(`${AREA} button:contains(Try again)`);
    await arrived();
    expect.verifySteps([
        "prices.csv 0: 0123",
        "7 4: 4567",
        "7 4: 4567",
        "7 4: 4567",
        "7 4: 4567",
        "7 8: 89",
    ]);
});

test("pieces become smaller where a server in front of Odoo takes no larger ones", async () => {
    odooTakesPieces((count) => (count === 1 ? refused(413, null) : null));
    await mountArea();
    await choose("Choose a file", "prices.csv", "012");
    await arrived();
    expect.verifySteps(["prices.csv 0: 012", "prices.csv 0: 0", "7 1: 1", "7 2: 2"]);
});

test("how far the list is can be seen, and it can be cancelled", async () => {
    const held = new Deferred();
    odooTakesPieces((count) => (count === 2 ? held : null));
    await mountArea();
    await choose();
    await seen("40%");
    await expect.waitForSteps(["prices.csv 0: 0123", "7 4: 4567"]);
    expect(`${AREA} [role=progressbar]`).toHaveAttribute("aria-valuenow", "40");
    await click(`${AREA} a:contains(Cancel)`);
    await seen("Drop the price list here");
    held.resolve();
    await click("button[name=action_read]");
    await expect.waitForSteps(['saved {"file_id":false}', "action_read"]);
});

test("another file takes the place of one that is on its way", async () => {
    const held = new Deferred();
    odooTakesPieces((count) => (count === 1 ? held : null));
    await mountArea();
    await choose();
    await expect.waitForSteps(["prices.csv 0: 0123"]);
    // The way of a file that is dropped is the same from here on.
    await contains(`${AREA} input`, {visible: false}).click();
    await setInputFiles([new File(["abc"], "other.csv")]);
    await arrived();
    held.resolve();
    expect(queryAllTexts(`${AREA} strong`)).toEqual(["other.csv"]);
    await click("button[name=action_read]");
    await expect.waitForSteps([
        "other.csv 0: abc",
        'saved {"file_id":8}',
        "action_read",
    ]);
});

test("a button waits for the file", async () => {
    const held = new Deferred();
    odooTakesPieces((count) => (count === 3 ? held : null));
    await mountArea();
    await choose();
    await seen("80%");
    await expect.waitForSteps(["prices.csv 0: 0123", "7 4: 4567", "7 8: 89"]);
    await click("button[name=action_read]");
    await waitFor("button[name=action_read]:disabled");
    expect.verifySteps([]);
    held.resolve();
    await expect.waitForSteps(['saved {"file_id":7}', "action_read"]);
});

test("a button that waits for a file does nothing when the file is cancelled", async () => {
    odooTakesPieces((count) => (count === 2 ? new Deferred() : null));
    await mountArea();
    await choose();
    await seen("40%");
    await expect.waitForSteps(["prices.csv 0: 0123", "7 4: 4567"]);
    await click("button[name=action_read]");
    await waitFor("button[name=action_read]:disabled");
    await click(`${AREA} a:contains(Cancel)`);
    await waitFor("button[name=action_read]:enabled");
    expect.verifySteps([]);
});

test("what Odoo says of a file is shown, and a button says it again", async () => {
    odooTakesPieces(() => refused(422, {error: "Not this one."}));
    await mountArea();
    await choose();
    await seen("Not this one.");
    expect(`${AREA} button:contains(Try again)`).toHaveCount(0);
    await click("button[name=action_read]");
    await waitFor(".o_notification:contains(prices.csv is not here: Not this one.)");
    await click(`${AREA} button:contains(Cancel)`);
    await seen("Drop the price list here");
    expect.verifySteps(["prices.csv 0: 0123"]);
});

test("an empty file and one that is too large are not sent", async () => {
    odooTakesPieces();
    patchWithCleanup(session, {max_file_upload_size: 20});
    await mountArea();
    await choose("Choose a file", "empty.csv", "");
    await seen("The file is empty.");
    await choose("Take another file", "large.csv", "x".repeat(21));
    await waitFor(".o_notification:contains(larger than)");
    expect.verifySteps([]);
});

test("somebody who is not logged in any more is told so", async () => {
    odooTakesPieces(() => new Response("<html>Log in</html>"));
    await mountArea();
    await choose();
    await seen("not logged in");
    expect.verifySteps(["prices.csv 0: 0123"]);
});

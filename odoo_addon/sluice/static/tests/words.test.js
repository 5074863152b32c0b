/** What a job says in words and figures. */
import {describe, expect, test} from "@odoo/hoot";
import {makeMockEnv} from "@web/../tests/web_test_helpers";

import {
    glide,
    isFinished,
    outcomes,
    percentWord,
    rowsWords,
    stateWord,
} from "@sluice/jobs/words";

import {DONE, HALF_WAY, WAITING, defineJob} from "./job_on_screen";

describe.current.tags("headless");
defineJob();

test("a job is at 100 % only when it has ended", async () => {
    await makeMockEnv();
    expect(percentWord({...HALF_WAY, percent: 100})).toBe("99 %");
    expect(percentWord(DONE)).toBe("100 %");
    expect(isFinished(HALF_WAY)).toBe(false);
    expect(isFinished(DONE)).toBe(true);
});

test("a state is told in words, with what happened before", async () => {
    await makeMockEnv();
    expect(stateWord(WAITING)).toBe("Waiting its turn");
    expect(stateWord({...HALF_WAY, state: "queued"})).toBe("Waiting to go on");
    expect(stateWord({...DONE, error_count: 0})).toBe("Done");
    expect(stateWord(DONE)).toBe("Done, with errors");
});

test("time left is told in the unit that fits", async () => {
    await makeMockEnv();
    const left = (seconds) =>
        rowsWords({...HALF_WAY, rows_per_second: 0, seconds_left: seconds});
    expect(left(7)).toBe("500 of 1,000 rows · 7 s left");
    expect(left(600)).toBe("500 of 1,000 rows · 10 min left");
    expect(left(3660)).toBe("500 of 1,000 rows · 1 h 1 min left");
});

test("outcomes that do not occur are left out", async () => {
    await makeMockEnv();
    expect(outcomes(HALF_WAY).map(({color, share}) => [color, share])).toEqual([
        ["created", 49],
        ["errors", 1],
    ]);
});

test("a bar runs ahead only where the next news are far and there is a pace, and never past the end", () => {
    const told = {...HALF_WAY, rows_per_second: 10, silence: 10};
    expect(glide(told)).toEqual({seconds: 10, factor: 1.16});
    expect(glide({...told, rows_per_second: 1000}).factor).toBe(2);
    expect(glide({...told, rows_total: 0}).factor).toBe(1);
    expect(glide({...told, silence: 0.5})).toBe(null);
    expect(glide({...told, state: "paused"})).toBe(null);
    expect(glide(HALF_WAY)).toBe(null);
});

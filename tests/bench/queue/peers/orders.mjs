// Takes orders from stdin, one a line such as "drain 5000 10", and answers each with a line of JSON.
import { createInterface } from "node:readline";

export const callers = 10;
export const bulk = 1000;

export const now = () => performance.timeOrigin + performance.now();

export const rest = (span) => new Promise((done) => setTimeout(done, span));

const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Says that it is ready, does what it is told until stdin ends, and then `leave`s. */
export async function obey(deeds, leave) {
    answer({ seconds: 0 });
    for await (const line of createInterface({ input: process.stdin })) {
        const [word, ...numbers] = line.split(" ");
        const began = now();
        const samples = await deeds[word](...numbers.map(Number));
        answer({ seconds: (now() - began) / 1000, samples: samples ?? [] });
    }
    await leave();
    process.exit(0);
}

/** Calls `each` so many times, from several callers at once. */
export async function fromCallers(times, each, number = callers) {
    let left = times;
    const caller = async () => {
        while (left-- > 0) await each();
    };
    await Promise.all(Array.from({ length: number }, caller));
}

/** Splits a number of jobs into portions as large as one call takes. */
export function* portions(jobs) {
    for (let left = jobs; left > 0; left -= bulk) yield Math.min(left, bulk);
}

/** Counts jobs that ran, notes how long each waited, and tells when all have. */
export class Tally {
    samples = [];

    expect(jobs) {
        this.left = jobs;
        this.samples = [];
        this.all = new Promise((done) => (this.done = done));
        return this;
    }

    ran(askedAt) {
        if (askedAt) this.samples.push(now() - askedAt);
        if (--this.left === 0) this.done();
    }
}

// graphile-worker as a contestant; with the argument "batched" it fetches and completes jobs by the batch.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { Tally, fromCallers, now, obey, portions, rest } from "./orders.mjs";

const isBatched = process.argv[2] === "batched";
const logger = new Logger(() => () => {});
const pgPool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 14 });
const queue = await makeWorkerUtils({ pgPool, logger });
await queue.migrate();
const tally = new Tally();

function work(concurrency) {
    const batches = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
    return run({
        pgPool,
        logger,
        concurrency,
        noHandleSignals: true,
        taskList: { noop: async ({ askedAt }) => tally.ran(askedAt) },
        ...(isBatched ? { preset: { worker: batches } } : {}),
    });
}

const deeds = {
    single: (jobs) => fromCallers(jobs, () => queue.addJob("noop", { askedAt: 0 })),
    async bulk(jobs) {
        for (const portion of portions(jobs)) {
            await queue.addJobs(Array.from({ length: portion }, () => ({ identifier: "noop", payload: { askedAt: 0 } })));
        }
    },
    async drain(jobs, workers) {
        const { all } = tally.expect(jobs);
        const runner = await work(workers);
        await all;
        // Stopping would be counted as working, so it happens with the program.
        this.runner = runner;
    },
    async latency(jobs) {
        const { all } = tally.expect(jobs);
        this.runner = await work(10);
        await rest(1000);
        for (let job = 0; job < jobs; job++) {
            await rest(20);
            await queue.addJob("noop", { askedAt: now() });
        }
        await all;
        return tally.samples;
    },
};

await obey(deeds, async () => {
    await deeds.runner?.stop();
    await queue.release();
    await pgPool.end();
});

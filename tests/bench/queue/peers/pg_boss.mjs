// pg-boss as a contestant. Its own workers poll at most twice a second, so backlogs are fetched and completed by hand.
import PgBoss from "pg-boss";
import { Tally, fromCallers, now, obey, portions, rest } from "./orders.mjs";

const name = "noop";
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: 14, supervise: false, schedule: false });
boss.on("error", (error) => console.error(error));
await boss.start();
await boss.createQueue(name);

async function worker() {
    for (;;) {
        const jobs = await boss.fetch(name, { batchSize: 100 });
        if (!jobs?.length) return;
        await boss.complete(name, jobs.map(({ id }) => id));
    }
}

const deeds = {
    single: (jobs) => fromCallers(jobs, () => boss.send(name, { askedAt: 0 })),
    async bulk(jobs) {
        for (const portion of portions(jobs)) {
            await boss.insert(Array.from({ length: portion }, () => ({ name, data: { askedAt: 0 } })));
        }
    },
    drain: (_jobs, workers) => fromCallers(workers, worker, workers),
    async latency(jobs) {
        // Each takes half a second, so a few are enough.
        const few = Math.min(jobs, 40);
        const tally = new Tally();
        const { all } = tally.expect(few);
        for (let worker = 0; worker < 10; worker++) {
            const settings = { batchSize: 1, pollingIntervalSeconds: 0.5 };
            await boss.work(name, settings, async ([job]) => tally.ran(job.data.askedAt));
        }
        for (let job = 0; job < few; job++) {
            await rest(150);
            await boss.send(name, { askedAt: now() });
        }
        await all;
        return tally.samples;
    },
};

await obey(deeds, () => boss.stop({ graceful: false }));

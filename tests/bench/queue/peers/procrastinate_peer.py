"""procrastinate as a contestant: takes orders from stdin, one a line, and answers each with a line of JSON."""

import asyncio
import json
import logging
import os
import sys
import time

from procrastinate import App, PsycopgConnector

CALLERS = 10
BULK = 1000

logging.disable(logging.CRITICAL)
app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"], min_size=4, max_size=14))


class Tally:
    """Counts jobs that ran, and notes how long each waited."""

    def expect(self, jobs):
        self.left = jobs
        self.samples = []
        self.all = asyncio.Event()

    def ran(self, asked_at):
        if asked_at:
            self.samples.append((time.time() - asked_at) * 1000)
        self.left -= 1
        if self.left == 0:
            self.all.set()


tally = Tally()
workers = []


@app.task(name="noop", queue="contest")
async def noop(asked_at):
    tally.ran(asked_at)


async def single(jobs):
    left = iter(range(jobs))

    async def caller():
        for _ in left:
            await noop.defer_async(asked_at=0)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


async def bulk(jobs):
    for first in range(0, jobs, BULK):
        portion = min(BULK, jobs - first)
        await noop.batch_defer_async(*({"asked_at": 0} for _ in range(portion)))


def work(concurrency):
    worker = app.run_worker_async(concurrency=concurrency, install_signal_handlers=False, delete_jobs="always")
    workers.append(asyncio.create_task(worker))


async def drain(jobs, concurrency):
    tally.expect(jobs)
    work(concurrency)
    await tally.all.wait()


async def latency(jobs):
    tally.expect(jobs)
    work(10)
    # It hears of new jobs only about a second after its start.
    await asyncio.sleep(3)
    for _ in range(jobs):
        await asyncio.sleep(0.02)
        await noop.defer_async(asked_at=time.time())
    await tally.all.wait()
    return tally.samples


async def main():
    deeds = {"single": single, "bulk": bulk, "drain": drain, "latency": latency}
    loop = asyncio.get_running_loop()
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        print(json.dumps({"seconds": 0}), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            word, *numbers = line.split()
            began = time.perf_counter()
            samples = await deeds[word](*map(int, numbers))
            print(json.dumps({"seconds": time.perf_counter() - began, "samples": samples or []}), flush=True)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


asyncio.run(main())

import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { Load } from './load.ts';
import { MemoryGuard } from './memory-guard.ts';
import { watchProcess } from './target-watch.ts';

const config = z.strictObject({
  mark: z.string(),
  pid: z.int().positive(),
  directories: z.array(z.string()).min(1),
  cgroupNamespace: z.string(),
  sparesContainer: z.boolean(),
  memory: z
    .strictObject({
      version: z.union([z.literal(1), z.literal(2)]),
      directory: z.string(),
      limitBytes: z.number(),
      floorBytes: z.number().nullable(),
    })
    .nullable(),
  scratch: z.string().nullable(),
});

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('prepare'), argv: z.array(z.string()).min(1) }),
  z.strictObject({ op: z.literal('begin') }),
  z.strictObject({ op: z.literal('state') }),
]);

/** How soon a container that has ended, or that needs memory, is rid of its loads. */
const lookEveryMs = 25;

const prepared: Load[] = [];
const running: Load[] = [];
let givenBack = 0;
let scratchDirectory: string | null = null;

const endAll = async (): Promise<void> => {
  await Promise.all([...prepared.splice(0), ...running.splice(0)].map((load) => load.end()));
  // Killed, they leave what they made.
  if (scratchDirectory !== null) await rm(scratchDirectory, { recursive: true, force: true });
};

/** Programs that load a container from within its cgroup, as long as the container's first process and our agent live. */
serveHelper(async (given) => {
  const { mark, pid, memory, scratch, ...place } = config.parse(given);
  scratchDirectory = scratch;
  const target = watchProcess(pid);
  const guard = memory === null ? null : new MemoryGuard(memory);
  setInterval(() => {
    if (!target.isAlive()) void endAll().then(() => process.exit(0));
    else if (guard?.isTooLittleLeft() === true && running.length > 0) {
      givenBack += 1;
      void running.pop()?.end();
    }
  }, lookEveryMs);
  return async (asked) => {
    const request = message.parse(asked);
    switch (request.op) {
      case 'prepare':
        prepared.push(await Load.prepare(request.argv, place, mark));
        return {};
      case 'begin':
        for (const load of prepared.splice(0)) {
          load.begin();
          running.push(load);
        }
        return {};
      case 'state':
        return {
          running: running.filter((load) => load.isAlive).length,
          givenBack,
          mostBytes: guard?.mostBytes ?? null,
          problem: running.find((load) => !load.isAlive)?.lastWords ?? null,
        };
    }
  };
}, endAll);

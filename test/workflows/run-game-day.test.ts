import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { GameDayPlan, PlannedScenario } from '../../src/domain/game-day/plan.ts';
import type { GameDayOutput } from '../../src/domain/game-day/record.ts';
import type { Plan } from '../../src/domain/plan/plan.ts';
import { dayPlan } from '../domain/game-day/fixture.ts';
import { eventually } from '../lab/eventually.ts';
import { planOf } from '../report/fixtures/plan.ts';
import { dayActivities } from './day-activities.ts';
import type { DayActivities, DayAnswers } from './day-activities.ts';
import { startTemporalServer } from './temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';

let server: TemporalServer;
let client: Client;
let worker: { stop(): Promise<void> } | null = null;

beforeAll(async () => {
  server = await startTemporalServer();
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
}, 60_000);

afterEach(async () => {
  await worker?.stop();
  worker = null;
});

afterAll(async () => {
  await client.connection.close();
  await server.stop();
});

/** A run that takes at least three seconds by its plan: a time box of three leaves no time to begin it. */
const plan: Plan = {
  ...planOf(),
  baselineSeconds: 1,
  holdSeconds: 1,
  recovery: { stableSeconds: 1, timeoutSeconds: 5 },
  graceSeconds: 1,
};

function drill(name: string, timeboxSeconds = 600): PlannedScenario {
  return { kind: 'experiment', name, objective: 'See it', timeboxSeconds, plan };
}

const handOver: PlannedScenario = {
  kind: 'manual',
  name: 'hand-over',
  objective: 'Lose nothing',
  timeboxSeconds: 600,
  steps: ['Hand over'],
};

interface Day extends DayActivities {
  readonly environment: string;
  readonly dayId: string;
  next(by?: string): Promise<void>;
  abort(): Promise<void>;
  result(): Promise<GameDayOutput>;
  /** The kinds of the day's timeline, for one scenario or all. */
  heard(kind: string): readonly string[];
}

let days = 0;

/** A day that has begun, in an environment of its own. */
async function begin(
  scenarios: readonly PlannedScenario[],
  { auto = false, pauseSeconds = 0, ...answers }: DayAnswers & { auto?: boolean; pauseSeconds?: number } = {},
): Promise<Day> {
  const stubs = dayActivities(answers);
  worker = await server.startWorker(stubs.activities);
  days += 1;
  const [environment, dayId] = [`demo-${days}`, `day-${days}`];
  const { orchestrator } = server;
  const planned: GameDayPlan = {
    ...dayPlan,
    environment: { ...dayPlan.environment, name: environment },
    scenarios,
    pauseSeconds,
  };
  await orchestrator.startGameDay(dayId, planned, auto);
  return {
    ...stubs,
    environment,
    dayId,
    next: (by = 'ada') =>
      orchestrator.tell(environment, { runId: dayId, word: 'next', by, text: 'go', at: new Date().toISOString() }),
    abort: () => orchestrator.abort(environment, { runId: dayId, by: 'ada', why: 'a real incident' }),
    result: () => orchestrator.gameDayResult(environment),
    heard: (kind) => stubs.said.filter((event) => event.kind === kind).map(({ text }) => text),
  };
}

const waitsFor = (day: Day, count: number) => eventually(() => expect(day.heard('game-day.waiting')).toHaveLength(count));
const states = (day: Day) => day.facts().results.map(({ name, state }) => [name, state]);

async function historyOf(workflowId: string) {
  return client.workflow.getHandle(workflowId).fetchHistory();
}

describe('a game day', () => {
  test('runs its scenarios one after the other, each when a facilitator says next', async () => {
    const day = await begin([drill('slow'), drill('lost'), handOver]);
    for (const count of [1, 2, 3]) {
      await waitsFor(day, count);
      await day.next();
    }
    await eventually(() => expect(day.heard('scenario.started')).toHaveLength(3));
    await day.next();

    expect(await day.result()).toMatchObject({ ending: 'completed', exitCode: 0, problem: null });
    expect(states(day)).toEqual([
      ['slow', 'ran'],
      ['lost', 'ran'],
      ['hand-over', 'done'],
    ]);
    expect(day.asked).toEqual(
      [`${day.dayId}-1-slow`, `${day.dayId}-2-lost`].flatMap((id) =>
        ['guards', 'watch', 'revert', 'finish'].map((what) => `${what} ${id}`),
      ),
    );
  });

  test('hears next from nobody but a facilitator', async () => {
    const day = await begin([drill('slow', 6), handOver]);
    await waitsFor(day, 1);
    await day.next('grace');
    await eventually(() => expect(day.heard('person.next')).toEqual(['go (not heard: grace is no facilitator)']));

    await waitsFor(day, 2);
    expect(day.heard('scenario.skipped')[0]).toContain('no facilitator said next');
    await day.abort();
    await day.result();
  });

  test('goes on by itself when it may, after the pause', async () => {
    const day = await begin([drill('slow'), drill('lost')], { auto: true, pauseSeconds: 1 });

    expect(await day.result()).toMatchObject({ ending: 'completed' });
    expect(states(day)).toEqual([
      ['slow', 'ran'],
      ['lost', 'ran'],
    ]);
    const [slow, lost] = day.facts().results;
    expect(Date.parse(lost!.startedAt!) - Date.parse(slow!.endedAt!)).toBeGreaterThanOrEqual(1000);
    expect(day.heard('game-day.waiting')).toEqual([]);
  });

  test('skips a scenario whose time box is over, and goes on with the next in its own', async () => {
    const day = await begin([drill('slow', 3), drill('lost', 600)], { auto: true });

    expect(await day.result()).toMatchObject({ ending: 'completed' });
    expect(states(day)).toEqual([
      ['slow', 'skipped'],
      ['lost', 'ran'],
    ]);
    expect(day.facts().results[0]!.reason).toContain('too little of its time box was left');
  });

  test('ends a step by hand with its time box', async () => {
    const day = await begin([{ ...handOver, timeboxSeconds: 1 }, drill('slow')], { auto: true });
    await day.result();

    expect(states(day)[0]).toEqual(['hand-over', 'timed-out']);
  });

  test('lets nothing else begin after a run that was not seen to be clean', async () => {
    const day = await begin([drill('slow'), drill('lost')], { auto: true, exitCode: 5 });

    expect(await day.result()).toMatchObject({ ending: 'failed' });
    expect(states(day)).toEqual([
      ['slow', 'ran'],
      ['lost', 'skipped'],
    ]);
    expect(day.facts().results[1]!.reason).toContain('slow was not seen to leave everything clean');
  });
});

describe('the gate before a scenario', () => {
  const residue = (asked: Plan, n: number) => ({
    closed: n === 0 ? ['no-residue: earlier injections have not ended'] : [],
    plan: asked,
    replaced: [],
  });

  test('stays shut on residue or an unsteady state, says why, and opens at a later next', async () => {
    const day = await begin([drill('slow'), handOver], { gate: residue });
    await waitsFor(day, 1);
    await day.next();
    await waitsFor(day, 2);

    expect(day.heard('gate.shut')).toEqual(['slow may not begin: no-residue: earlier injections have not ended']);
    expect(day.asked).toEqual([]);
    await day.next();
    await eventually(() => expect(day.asked).toContain(`watch ${day.dayId}-1-slow`));
    await day.abort();
    await day.result();
  });

  test('is asked again by itself when nobody says next', async () => {
    const day = await begin([drill('slow'), drill('lost')], { gate: residue, auto: true });

    expect(await day.result()).toMatchObject({ ending: 'completed' });
    expect(day.heard('gate.shut')).toHaveLength(1);
    expect(states(day)[0]).toEqual(['slow', 'ran']);
  });

  test('skips the scenario when it stays shut, and says why', async () => {
    const day = await begin([drill('slow', 6), drill('lost')], {
      gate: (asked, n) => ({ closed: n < 2 ? ['not steady: errors'] : [], plan: asked, replaced: [] }),
      auto: true,
    });
    await day.result();

    expect(states(day)).toEqual([
      ['slow', 'skipped'],
      ['lost', 'ran'],
    ]);
    expect(day.facts().results[0]!.reason).toContain('not steady: errors');
  });

  test('is where a scenario returns whose run never began, for another try', async () => {
    const day = await begin([drill('slow'), handOver], { steady: (n) => n > 0 });
    for (const count of [1, 2, 3]) {
      await waitsFor(day, count);
      await day.next();
    }
    await eventually(() => expect(day.heard('scenario.started')).toHaveLength(3));
    await day.next();
    await day.result();

    const [slow] = day.facts().results;
    expect(slow).toMatchObject({ state: 'ran', runId: `${day.dayId}-1-slow-2`, output: { ending: 'completed' } });
    expect(day.heard('scenario.ended')[0]).toContain('slow: the run ended not-started');
  });

  test('lets nothing be tried again when nobody says so', async () => {
    const day = await begin([drill('slow'), drill('lost')], { steady: (n) => n > 0, auto: true });
    await day.result();

    expect(day.facts().results.map(({ output }) => output?.ending)).toEqual(['not-started', 'completed']);
  });

  test('hands the run its plan on the targets as they are now, and the timeline says so', async () => {
    const fresh: Plan = { ...plan, hash: 'aaaa1111bbbb2222' };
    const day = await begin([drill('lost'), drill('again')], {
      gate: (asked, n) =>
        n === 0
          ? { closed: [], plan: asked, replaced: [] }
          : { closed: [], plan: fresh, replaced: ['payments-api-3 was 1, is 2'] },
      auto: true,
    });
    await day.result();

    expect(day.plans.get(`${day.dayId}-1-lost`)).toEqual(plan);
    expect(day.plans.get(`${day.dayId}-2-again`)).toEqual(fresh);
    expect(day.heard('plan.refreshed')).toEqual([
      'again: same targets, new processes, so its plan is now aaaa1111bbbb: payments-api-3 was 1, is 2',
    ]);
  });

  test('does not begin what the run of an earlier, terminated day still holds', async () => {
    const day = await begin([drill('slow'), handOver]);
    day.holdWatches();
    await waitsFor(day, 1);
    await client.workflow.start('runExperiment', {
      workflowId: `env:${day.environment}/1`,
      taskQueue: 'firedrill',
      args: [{ runId: 'yesterday-1-slow', plan }],
    });
    await eventually(() => expect(day.asked).toContain('watch yesterday-1-slow'));
    await day.next();
    await waitsFor(day, 2);

    expect(day.heard('scenario.ended')[0]).toContain(`the run of an earlier day still holds env:${day.environment}/1`);
    await day.abort();
    await day.result();
    day.releaseWatches();
    await client.workflow.getHandle(`env:${day.environment}/1`).result();
  });
});

describe('a day that is ended early', () => {
  test.each([
    ['by a facilitator', (day: Day) => day.abort(), 'ada'],
    [
      'by a cancel of its workflow',
      async (day: Day) => void (await client.workflow.getHandle(`env:${day.environment}`).cancel()),
      'cancel',
    ],
  ])('reverts the run that is on, begins no other, and has its retrospective: %s', async (_, end, by) => {
    const day = await begin([drill('slow'), drill('lost')], { auto: true });
    day.holdWatches();
    await eventually(() => expect(day.asked).toContain(`watch ${day.dayId}-1-slow`));
    await end(day);

    expect(await day.result()).toMatchObject({ ending: 'aborted' });
    expect(day.asked).toContain(`revert ${day.dayId}-1-slow`);
    expect(states(day)).toEqual([
      ['slow', 'ran'],
      ['lost', 'skipped'],
    ]);
    const [slow, lost] = day.facts().results;
    expect(slow!.output).toMatchObject({ ending: 'aborted' });
    expect(lost!.reason).toContain(`${by} aborted the day`);
    expect(await client.workflow.getHandle(`env:${day.environment}/1`).describe()).toMatchObject({
      status: { name: 'COMPLETED' },
    });
  });

  test('reverts the run that is on even when the day is terminated', async () => {
    const day = await begin([drill('slow'), drill('lost')], { auto: true });
    day.holdWatches();
    await eventually(() => expect(day.asked).toContain(`watch ${day.dayId}-1-slow`));
    await client.workflow.getHandle(`env:${day.environment}`).terminate();

    await eventually(() => expect(day.asked).toContain(`finish ${day.dayId}-1-slow`));
    expect(day.asked).toContain(`revert ${day.dayId}-1-slow`);
  });
});

describe('a day whose worker dies', () => {
  test('goes on with another worker where it was', async () => {
    const day = await begin([drill('slow'), drill('lost')]);
    await waitsFor(day, 1);
    await worker!.stop();
    worker = await server.startWorker(day.activities);
    day.holdWatches();
    await day.next();
    await eventually(() => expect(day.asked).toContain(`watch ${day.dayId}-1-slow`));
    await worker.stop();
    worker = await server.startWorker(day.activities);
    await eventually(() => expect(day.asked.filter((what) => what === `watch ${day.dayId}-1-slow`)).toHaveLength(2));
    day.releaseWatches();
    await waitsFor(day, 2);
    await day.next();

    expect(await day.result()).toMatchObject({ ending: 'completed' });
    expect(states(day)).toEqual([
      ['slow', 'ran'],
      ['lost', 'ran'],
    ]);
    expect(day.asked.filter((what) => what.startsWith('revert'))).toEqual([
      `revert ${day.dayId}-1-slow`,
      `revert ${day.dayId}-2-lost`,
    ]);
  });

  test('decides the same again when its recorded history is replayed', async () => {
    const day = await begin([drill('slow'), drill('lost'), handOver], {
      gate: (asked, n) => ({ closed: n === 1 ? ['not steady: errors'] : [], plan: asked, replaced: [] }),
    });
    await waitsFor(day, 1);
    await day.next();
    await waitsFor(day, 2);
    await day.next();
    await waitsFor(day, 3);
    await day.next();
    await waitsFor(day, 4);
    await day.abort();
    await day.result();

    for (const id of [`env:${day.environment}`, `env:${day.environment}/1`, `env:${day.environment}/2`]) {
      const history = await historyOf(id);
      await expect(Worker.runReplayHistory({ workflowBundle: server.bundle }, history, id)).resolves.toBeUndefined();
    }
  });
});

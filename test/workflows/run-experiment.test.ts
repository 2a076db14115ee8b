import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelled, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../src/activities/index.ts';
import type { RunFacts } from '../../src/activities/run-facts.ts';
import type { PersonWord } from '../../src/domain/run-messages.ts';
import { eventually } from '../lab/eventually.ts';
import { planOf } from '../report/fixtures/plan.ts';
import { dayActivities } from './day-activities.ts';
import { startTemporalServer } from './temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';

let server: TemporalServer;
let client: Client;
let worker: { stop(): Promise<void> } | null = null;
let runs = 0;

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

/** A run that has begun, in an environment of its own, and is in its watch until it is released or aborted. */
async function begin(changes: (given: Activities) => Partial<Activities> = () => ({})) {
  const stubs = dayActivities();
  stubs.holdWatches();
  runs += 1;
  const [environment, runId] = [`alone-${runs}`, `run-${runs}`];
  const facts: RunFacts[] = [];
  const given: Activities = {
    ...stubs.activities,
    finishRun: async (known) => {
      facts.push(known);
      return stubs.activities.finishRun(known);
    },
  };
  worker = await server.startWorker({ ...given, ...changes(given) });
  const plan = planOf();
  await server.orchestrator.startRun(runId, { ...plan, environment: { ...plan.environment, name: environment } });
  return {
    environment,
    runId,
    facts: () => facts.at(-1)!,
    asked: stubs.asked,
    release: stubs.releaseWatches,
    handle: client.workflow.getHandle(`env:${environment}`),
    says: (word: PersonWord, text: string) =>
      server.orchestrator.tell(environment, { runId, word, by: 'ada', text, at: new Date().toISOString() }),
    abort: (why: string) => server.orchestrator.abort(environment, { runId, by: 'ada', why }),
    result: () => server.orchestrator.result(environment),
    watches: () => eventually(() => expect(stubs.asked).toContain(`watch ${runId}`)),
  };
}

const full = (): never => {
  throw ApplicationFailure.nonRetryable('no space left on device');
};

describe('a run', () => {
  test('is not failed by a word that the archive cannot take, and hands it in at the end', async () => {
    const run = await begin(() => ({ recordEvent: async () => full() }));
    await run.watches();
    await run.says('acted', 'turning on the fallback');
    await eventually(async () => expect((await run.handle.fetchHistory()).events?.some(signalled)).toBe(true));
    run.release();

    expect(await run.result()).toMatchObject({ ending: 'completed', problem: null });
    expect(run.facts().unrecorded).toEqual([
      expect.objectContaining({ kind: 'person.acted', by: 'ada', text: 'turning on the fallback' }),
    ]);
  });

  test('reverts also when nobody could see how the system recovered, and says so', async () => {
    const said: string[] = [];
    const run = await begin(() => ({
      observeRecovery: async () => full(),
      recordEvent: async (_run, _plan, { kind }) => void said.push(kind),
    }));
    await run.watches();
    run.release();

    expect(await run.result()).toMatchObject({ ending: 'completed' });
    expect(run.asked).toContain(`revert ${run.runId}`);
    expect(said).toEqual(['run.recovery-unknown']);
  });

  test('asks for its revert until it is done', async () => {
    let attempts = 0;
    const run = await begin(({ revert }) => ({
      revert: async (...args) => {
        attempts += 1;
        if (attempts < 3) throw ApplicationFailure.retryable('the agent does not answer');
        return revert(...args);
      },
    }));
    await run.watches();
    run.release();

    expect(await run.result()).toMatchObject({ ending: 'completed' });
    expect(attempts).toBe(3);
  });

  test('ends with its problem when its record cannot be written', async () => {
    const run = await begin(() => ({ finishRun: async () => full() }));
    await run.watches();
    run.release();

    expect(await run.result()).toMatchObject({ ending: 'completed', problem: 'no space left on device' });
    expect(run.asked).toContain(`revert ${run.runId}`);
  });
});

describe('an aborted run', () => {
  test('reverts, and keeps the first reason when it is aborted twice', async () => {
    const said: string[] = [];
    const run = await begin(() => ({ recordEvent: async (_run, _plan, { text }) => void said.push(text) }));
    await run.watches();
    await run.abort('a real incident');
    await run.abort('again').catch(() => {});

    expect(await run.result()).toMatchObject({ ending: 'aborted', reason: 'ada aborted: a real incident' });
    expect(said).toEqual(['aborts the run: a real incident']);
    expect(run.asked.filter((what) => what.startsWith('revert'))).toEqual([`revert ${run.runId}`]);
  });

  test('finishes a revert that is under way', async () => {
    const reverting = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const run = await begin(({ revert }) => ({
      revert: async (...args) => {
        reverting.resolve();
        await finish.promise;
        return revert(...args);
      },
    }));
    await run.watches();
    run.release();
    await reverting.promise;
    await run.abort('too late');
    finish.resolve();

    expect(await run.result()).toMatchObject({ ending: 'completed' });
    expect(run.asked).toContain(`finish ${run.runId}`);
  });

  test('has touched nothing when it was still looking at the steady state', async () => {
    const looking = Promise.withResolvers<void>();
    const run = await begin(() => ({
      sampleBaseline: async () => {
        looking.resolve();
        const beat = setInterval(heartbeat, 100);
        return cancelled().finally(() => clearInterval(beat));
      },
    }));
    await looking.promise;
    await run.abort('not today');

    expect(await run.result()).toMatchObject({ ending: 'not-started' });
    expect(run.asked.filter((what) => /^(watch|revert)/.test(what))).toEqual([]);
  });

  test('reverts when Temporal itself was asked to cancel it', async () => {
    const run = await begin();
    await run.watches();
    await run.handle.cancel();

    expect(await run.result()).toMatchObject({ ending: 'aborted', reason: 'the workflow was cancelled' });
    expect(run.asked).toContain(`revert ${run.runId}`);
  });

  test('decides the same again when its history is replayed', async () => {
    const run = await begin();
    await run.watches();
    await run.says('noticed', 'the graph is red');
    await run.abort('enough');
    await run.result();

    const history = await run.handle.fetchHistory();
    await expect(Worker.runReplayHistory({ workflowBundle: server.bundle }, history)).resolves.toBeUndefined();
  });
});

function signalled({ workflowExecutionSignaledEventAttributes: signal }: { workflowExecutionSignaledEventAttributes?: unknown }) {
  return signal !== null && signal !== undefined;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '../../lab/host/free-ports.ts';
import { startPart, stopPart } from '../../lab/host/part.ts';
import type { PartRecord } from '../../lab/host/part.ts';
import { findTemporal, temporalCommand } from '../../lab/host/temporal.ts';
import { connectOrchestrator } from '../../src/adapters/temporal/orchestrator.ts';
import type { Orchestrator } from '../../src/ports/orchestrator.ts';
import { planOf } from '../report/fixtures/plan.ts';

// A real server, and no worker: what it keeps by itself until one is there.
const plan = planOf();
const environment = plan.environment.name;
let directory: string;
let server: PartRecord | undefined;
let address: string;
let orchestrator: Orchestrator;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'orchestrator-'));
  const [port] = (await freePorts(1)) as [number];
  address = `127.0.0.1:${port}`;
  const binary = await findTemporal(() => {});
  const command = temporalCommand({ binary, port, directory, logFile: join(directory, 'temporal.log') });
  await startPart(command, (record) => (server = record));
  orchestrator = await connectOrchestrator({ address, namespace: 'default' });
}, 120_000);

afterAll(async () => {
  await orchestrator.close();
  if (server !== undefined) await stopPart(server);
  rmSync(directory, { recursive: true, force: true });
});

test('an environment that nothing holds has no holder', async () => {
  expect(await orchestrator.holder('elsewhere')).toBeNull();
  expect(await orchestrator.status('elsewhere')).toBeNull();
});

test('a run holds its environment, a second one is refused and told by whom, and an abort is kept until a worker hears it', async () => {
  await orchestrator.startRun('run-1', plan);
  expect(await orchestrator.holder(environment)).toBe('run-1');
  await expect(orchestrator.startRun('run-2', plan)).rejects.toMatchObject({
    code: 'lock/held',
    message: `${environment} is taken by run run-1. Wait for it, or \`firedrill abort\``,
  });

  const request = { runId: 'run-1', by: 'ada', why: 'users suffer' };
  await orchestrator.abort(environment, request);
  expect(await signalsOf()).toEqual(['abort']);
});

test('where no worker answers for what holds the environment, that is said, and not that Temporal is unwell', async () => {
  await expect(orchestrator.status(environment)).rejects.toMatchObject({
    code: 'temporal/unreachable',
    message: `run-1 holds ${environment}, and no worker answers for it. Start one with \`firedrill worker\``,
  });
}, 20_000);

async function signalsOf(): Promise<unknown[]> {
  const connection = await Connection.connect({ address });
  try {
    const { events } = await new Client({ connection }).workflow.getHandle(`env:${environment}`).fetchHistory();
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? []);
  } finally {
    await connection.close();
  }
}

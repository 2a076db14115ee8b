import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { until } from './command-line.ts';
import { openDisk } from './full-disk.ts';
import type { Disk } from './full-disk.ts';
import { startLightStack } from './light-stack.ts';
import type { LightStack } from './light-stack.ts';

const limitMs = 90_000;
/** Beside the lease: what the agent's tick, the revert and the looking take, with room for a busy machine. */
const slackMs = 5_000;
let stack: LightStack;

beforeAll(async () => {
  stack = await startLightStack();
}, 120_000);

afterAll(() => stack?.stop(), limitMs);

describe('a run whose parts die', () => {
  afterEach(async () => {
    await Promise.all([stack.temporal.start(), stack.alertmanager.start()]);
    await until(async () => (await stack.run('doctor')).code === 0);
  }, limitMs);

  test(
    'does not start when no agent is there, and says how to start one',
    async () => {
      await stack.stopAgent();
      await until(async () => (await stack.run('doctor')).stdout.includes('broken  agent'));

      const ended = await stack.startRun().ended();
      await stack.startAgent();

      expect(ended.code).toBe(3);
      expect(ended.stdout).toContain(
        'agent-alive: no agent is alive in bad-days. Start one with `firedrill agent --policy FILE`',
      );
    },
    limitMs,
  );

  test(
    'says that the agent is gone, waits for one, and ends clean when it is back',
    async () => {
      const run = stack.startRun();
      await run.shows('holding for');

      await stack.killAgent();
      await run.shows('no agent was heard of for 5 s. Start one with `firedrill agent --policy FILE`');
      // Nobody is there to take it away, and nobody says that it is gone.
      expect(stack.isBroken()).toBe(true);
      expect(run.text()).not.toContain('read back');
      await stack.startAgent();
      const ended = await run.ended();

      expect(stack.isBroken()).toBe(false);
      expect(ended.code).toBe(6);
      expect(stack.recordOf(ended.stdout).outcome).toMatchObject({
        ending: 'aborted',
        cleanup: 'clean',
        abortedBy: { kind: 'agent' },
      });
    },
    limitMs,
  );

  test(
    'does not start when Alertmanager is dead and an alert is expected',
    async () => {
      await stack.alertmanager.kill();

      const ended = await stack.startRun({ expectAlert: true }).ended();

      expect(ended.code).toBe(3);
      expect(ended.stdout).toMatch(/alert-path-alive: Alertmanager is not ready: \S+\. .*Start it/);
    },
    limitMs,
  );

  test(
    'measures detection but no notification when Alertmanager dies under way',
    async () => {
      // Nothing breaks, and so nothing is notified of, before Alertmanager is dead.
      const inject = 'until [ -e "$0-go" ]; do sleep 0.1; done; touch "$0"';
      const run = stack.startRun({ expectAlert: true, hold: '4s', steps: { inject } });
      await run.shows('armed');
      await stack.alertmanager.kill();
      writeFileSync(join(stack.directory, 'shop', 'broken-go'), '');
      const ended = await run.ended();

      const { metrics, alerts, findings, outcome } = stack.recordOf(ended.stdout);
      expect(outcome).toMatchObject({ ending: 'completed', cleanup: 'clean' });
      expect(metrics.ttd).toMatchObject({ status: 'measured', source: 'alert' });
      expect(metrics.ttn).toMatchObject({ status: 'not-measured', seconds: null });
      const ours = alerts.filter((alert) => alert.class !== 'pre-existing');
      expect(ours.map((alert) => [alert.alertname, alert.class])).toEqual([['ShopBroken', 'true-positive']]);
      expect(findings.map(({ text }) => text).join()).toMatch(/Alertmanager at \S+ did not answer/);
    },
    limitMs,
  );

  test(
    'is not begun when Temporal is dead: one line says how to start it',
    async () => {
      await stack.temporal.kill();

      const ended = await stack.startRun().ended();

      expect(ended.code).toBe(4);
      expect(ended.stdout).toBe('');
      expect(ended.stderr.trim().split('\n')).toHaveLength(1);
      expect(ended.stderr).toMatch(
        /^firedrill: temporal\/unreachable: no Temporal server answers at \S+ Start one with `temporal server start-dev`/,
      );
    },
    limitMs,
  );

  test(
    'is reverted within the lease when Temporal dies, says so, and is recorded when Temporal is back',
    async () => {
      const leaseSeconds = 5;
      const run = stack.startRun({ lease: `${leaseSeconds}s` });
      await run.shows('holding for');

      await stack.temporal.kill();
      const killedAt = performance.now();
      await until(() => !stack.isBroken());
      // Renewals stop with the last acknowledged heartbeat.
      expect(performance.now() - killedAt).toBeLessThan(leaseSeconds * 1000 + slackMs);
      const ended = await run.ended();

      expect(ended.code).toBe(4);
      expect(ended.stdout).toContain('Temporal is gone; every fault is gone too, read back by its agent');
      expect(ended.stderr).toContain(`The agents revert, at the latest when the lease of ${leaseSeconds} s ends`);
      expect(ended.stderr).not.toMatch(/^ +at /m);

      await stack.temporal.start();
      const runId = /^run (\S+)$/m.exec(ended.stdout)![1]!;
      await until(() => existsSync(join(stack.archiveDirectory, runId, 'MANIFEST.sha256')));
      expect(stack.recordOf(ended.stdout).outcome).toMatchObject({
        ending: 'aborted',
        cleanup: 'clean',
        abortedBy: { kind: 'lease' },
      });
    },
    limitMs,
  );

  test(
    'is reverted by its watcher, long before the lease, when its workflow is terminated',
    async () => {
      const run = stack.startRun({ lease: '30s' });
      await run.shows('holding for');

      const { connection, workflow } = new Client({ connection: await Connection.connect({ address: stack.temporalAddress }) });
      await workflow.getHandle('env:bad-days').terminate();
      await connection.close();
      const ended = await run.ended();

      expect(stack.isBroken()).toBe(false);
      expect(ended.code).toBe(4);
      expect(ended.stdout).toContain('its workflow was terminated; every fault is gone too, read back by its agent');
      const runId = /^run (\S+)$/m.exec(ended.stdout)![1]!;
      const status = readFileSync(join(stack.stateDirectory, 'status', `${runId}-1-1.json`), 'utf8');
      expect(JSON.parse(status)).toMatchObject({ phase: 'reverted', cause: 'asked' });
    },
    limitMs,
  );
});

describe('a run whose archive is full', () => {
  let disk: Disk;

  beforeEach(async () => {
    await stack.killWorker();
    disk = openDisk(stack.archiveDirectory);
    stack.startWorker();
  }, limitMs);

  afterEach(() => disk.close());

  test(
    'reverts all the same, and says that there is no record and why',
    async () => {
      const run = stack.startRun({ hold: '2s' });
      await run.shows('holding for');

      disk.fill();
      const ended = await run.ended();

      expect(stack.isBroken()).toBe(false);
      // Completed, but nothing proves the hypothesis.
      expect(ended.code).toBe(4);
      expect(ended.stdout).toMatch(
        /: completed: held for 2 s; no fault is left\. The record could not be written: .*cannot write/,
      );
      expect((await stack.run('status')).stdout).toContain('broken on purpose right now: nothing');
    },
    limitMs,
  );

  test(
    'tells in its record what could not be written when there is room again',
    async () => {
      // Two lines of some 140 bytes a second: more than what is left of the last page of the file that they go to.
      const run = stack.startRun({ hold: '20s' });
      await run.shows('holding for');

      disk.fill();
      await until(() => !stack.isBroken());
      disk.free();
      const ended = await run.ended();

      const { outcome, dataQuality } = stack.recordOf(ended.stdout);
      expect(outcome).toMatchObject({ ending: 'completed', cleanup: 'clean' });
      expect(dataQuality.notes.join('\n')).toMatch(/\d+ lines of evidence could not be written: .*cannot write/);
    },
    limitMs,
  );

  test(
    'does not start when it is full before',
    async () => {
      disk.fill();

      const ended = await stack.startRun().ended();

      expect(stack.isBroken()).toBe(false);
      expect(ended.code).toBe(4);
      expect(ended.stdout).toMatch(/: failed: .*cannot write .*; no fault is left/);
    },
    limitMs,
  );
});

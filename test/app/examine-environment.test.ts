import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePorts } from '../../lab/host/free-ports.ts';
import { createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { startReceiver } from '../../src/adapters/alertmanager/receiver.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { machine } from '../../src/adapters/host/machine.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { examineEnvironment } from '../../src/app/examine-environment.ts';
import type { Parts } from '../../src/app/examine-environment.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Orchestrator } from '../../src/ports/orchestrator.ts';
import { startUpstream } from '../adapters/loopback-upstream.ts';

let folder: string;
let ends: (() => Promise<unknown>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-doctor-'));
  ends = [];
});

afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  rmSync(folder, { recursive: true, force: true });
});

const away = 'http://127.0.0.1:1';
const scalar = (seconds: number) => ({ status: 'success', data: { resultType: 'scalar', result: [seconds, String(seconds)] } });

async function prometheus({ offBySeconds = 0, alertmanagers = ['http://am/api/v2/alerts'] } = {}): Promise<string> {
  const server = await startUpstream({
    '/-/ready': 'ok',
    '/api/v1/query': (response: ServerResponse) => response.end(JSON.stringify(scalar(Date.now() / 1000 + offBySeconds))),
    '/api/v1/alertmanagers': { status: 'success', data: { activeAlertmanagers: alertmanagers.map((url) => ({ url })) } },
  });
  ends.push(server.close);
  return server.url;
}

async function alertmanager(): Promise<string> {
  const server = await startUpstream({ '/-/ready': 'ok' });
  ends.push(server.close);
  return server.url;
}

const temporal = (workers: readonly string[]) => async () =>
  ({ status: async () => null, workers: async () => workers }) as Pick<Orchestrator, 'status' | 'workers'> as Orchestrator;

interface Broken {
  readonly prometheus?: string;
  readonly alertmanager?: string;
  readonly receiverUrl?: string;
  readonly state?: string;
  readonly archive?: string;
  readonly orchestrator?: Parts['orchestrator'];
}

/** Every part as it should be, but those that are given. */
async function examined(broken: Broken = {}) {
  const stateDirectory = broken.state ?? join(folder, 'state');
  const [port] = await freePorts(1);
  const environment: Parts['environment'] = {
    name: 'test',
    platform: 'host',
    prometheusUrl: broken.prometheus ?? (await prometheus()),
    alertmanagerUrls: [broken.alertmanager ?? (await alertmanager())],
    receiverUrl: broken.receiverUrl ?? `http://127.0.0.1:${port}/`,
    stateDirectory,
    archiveDirectory: broken.archive ?? join(folder, 'runs'),
  };
  const findings = await examineEnvironment({
    environment,
    metrics: createPrometheus({ url: environment.prometheusUrl }),
    alerts: environment.alertmanagerUrls.map((url) => createAlertmanager({ url })),
    machine,
    clock: systemClock,
    orchestrator: broken.orchestrator ?? temporal(['1@host']),
    store: () => createInjectionStore(stateDirectory),
  });
  return findings.map(({ what, ok, text }) => `${ok ? 'ok' : 'broken'} ${what.replace(/ http.*/, '')}: ${text}`);
}

async function alive(name = 'host'): Promise<void> {
  const beat = { name, pid: 1, version: '0.0.0', at: new Date().toISOString(), faults: [] };
  await createInjectionStore(join(folder, 'state')).writeHeartbeat(beat);
}

const brokenOnes = (findings: readonly string[]) => findings.filter((line) => line.startsWith('broken'));

describe('an examination', () => {
  test('finds nothing where all is well, and says what it saw', async () => {
    await alive();
    const findings = await examined();
    expect(brokenOnes(findings)).toEqual([]);
    expect(findings.map((line) => line.split(':')[0])).toEqual([
      'ok Temporal',
      'ok worker',
      'ok Prometheus',
      'ok Alertmanager',
      'ok alerts',
      'ok agent',
      'ok state',
      'ok archive',
      'ok webhook',
      'ok halt',
    ]);
  });

  test('names the fix for each part that is away, and lets no missing part hide another', async () => {
    const orchestrator = async () => Promise.reject(new Error('no Temporal server answers. Start one'));
    const findings = brokenOnes(await examined({ prometheus: away, alertmanager: away, orchestrator }));
    expect(findings).toEqual([
      'broken Temporal: no Temporal server answers. Start one',
      'broken worker: no Temporal server answers. Start one',
      `broken Prometheus: not ready at ${away}. Start it, or mend prometheus.url in the environment file`,
      'broken Alertmanager: not ready. Start it, or mend alertmanagers in the environment file',
      expect.stringMatching(/^broken alerts: Prometheus at .* did not answer/),
      'broken agent: none is alive. Start one with `firedrill agent --policy FILE`',
    ]);
  });

  test('sees that no worker takes up runs', async () => {
    await alive();
    expect(brokenOnes(await examined({ orchestrator: temporal([]) }))).toEqual([
      'broken worker: none takes up runs. Start one with `firedrill worker`',
    ]);
  });

  test('sees an agent that no longer beats', async () => {
    const beat = { name: 'host', pid: 1, version: '0.0.0', at: new Date(Date.now() - 4000).toISOString(), faults: [] };
    await createInjectionStore(join(folder, 'state')).writeHeartbeat(beat);
    expect(brokenOnes(await examined())).toEqual([expect.stringContaining('broken agent: none is alive')]);
  });

  test('sees a clock that is too far off to be corrected', async () => {
    await alive();
    const [finding] = brokenOnes(await examined({ prometheus: await prometheus({ offBySeconds: -30 }) }));
    expect(finding).toMatch(/^broken Prometheus: its clock -(29|30)\d\d\d ± \d+ ms off ours, .*Mend time synchronisation/);
  });

  test('sees that alerts would reach nobody', async () => {
    await alive();
    expect(brokenOnes(await examined({ prometheus: await prometheus({ alertmanagers: [] }) }))).toEqual([
      expect.stringContaining('broken alerts: Prometheus sends them to no Alertmanager'),
    ]);
  });

  test('takes a Prometheus that does not say where alerts go for what it is', async () => {
    await alive();
    const server = await startUpstream({ '/-/ready': 'ok', '/api/v1/query': scalar(Date.now() / 1000) });
    ends.push(server.close);
    expect(await examined({ prometheus: server.url })).toContain('ok alerts: this Prometheus does not say where it sends them');
  });

  test('sees where nothing can be written, and does not stop there', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const findings = brokenOnes(await examined({ state: join(file, 'state'), archive: join(file, 'runs') }));
    const why = (key: string, name: string) =>
      expect.stringMatching(
        new RegExp(`^broken ${key}: ${file}/${name} cannot be written: .*, or mend ${key} in the environment file$`),
      );
    expect(findings).toEqual([
      expect.stringMatching(/^broken agent: The record store at .* Check that it exists and is writable$/),
      why('state', 'state'),
      why('archive', 'runs'),
      expect.stringMatching(/^broken halt: The record store at /),
    ]);
  });

  test('tells a worker on the webhook’s port from another program', async () => {
    await alive();
    const receiver = await startReceiver({ url: 'http://127.0.0.1:0/', onDeliveries: () => {} });
    ends.push(receiver.close);
    expect(await examined({ receiverUrl: receiver.url })).toContain(`ok webhook: a worker listens on ${receiver.url}`);

    const other: Server = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => other.close(resolve)));
    const receiverUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    expect(brokenOnes(await examined({ receiverUrl }))).toEqual([
      expect.stringMatching(/^broken webhook: another program listens on .* another port$/),
    ]);
  });

  test('sees a webhook’s address that is not this machine’s', async () => {
    await alive();
    expect(brokenOnes(await examined({ receiverUrl: 'http://192.0.2.1:9095/' }))).toEqual([
      expect.stringMatching(/^broken webhook: .* cannot be listened on: .*EADDRNOTAVAIL.* Mend receiver.url/),
    ]);
  });

  test('sees a halt, and who set it', async () => {
    await alive();
    await createInjectionStore(join(folder, 'state')).writeHalt({ by: 'ada', why: 'incident', at: new Date().toISOString() });
    expect(brokenOnes(await examined())).toEqual([
      'broken halt: set by ada: incident. Lift it with `firedrill halt --lift` when it is safe',
    ]);
  });
});

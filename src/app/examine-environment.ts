import { AppError, messageOf } from '../domain/errors.ts';
import { livingAgents } from '../domain/injection/living-agents.ts';
import { agentAdvice } from '../domain/plan/agent-advice.ts';
import type { PlannedEnvironment } from '../domain/plan/plan.ts';
import { freshMs } from '../guards/agent-alive.ts';
import { offsetLimitMs } from '../guards/telemetry-alive.ts';
import type { AlertsSource } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { Machine } from '../ports/machine.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import type { Orchestrator } from '../ports/orchestrator.ts';
import { unlessRefused } from './unless-refused.ts';

/** Everything a run needs. What may be missing is asked for, so that one missing part hides no other. */
export interface Parts {
  readonly environment: PlannedEnvironment;
  readonly metrics: MetricsSource;
  readonly alerts: readonly AlertsSource[];
  readonly machine: Machine;
  readonly clock: Clock;
  orchestrator(): Promise<Orchestrator>;
  store(): InjectionStore;
  /** Of a cluster: what is looked at beside the rest. */
  readonly cluster?: readonly Check[];
}

export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen; when it is broken, with what mends it. */
  readonly text: string;
}

/** One thing to look at. */
export interface Check {
  readonly what: string;
  /** What was seen; throws what is broken and what mends it. */
  look(): Promise<string>;
}

/** Looks at everything at once. Never throws: what cannot be asked is a finding. */
export async function examineEnvironment(parts: Parts): Promise<readonly Finding[]> {
  return Promise.all(
    checksOf(parts).map(async ({ what, look }) => {
      try {
        return { what, ok: true, text: await look() };
      } catch (error) {
        return { what, ok: false, text: messageOf(error) };
      }
    }),
  );
}

function checksOf({ environment, metrics, alerts, machine, clock, orchestrator, store, cluster = [] }: Parts): readonly Check[] {
  const { name, prometheusUrl, receiverUrl, archiveDirectory } = environment;
  return [
    ...cluster,
    {
      what: 'Temporal',
      async look() {
        const status = await (await orchestrator()).status(name);
        return status === null ? 'answers, nothing runs' : `answers, ${status.runId} runs`;
      },
    },
    {
      what: 'worker',
      async look() {
        const workers = await (await orchestrator()).workers();
        if (workers.length === 0) throw broken('none takes up runs', 'Start one with `firedrill worker`');
        return workers.join(', ');
      },
    },
    {
      what: 'Prometheus',
      async look() {
        if (!(await metrics.ready())) {
          throw broken(`not ready at ${prometheusUrl}`, 'Start it, or mend prometheus.url in the environment file');
        }
        return `ready, ${clockOf(await metrics.clockOffset(), 'Prometheus')}`;
      },
    },
    ...alerts.map((source) => ({
      what: `Alertmanager ${source.url}`,
      async look() {
        if (!(await source.ready())) throw broken('not ready', 'Start it, or mend alertmanagers in the environment file');
        return `ready, ${clockOf(await source.clockOffset(), 'Alertmanager')}`;
      },
    })),
    ...(alerts.length === 0 ? [] : [{ what: 'alerts', look: () => alertPath(metrics) }]),
    {
      what: 'agent',
      async look() {
        const alive = livingAgents(await store().readHeartbeats(), clock.now(), freshMs);
        if (alive.length === 0) throw broken('none is alive', agentAdvice(environment));
        return alive.map((beat) => beat.name).join(', ');
      },
    },
    ...(environment.platform === 'host'
      ? [{ what: 'state', look: () => writable(machine, environment.stateDirectory, 'state') }]
      : []),
    { what: 'archive', look: () => writable(machine, archiveDirectory, 'archive') },
    ...(receiverUrl === null ? [] : [{ what: 'webhook', look: () => webhook(machine, receiverUrl) }]),
    {
      what: 'halt',
      async look() {
        const halt = await store().readHalt();
        if (halt !== null) throw broken(`set by ${halt.by}: ${halt.why}`, 'Lift it with `firedrill halt --lift` when it is safe');
        return 'not set';
      },
    },
  ];
}

function broken(what: string, fix: string): AppError {
  return new AppError('guard/blocked', `${what}. ${fix}`);
}

function clockOf({ offsetMs, errorMs }: { offsetMs: number; errorMs: number }, whose: string): string {
  const offset = `clock ${offsetMs.toFixed(0)} ± ${errorMs.toFixed(0)} ms off ours`;
  if (Math.abs(offsetMs) - errorMs <= offsetLimitMs) return offset;
  throw broken(
    `its ${offset}, more than the ${offsetLimitMs} ms that can be corrected`,
    `Mend time synchronisation (chrony, systemd-timesyncd) on this machine and on ${whose}'s`,
  );
}

async function alertPath(metrics: MetricsSource): Promise<string> {
  const known = await unlessRefused(metrics.alertmanagers(), () => null);
  if (known === null) return 'this Prometheus does not say where it sends them';
  if (known.length > 0) return `Prometheus sends them to ${known.join(', ')}`;
  throw broken(
    'Prometheus sends them to no Alertmanager, so nobody would be told',
    "Add one under alerting.alertmanagers in Prometheus's own configuration",
  );
}

async function writable(machine: Machine, directory: string, key: 'state' | 'archive'): Promise<string> {
  try {
    await machine.tryWriting(directory);
    return `${directory} can be written`;
  } catch (error) {
    throw broken(
      `${directory} cannot be written: ${messageOf(error)}`,
      `Free space there or give this user the right to write, or mend ${key} in the environment file`,
    );
  }
}

async function webhook(machine: Machine, url: string): Promise<string> {
  const listener = await machine.listenerAt(url).catch((error: unknown) => {
    throw broken(
      `${url} cannot be listened on: ${messageOf(error)}`,
      'Mend receiver.url in the environment file: it names an address of the machine that the worker runs on',
    );
  });
  switch (listener) {
    case 'nobody':
      return `${url} is free for the worker`;
    case 'our-worker':
      return `a worker listens on ${url}`;
    case 'another-program':
      throw broken(
        `another program listens on ${url}`,
        "End it, or give receiver.url in the environment file, and Alertmanager's webhook, another port",
      );
  }
}

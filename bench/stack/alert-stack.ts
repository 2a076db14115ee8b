import { join } from 'node:path';
import { freePorts } from '../../lab/host/free-ports.ts';
import { findPrometheus, prometheusCommand } from '../../lab/host/prometheus.ts';
import { startAlertNarrator } from '../../src/activities/alert-narrator.ts';
import { createFileArchive } from '../../src/adapters/archive/file-archive.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import type { TimelineEvent } from '../../src/domain/run-record.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { watchAlerts } from './alert-truth.ts';
import type { AlertTruth } from './alert-truth.ts';
import { startMetricsEndpoint } from './metrics-endpoint.ts';
import { createParts } from './parts.ts';

/** Targets and rule groups each have a phase of their own within their second: the inputs are dealt out over several. */
const groupCount = 5;
/** Whether a rule waits, and for how long, changes how its alert comes to fire. */
const forSeconds = [0, 1, 2, 3];

/** A Prometheus with one alert per input; each fires when its input was raised and stayed up. */
export interface AlertStack extends AsyncDisposable {
  readonly prometheusUrl: string;
  readonly directory: string;
  readonly truth: AlertTruth;
  /** What a run's watcher tells of an alert while it happens. */
  told(alertname: string): readonly TimelineEvent[];
  /** Raises an input, and gives the time of it, in unix ms. */
  raise(input: number): number;
}

export const alertOf = (input: number): string => `Input${input}`;

export async function startAlertStack(inputs: number, say: (line: string) => void): Promise<AlertStack> {
  await using started = new AsyncDisposableStack();
  const parts = started.use(await createParts());
  const raised = new Set<number>();
  const groups = Array.from({ length: groupCount }, (_, group) =>
    Array.from({ length: inputs }, (_, input) => input).filter((input) => input % groupCount === group),
  );
  const targets = [];
  for (const [group, members] of groups.entries()) {
    const render = (): string =>
      [
        '# TYPE bench_input gauge',
        ...members.map((input) => `bench_input{number="${input}"} ${raised.has(input) ? 1 : 0}`),
        '',
      ].join('\n');
    const { address } = started.use(await startMetricsEndpoint(render));
    targets.push({ service: 'inputs', instance: `inputs-${group}`, address });
  }
  const rules = groups.map((members, group) => ({
    name: `inputs-${group}`,
    rules: members.map((input) => ({
      alert: alertOf(input),
      expr: `bench_input{number="${input}"} > 0`,
      for: `${forSeconds[input % forSeconds.length]}s`,
    })),
  }));
  const [port = 0, alertmanagerPort = 0] = await freePorts(2);
  const { address: prometheusUrl } = await parts.start(
    prometheusCommand({
      binary: await findPrometheus(say),
      port,
      // Nobody is told: what is measured is when alerts fire.
      alertmanagerPort,
      targets,
      awaitTargets: targets.length,
      rules: { groups: rules },
      directory: join(parts.directory, 'prometheus'),
      logFile: parts.logFile('prometheus'),
    }),
  );
  const truth = started.use(watchAlerts(prometheusUrl));
  const told: TimelineEvent[] = [];
  const narrator = startAlertNarrator(
    { metrics: createPrometheus({ url: prometheusUrl }), archive: createFileArchive(parts.directory) },
    { clock: systemClock, recorder: { event: (event) => told.push({ at: new Date().toISOString(), ...event }) }, earlier: [] },
  );
  started.defer(() => narrator.stop());
  const everything = started.move();
  return {
    prometheusUrl,
    directory: parts.directory,
    truth,
    told: (alertname) => told.filter(({ data }) => data?.['alertname'] === alertname),
    raise(input) {
      raised.add(input);
      return Date.now();
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

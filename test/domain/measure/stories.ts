import { at, probeLike, sampleLike, start } from './samples.ts';
import type { InjectionStatus } from '../../../src/domain/injection/records.ts';
import type { MeasurementInput, RawSeries } from '../../../src/domain/measure/input.ts';
import type { Sample } from '../../../src/domain/measure/sample.ts';
import type { Plan, PlannedInjection } from '../../../src/domain/plan/plan.ts';
import type { TimelineEvent } from '../../../src/domain/run-record.ts';

/**
 * The story all tests vary: the fault is verified at second 10 and reverted at 40; users hurt from 12; the alert is pending
 * from 12, fires at 17, is delivered at 18, acknowledged at 25; users are well again at 43; restored at 50; ends at 60.
 */
export interface Changes {
  readonly plan?: Partial<Plan>;
  readonly input?: Partial<MeasurementInput>;
  readonly status?: Partial<InjectionStatus> | null;
  /** Seconds in which users are hurt; null: never. */
  readonly hurt?: readonly [number, number] | null;
  readonly samples?: readonly Sample[];
  /** Seconds of the first and last firing sample; null: never. */
  readonly firing?: readonly [number, number] | null;
  readonly pending?: number;
  readonly delivered?: number | null;
  readonly labels?: Readonly<Record<string, string>>;
  /** Words of people: `acknowledged` at 25. */
  readonly people?: Readonly<Record<string, number>>;
  readonly restored?: number | null;
}

export function story(changes: Changes = {}): MeasurementInput {
  const alertLabels = { alertname: 'Errors', severity: 'page', ...changes.labels };
  const firing = changes.firing === undefined ? ([17, 45] as const) : changes.firing;
  const delivered = changes.delivered === undefined ? 18 : changes.delivered;
  const hurt = changes.hurt === undefined ? ([12, 43] as const) : changes.hurt;
  const restored = changes.restored === undefined ? 50 : changes.restored;
  const plan = planLike(changes.plan);
  return {
    runId: 'r1',
    version: '0.0.0',
    startedAt: at(0),
    endedAt: at(60),
    plan,
    guards: [],
    ending: { ending: 'completed', reason: 'held for 30 s', abortedBy: null },
    injections: [{ spec: specOf(plan), status: changes.status === null ? null : { ...reverted, ...changes.status } }],
    timeline: [
      event(9.5, 'run.commanded'),
      ...Object.entries(changes.people ?? { acknowledged: 25 }).map(([word, seconds]) => event(seconds, `person.${word}`)),
      ...(restored === null ? [] : [event(restored, 'run.recovered')]),
    ],
    samples: changes.samples ?? everySecond(hurt),
    rawSli: [],
    alertSeries: firing === null ? [] : alertSeries(alertLabels, firing, changes.pending ?? 12),
    deliveries:
      firing === null || delivered === null
        ? []
        : [{ receivedAt: at(delivered), status: 'firing', labels: alertLabels, startsAt: at(firing[0]), fingerprint: 'f' }],
    rules: [{ name: 'Errors', query: 'q > 0.05', forSeconds: 5, intervalSeconds: 1, health: 'ok', labels: {} }],
    unanswered: [],
    clockOffsets: [{ upstream: 'http://prometheus', offsetMs: 0, errorMs: 0 }],
    scrapeIntervalSeconds: 1,
    ...changes.input,
  };
}

export const reverted: InjectionStatus = {
  schemaVersion: 1,
  id: 'r1-1-1',
  runId: 'r1',
  phase: 'reverted',
  lastAbsentAt: at(9.8),
  activeAt: at(9.9),
  verifiedAt: at(10),
  revertStartedAt: at(40),
  revertedAt: at(40.1),
  revertVerifiedAt: at(40.2),
  cause: 'asked',
};

/** An event has nothing to undo: it is spent. */
export const spent = {
  phase: 'spent',
  revertStartedAt: undefined,
  revertedAt: undefined,
  revertVerifiedAt: undefined,
} as unknown as Partial<InjectionStatus>;

export function event(seconds: number, kind: string, data = {}): TimelineEvent {
  return { at: at(seconds), source: kind.startsWith('person') ? 'person' : 'run', kind, text: kind, by: 'ada', data };
}

export function alertSeries(
  labels: Record<string, string>,
  [first, last]: readonly [number, number],
  pending: number,
): RawSeries[] {
  const seconds = Array.from({ length: last - first + 1 }, (_, index) => start / 1000 + first + index);
  return [
    { labels: { __name__: 'ALERTS', alertstate: 'firing', ...labels }, points: seconds.map((time) => [time, 1]) },
    { labels: { __name__: 'ALERTS_FOR_STATE', ...labels }, points: seconds.map((time) => [time, start / 1000 + pending]) },
  ];
}

/** Good, but bad from the first second of `hurt` to before the second. */
export function everySecond(hurt: readonly [number, number] | null, end = 60): Sample[] {
  return Array.from({ length: end + 1 }, (_, second) =>
    sampleLike(second, hurt !== null && second >= hurt[0] && second < hurt[1] ? 'bad' : 'good'),
  );
}

const target = { kind: 'process', service: 'payments', name: 'payments-1', uid: 'u', locator: {} } as const;

const step: PlannedInjection = {
  step: 1,
  ordinal: 1,
  stage: 1,
  fault: 'process-pause',
  params: {},
  target,
  selection: { selected: 1, of: 4, percent: 25, rule: '1 of 4 payments' },
};

function specOf(plan: Plan) {
  const { leaseSeconds } = plan;
  return {
    schemaVersion: 1 as const,
    id: 'r1-1-1',
    runId: 'r1',
    environment: 'demo',
    stage: 1,
    fault: 'process-pause',
    params: {},
    target,
    deadline: at(50),
    leaseSeconds,
  };
}

function planLike(overrides: Partial<Plan> = {}): Plan {
  return {
    schemaVersion: 1,
    experiment: { name: 'pause', title: 'Pause one' },
    environment: {
      name: 'demo',
      platform: 'host',
      prometheusUrl: 'http://prometheus',
      alertmanagerUrls: [],
      receiverUrl: 'http://receiver',
      stateDirectory: '/state',
      archiveDirectory: '/runs',
    },
    scope: { in: [], out: [] },
    seed: 1,
    steps: [step],
    holdSeconds: 30,
    leaseSeconds: 15,
    baselineSeconds: 10,
    recovery: { stableSeconds: 5, timeoutSeconds: 20 },
    graceSeconds: 5,
    hypotheses: [],
    probes: [probeLike()],
    expectedAlerts: [{ alertname: 'Errors', labels: {}, severity: 'page', withinSeconds: 20 }],
    hash: 'h',
    ...overrides,
  };
}

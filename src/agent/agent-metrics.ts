import { phases } from '../domain/injection/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import { injectionFigures } from './injection-figures.ts';
import { metricsText } from './metrics-text.ts';
import type { MetricFamily } from './metrics-text.ts';

type Records = Pick<InjectionStore, 'readSpecs' | 'readStatuses' | 'readHalt'>;

/** What the cluster's agent says about itself, and, while it leads, about every injection. */
export interface AgentMetrics {
  /** A line was logged that tells of something wrong. */
  logged(level: 'warn' | 'error'): void;
  /** From now on this process leads, and these are the records. */
  leads(records: Records): void;
  /** For a scrape. Never fails: what cannot be read is not there, and that it cannot be read is. */
  text(): Promise<string>;
}

/** Every metric there is: rules and docs name no other. */
export const metricNames = {
  build: 'firedrill_build_info',
  leader: 'firedrill_leader',
  readable: 'firedrill_records_readable',
  injections: 'firedrill_injections',
  overdue: 'firedrill_injection_overdue_seconds',
  halted: 'firedrill_halted',
  logged: 'firedrill_logged_problems_total',
  lastError: 'firedrill_last_error_timestamp_seconds',
} as const;

export function createAgentMetrics({ version, clock }: { readonly version: string; readonly clock: Clock }): AgentMetrics {
  const counts = { warn: 0, error: 0 };
  let lastError: number | null = null;
  let records: Records | null = null;

  const ofSelf = (): readonly MetricFamily[] => [
    gauge(metricNames.build, 'Which version runs', [{ labels: { version }, value: 1 }]),
    gauge(metricNames.leader, 'Whether this replica leads', [{ value: records === null ? 0 : 1 }]),
    {
      name: metricNames.logged,
      help: 'Lines logged that tell of something wrong, by level',
      type: 'counter',
      samples: Object.entries(counts).map(([level, value]) => ({ labels: { level }, value })),
    },
    gauge(
      metricNames.lastError,
      'When the last error was logged, Unix time; not there while there was none',
      lastError === null ? [] : [{ value: lastError / 1000 }],
    ),
  ];

  return {
    logged(level) {
      counts[level] += 1;
      if (level === 'error') lastError = clock.now();
    },
    leads(given) {
      records = given;
    },
    async text() {
      const ofRecords = records === null ? [] : await recordFamilies(records, clock.now()).catch(() => [readable(0)]);
      return metricsText([...ofSelf(), ...ofRecords]);
    },
  };
}

async function recordFamilies(records: Records, now: number): Promise<readonly MetricFamily[]> {
  const [specs, statuses, halt] = await Promise.all([records.readSpecs(), records.readStatuses(), records.readHalt()]);
  const { byPhase, overdueSeconds } = injectionFigures(specs, statuses, now);
  return [
    readable(1),
    gauge(
      metricNames.injections,
      'Injections by phase; waiting: no agent has answered, unreadable: the record is damaged',
      ['waiting', ...phases, 'unreadable'].map((phase) => ({ labels: { phase }, value: byPhase[phase] ?? 0 })),
    ),
    gauge(metricNames.overdue, 'How far past its deadline the latest injection is that has not ended', [
      { value: overdueSeconds },
    ]),
    gauge(metricNames.halted, 'Whether the halt switch is set', [{ value: halt === null ? 0 : 1 }]),
  ];
}

function readable(value: 0 | 1): MetricFamily {
  return gauge(metricNames.readable, 'Whether the leader sees the records as they are now, or were seconds ago', [{ value }]);
}

function gauge(name: string, help: string, samples: MetricFamily['samples']): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

import type { Reading } from '../domain/measure/sample.ts';
import type { PlannedEnvironment, PlannedProbe } from '../domain/plan/plan.ts';
import type { AlertsSource } from '../ports/alerts.ts';
import type { Archive } from '../ports/archive.ts';
import type { Clock } from '../ports/clock.ts';
import type { GameDayArchive } from '../ports/game-days.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import type { Platform } from '../ports/platform.ts';

/** Everything a run of one environment talks to. */
export interface Connections {
  readonly metrics: MetricsSource;
  readonly alerts: readonly AlertsSource[];
  readonly store: InjectionStore;
  readonly archive: Archive;
  readonly gameDays: GameDayArchive;
  /** Never throws: a problem is a reading. */
  readonly read: (probe: PlannedProbe, signal: AbortSignal) => Promise<Reading>;
}

export interface ActivityDeps {
  readonly connect: (environment: PlannedEnvironment) => Connections;
  /** What runs there now. Errors: `upstream/refused` when this worker does not serve that environment. */
  readonly platformOf: (environment: PlannedEnvironment) => Platform;
  readonly clock: Clock;
  readonly version: string;
}

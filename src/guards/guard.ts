import type { Plan } from '../domain/plan/plan.ts';
import type { AlertsSource } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import type { Platform } from '../ports/platform.ts';

export interface GuardContext {
  readonly plan: Plan;
  readonly metrics: MetricsSource;
  readonly alerts: readonly AlertsSource[];
  readonly store: InjectionStore;
  readonly platform: Platform;
  readonly clock: Clock;
}

export type GuardVerdict = { readonly result: 'ok' | 'warning' | 'blocked'; readonly reason: string };

/** A reason not to start. A guard that could not ask its upstream throws, and that blocks: not knowing is not fine. */
export interface Guard {
  /** = file = the name in the record. */
  readonly name: string;
  check(context: GuardContext): Promise<GuardVerdict>;
}

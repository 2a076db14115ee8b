import type { Guard } from './guard.ts';

/** An expected alert that fires already cannot detect this fault: its time would be a guess. */
export const alertNotFiring: Guard = {
  name: 'alert-not-firing',
  async check({ metrics, plan }) {
    const { series } = await metrics.instant('ALERTS');
    const active = new Set(series.map(({ labels }) => labels['alertname'] ?? ''));
    const busy = plan.expectedAlerts.filter((alert) => active.has(alert.alertname));
    return busy.length === 0
      ? { result: 'ok', reason: 'no expected alert is pending or firing' }
      : {
          result: 'blocked',
          reason: `already pending or firing: ${busy.map((alert) => alert.alertname).join(', ')}. Wait until it clears`,
        };
  },
};

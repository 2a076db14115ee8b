import type { Guard } from './guard.ts';

/** Expected alerts need a living Alertmanager, and rules that are loaded and healthy. */
export const alertPathAlive: Guard = {
  name: 'alert-path-alive',
  async check({ alerts, metrics, plan }) {
    if (plan.expectedAlerts.length === 0) return { result: 'ok', reason: 'no alert is expected' };
    const ready = await Promise.all(alerts.map((source) => source.ready()));
    const down = alerts.filter((_, index) => !ready[index]);
    if (alerts.length === 0)
      return { result: 'blocked', reason: 'alerts are expected, but the environment names no Alertmanager' };
    if (down.length > 0) {
      return {
        result: 'blocked',
        reason: `Alertmanager is not ready: ${down.map((source) => source.url).join(', ')}. Detection could not be measured. Start it, or mend alertmanagers in the environment file`,
      };
    }
    const rules = await metrics.alertRules();
    const missing = plan.expectedAlerts.filter(
      (alert) => !rules.some((rule) => rule.name === alert.alertname && rule.health !== 'err'),
    );
    return missing.length === 0
      ? { result: 'ok', reason: `${plan.expectedAlerts.length} expected rule(s) loaded, Alertmanager ready` }
      : { result: 'blocked', reason: `no healthy rule for expected alert ${missing.map((alert) => alert.alertname).join(', ')}` };
  },
};

import type { Guard } from './guard.ts';

/** Correcting clocks by more than this hides a broken time service. */
export const offsetLimitMs = 5000;

export const telemetryAlive: Guard = {
  name: 'telemetry-alive',
  async check({ metrics, plan }) {
    if (!(await metrics.ready())) {
      return {
        result: 'blocked',
        reason: `Prometheus at ${plan.environment.prometheusUrl} is not ready. Without it no probe can abort the run. Start it, or mend prometheus.url in the environment file`,
      };
    }
    const { offsetMs, errorMs } = await metrics.clockOffset();
    return Math.abs(offsetMs) > offsetLimitMs
      ? {
          result: 'blocked',
          reason: `Prometheus's clock is ${Math.round(offsetMs)} ms off ours. Mend time synchronisation first`,
        }
      : { result: 'ok', reason: `Prometheus is ready, its clock ${offsetMs.toFixed(0)} ± ${errorMs.toFixed(0)} ms off ours` };
  },
};

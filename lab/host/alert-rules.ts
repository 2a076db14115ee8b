const errors = 'sum(rate(client_requests_total{service="payments-api",outcome="error"}[10s]))';
const all = 'sum(rate(client_requests_total{service="payments-api"}[10s]))';
const latency = 'sum by (le) (rate(client_request_duration_seconds_bucket{service="payments-api"}[10s]))';
const usage = (threshold: number): string =>
  `max(db_pool_active / db_pool_total) > ${threshold} or max(db_connections_active / db_connections_max) > ${threshold}`;

function rule(alert: string, expr: string, hold: string, severity: string, summary: string): object {
  return { alert, expr, for: hold, labels: { severity, service: 'payments-api' }, annotations: { summary } };
}

/** The demo team's alerts, fast enough to be seen in a drill of a minute. */
export const alertRules = {
  groups: [
    {
      name: 'payments',
      rules: [
        rule('PaymentsErrorRatio', `${errors} / ${all} > 0.05`, '3s', 'critical', 'More than 5 % of payments fail'),
        rule(
          'PaymentsLatencyP99',
          `histogram_quantile(0.99, ${latency}) > 0.5`,
          '3s',
          'warning',
          'One payment in a hundred takes longer than 500 ms',
        ),
        rule('PoolUsageHigh', usage(0.7), '3s', 'warning', 'More than 70 % of the database connections are in use'),
        rule('PoolUsageCritical', usage(0.9), '3s', 'critical', 'More than 90 % of the database connections are in use'),
        rule('BreakerOpen', 'max(circuit_breaker_state) >= 1', '2s', 'warning', 'The circuit breaker to fraud-detector is open'),
        rule('ReplicaMissing', 'sum(up{service="payments-api"}) < 6', '2s', 'warning', 'Fewer than 6 replicas answer'),
        rule(
          'VolumeFilling',
          'max by (volume) (audit_volume_used_ratio) > 0.8',
          '2s',
          'critical',
          'The audit volume is over 80 % full',
        ),
        {
          alert: 'TargetAbsent',
          // Not absent(): Prometheus knows no target in its first seconds, and would page for its own start.
          expr: 'max by (service) (up) == 0',
          for: '3s',
          labels: { severity: 'critical' },
          annotations: { summary: 'A service cannot be measured at all' },
        },
      ],
    },
  ],
};

import { metricNames } from '../agent/agent-metrics.ts';
import { clusterAgentLabels } from './cluster-agent.ts';
import { alivePort, names } from './names.ts';
import type { Manifest } from './options.ts';

/** The API group of the Prometheus operator: with it, what follows means something. */
export const monitoringGroup = 'monitoring.coreos.com/v1';

const { overdue, injections, leader, readable } = metricNames;

/** An expression that holds while something is wrong, for how long before it is said, and what it means. */
export const alerts = [
  {
    alert: 'FiredrillInjectionOverdue',
    expr: (of: string) => `max(${overdue}{${of}}) > 30`,
    for: '30s',
    severity: 'critical',
    summary: 'A fault has outlived its deadline. Look at kubectl get injections -A, and at the log of its agent',
  },
  {
    alert: 'FiredrillInjectionStuck',
    expr: (of: string) => `sum(${injections}{${of},phase=~"stuck|unreadable"}) > 0`,
    for: '0s',
    severity: 'critical',
    summary: 'A revert does not succeed, or a record cannot be read. Its agent keeps trying: look at the target yourself',
  },
  {
    alert: 'FiredrillNobodyLeads',
    expr: (of: string) => `absent(${leader}{${of}} == 1)`,
    for: '1m',
    severity: 'critical',
    summary: 'No replica of the cluster agent leads: faults over the API are not reverted. Look at its pods',
  },
  {
    alert: 'FiredrillRecordsUnreadable',
    expr: (of: string) => `min(${readable}{${of}}) == 0`,
    for: '1m',
    severity: 'warning',
    summary: 'The leading cluster agent cannot see the records. Leases run out by themselves: look at the API server',
  },
] as const;

/** How the operator's Prometheus finds the cluster agent, and what it should say. */
export function monitoring(namespace: string): readonly Manifest[] {
  const metadata = { name: names.clusterAgent, namespace, labels: clusterAgentLabels };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      // Each replica is asked: they say different things.
      spec: {
        clusterIP: 'None',
        selector: clusterAgentLabels,
        ports: [{ name: 'metrics', port: alivePort, targetPort: 'alive' }],
      },
    },
    {
      apiVersion: monitoringGroup,
      kind: 'ServiceMonitor',
      metadata,
      spec: {
        selector: { matchLabels: clusterAgentLabels },
        endpoints: [{ port: 'metrics', path: '/metrics', interval: '15s' }],
      },
    },
    {
      apiVersion: monitoringGroup,
      kind: 'PrometheusRule',
      metadata,
      spec: {
        groups: [
          {
            name: 'firedrill',
            rules: alerts.map(({ alert, expr, for: after, severity, summary }) => ({
              alert,
              expr: expr(`namespace="${namespace}"`),
              for: after,
              labels: { severity },
              annotations: { summary },
            })),
          },
        ],
      },
    },
  ];
}

import type { AgentPolicy } from '../../faults/fault.ts';
import { commentedYaml } from './commented-yaml.ts';
import type { Discovery } from './discovery.ts';
import { environmentName } from './draft-names.ts';
import type { DraftNames } from './draft-names.ts';

/** Paths are relative to `environments/`. */
export function draftEnvironment(
  { prometheusUrl, alertmanagers, instances, matchers }: Discovery,
  { service }: DraftNames,
): string {
  const value = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: environmentName },
    spec: {
      platform: 'host',
      prometheus: { url: prometheusUrl },
      alertmanagers: alertmanagers.map((url) => ({ url })),
      temporal: { address: '127.0.0.1:7233' },
      state: '../.firedrill/state',
      archive: '../.firedrill/runs',
      policy: { maxPercent: 50, maxHold: '10m' },
      services: {
        [service]: {
          processes: instances.map((_, index) => ({
            name: `${service}-${index + 1}`,
            pidFile: `/run/${service}/${service}-${index + 1}.pid`,
          })),
        },
      },
    },
  };
  const processes = ['spec', 'services', service, 'processes'];
  return commentedYaml('Written by firedrill init. Where runs happen; every key: docs/reference/files.md', value, [
    {
      path: ['spec', 'alertmanagers'],
      text:
        alertmanagers.length === 0
          ? 'This Prometheus sends its alerts to no Alertmanager.'
          : 'Those that this Prometheus sends its alerts to.',
    },
    {
      path: ['spec', 'temporal'],
      text: 'What `temporal server start-dev` listens on. For notification times add above:\n  receiver: { url: http://127.0.0.1:9095 }\nand a webhook to it in Alertmanager.',
    },
    {
      path: processes,
      text:
        instances.length === 0
          ? `No up{${matchers}} names its instances. List its processes on this machine: { name, pidFile }.`
          : 'One for each instance that Prometheus scrapes. It does not know pid files: PUT THE TRUE ONES HERE.\nA fault acts on processes of this machine only.',
    },
    ...instances.map((instance, index) => ({ path: [...processes, index], text: `instance ${instance}` })),
  ]);
}

/** What the agent agrees to: the drafted fault on this service and nothing else. */
export function draftPolicy({ service }: DraftNames): string {
  const policy: AgentPolicy = {
    environment: environmentName,
    allowFaults: ['process-kill'],
    allowServices: [service],
    maxDurationSeconds: 900,
    leaseSeconds: { min: 5, max: 60 },
    diskFill: { allowPaths: [], floorBytes: 0 },
    pool: { reserveConnections: 5 },
    hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 30 },
  };
  return `${JSON.stringify(policy, null, 2)}\n`;
}

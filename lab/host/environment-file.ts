import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import { isMounted } from './audit-volume.ts';
import type { CallerGroup } from './caller-group.ts';
import type { StackPorts } from './stack-ports.ts';

const local = (port: number): string => `127.0.0.1:${port}`;
const url = (port: number): string => `http://${local(port)}`;

/** Writes `environment.yaml`; paths in it are relative to it. Returns its path. */
export function writeEnvironmentFile(directory: string, ports: StackPorts, callers: CallerGroup | null): string {
  const environment = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: 'demo' },
    spec: {
      platform: 'host',
      prometheus: { url: url(ports.prometheus) },
      alertmanagers: [{ url: url(ports.alertmanager) }],
      receiver: { url: url(ports.receiver) },
      temporal: { address: local(ports.temporal), namespace: 'default' },
      state: './state',
      archive: './runs',
      policy: { maxPercent: 50, maxHold: '10m' },
      services: {
        'payments-api': {
          processes: ports.payments.map((port, index) => ({
            name: `payments-api-${index + 1}`,
            pidFile: `./pids/payments-api-${index + 1}.pid`,
            url: url(port),
          })),
          links: [
            {
              name: 'fraud-detector',
              to: 'fraud-detector',
              listen: local(ports.link),
              control: './links/fraud-detector.sock',
            },
            // Nothing of ours is in this one: an agent that is root turns the replicas' packets while a fault lasts.
            {
              name: 'database',
              to: 'database',
              addresses: [local(ports.postgres)],
              caller: callers === null ? 'anyone' : { cgroup: callers.name },
            },
          ],
        },
        audit: { volumes: [{ name: 'journal', path: './volumes/audit' }] },
        database: { postgres: [{ name: 'payments', connection: 'file:./secrets/payments.dsn' }] },
      },
    },
  };
  const path = join(directory, 'environment.yaml');
  writeFileSync(path, stringify(environment));
  return path;
}

/** Writes `agent-policy.json`: what the agent of this environment agrees to do, whoever asks. Returns its path. */
export function writePolicyFile(directory: string, ports: StackPorts): string {
  const audit = join(directory, 'volumes', 'audit');
  const policy: AgentPolicy = {
    environment: 'demo',
    allowFaults: ['process-kill', 'network-latency', 'disk-fill', 'pool-exhaustion', 'hook', 'manual'],
    allowServices: ['payments-api', 'audit', 'database'],
    maxDurationSeconds: 600,
    leaseSeconds: { min: 1, max: 60 },
    // A volume of the journal's own may be filled to its end, to show what happens then; a folder shares its disk with others.
    diskFill: { allowPaths: [audit], floorBytes: isMounted(audit) ? 0 : 2 ** 30 },
    pool: { reserveConnections: 5 },
    redirect: { allowAddresses: [local(ports.postgres)] },
    hook: {
      // Freezing and thawing a target, and reading that back; nothing else, for this agent may be root.
      allowCommands: [
        ['kill', '-STOP', '{target.pid}'],
        ['kill', '-CONT', '{target.pid}'],
        ['grep', '-q', '^State:.T', '/proc/{target.pid}/status'],
        ['grep', '-q', '^State:.[RSD]', '/proc/{target.pid}/status'],
      ],
      allowUrls: ports.payments.map((port) => `${url(port)}/admin/`),
      timeoutSeconds: 30,
    },
  };
  const path = join(directory, 'agent-policy.json');
  writeFileSync(path, `${JSON.stringify(policy, null, 2)}\n`);
  return path;
}

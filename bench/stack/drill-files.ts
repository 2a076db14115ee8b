import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import { service } from './experiments.ts';
import type { OrchestrationPorts } from './orchestration.ts';

export const environmentName = 'bench';

export interface DrillFiles {
  readonly environmentFile: string;
  readonly policyFile: string;
  readonly stateDirectory: string;
}

export function drillFilesIn(directory: string): DrillFiles {
  return {
    environmentFile: join(directory, 'environment.yaml'),
    policyFile: join(directory, 'agent-policy.json'),
    stateDirectory: join(directory, 'state'),
  };
}

/** Writes what a person would write for replicas on this machine: an environment and its agent's policy. */
export function writeDrillFiles(directory: string, ports: OrchestrationPorts, pidFiles: readonly string[]): DrillFiles {
  const environment = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: environmentName },
    spec: {
      platform: 'host',
      prometheus: { url: `http://127.0.0.1:${ports.prometheus}` },
      temporal: { address: `127.0.0.1:${ports.temporal}`, namespace: 'default' },
      state: './state',
      archive: './runs',
      services: { [service]: { processes: pidFiles.map((pidFile, index) => ({ name: `replica-${index + 1}`, pidFile })) } },
    },
  };
  const policy: AgentPolicy = {
    environment: environmentName,
    allowFaults: ['hook'],
    allowServices: [service],
    maxDurationSeconds: 600,
    leaseSeconds: { min: 1, max: 60 },
    diskFill: { allowPaths: [], floorBytes: 0 },
    pool: { reserveConnections: 0 },
    hook: { allowCommands: ['kill', 'grep'], allowUrls: [], timeoutSeconds: 10 },
  };
  const files = drillFilesIn(directory);
  mkdirSync(files.stateDirectory, { recursive: true });
  writeFileSync(files.environmentFile, stringify(environment));
  writeFileSync(files.policyFile, JSON.stringify(policy));
  return files;
}

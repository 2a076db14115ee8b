import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { createJournal } from '../../src/adapters/host/journal.ts';
import { createRecordWatch } from '../../src/adapters/host/record-watch.ts';
import { createHostTools } from '../../src/adapters/host/tools.ts';
import type { RecordsInSight } from '../../src/agent/agent.ts';
import type { AgentDependencies } from '../../src/agent/dependencies.ts';
import type { AgentPolicy, Fault } from '../../src/faults/fault.ts';
import { systemClock } from '../../src/ports/clock.ts';

/** Allows the fault `file` on `payments`. */
export const openPolicy: AgentPolicy = {
  environment: 'test',
  allowFaults: ['file'],
  allowServices: ['payments'],
  maxDurationSeconds: 600,
  leaseSeconds: { min: 1, max: 60 },
  diskFill: { allowPaths: [], floorBytes: 0 },
  pool: { reserveConnections: 0 },
  hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 1 },
};

/** What an agent needs over a real state directory, with a policy that allows the fault `file` on `payments`. */
export function agentDependencies(folder: string, faults: readonly Fault[]): AgentDependencies & RecordsInSight {
  return {
    store: createInjectionStore(folder),
    journal: createJournal(folder),
    watch: createRecordWatch(folder),
    pollMs: 0,
    faults,
    hostTools: createHostTools(),
    kind: 'host',
    clusterTools: null,
    nodeTools: null,
    objectionTo: async () => null,
    secret: () => Promise.reject(new Error('no secrets here')),
    policy: openPolicy,
    clock: systemClock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    name: 'one',
    version: '0.0.0',
  };
}

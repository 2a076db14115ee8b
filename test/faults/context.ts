import { readFile } from 'node:fs/promises';
import { createHostTools } from '../../src/adapters/host/tools.ts';
import { readConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { AgentPolicy, FaultContext } from '../../src/faults/fault.ts';

export interface TestContext extends FaultContext {
  readonly journaled: JsonObject[];
  abort(): void;
}

const openPolicy: AgentPolicy = {
  environment: 'test',
  allowFaults: [],
  allowServices: [],
  maxDurationSeconds: 600,
  leaseSeconds: { min: 1, max: 60 },
  diskFill: { allowPaths: [], floorBytes: 0 },
  pool: { reserveConnections: 2 },
  hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 10 },
};

/** What an agent would lend, for real: its tools, its journal in memory, and the policy of the test. */
export function createContext(
  injectionId: string,
  policy: Partial<AgentPolicy> = {},
  lent: Partial<Pick<FaultContext, 'cluster' | 'node' | 'confirmation'>> = {},
): TestContext {
  const controller = new AbortController();
  const journaled: JsonObject[] = [];
  return {
    signal: controller.signal,
    injectionId,
    log: () => {},
    journal: async (delta) => void journaled.push(delta),
    host: createHostTools(readConfig().programs),
    confirmation: async () => null,
    cluster: null,
    node: null,
    ...lent,
    secret: async (ref) => (await readFile(ref.replace(/^file:/, ''), 'utf8')).trim(),
    policy: { ...openPolicy, ...policy },
    journaled,
    abort: () => controller.abort(),
  };
}

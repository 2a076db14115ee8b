import { watch } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InjectionView } from '../../src/activities/injection-watch.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import type { InjectionSpec } from '../../src/domain/injection/records.ts';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { injectionsWhen } from './injections-when.ts';
import { startProgram } from './program.ts';

const environment = 'bench';

/** An agent as it is deployed, watchdog and all, with a record store of its own. */
export interface AgentBench extends AsyncDisposable {
  readonly directory: string;
  readonly store: InjectionStore;
  /** Resolves with the first view that holds, read as soon as a status was written. Fails after 20 s. */
  injectionsWhen(what: string, specs: readonly InjectionSpec[], holds: (view: InjectionView) => boolean): Promise<InjectionView>;
}

export async function startAgentBench(policy: Partial<AgentPolicy>): Promise<AgentBench> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  const policyFile = join(directory, 'policy.json');
  await writeFile(policyFile, JSON.stringify({ ...denyAll, ...policy }));
  const store = createInjectionStore(directory);
  const entry = fileURLToPath(new URL('../../src/compose/agent.ts', import.meta.url));
  // Its first line of log says that it is ready, for it finds nothing to revert.
  const agent = await startProgram([entry, '--state', directory, '--policy', policyFile, '--name', 'bench']);
  const onChange = (wake: () => void): (() => void) => {
    const watcher = watch(join(directory, 'status'), wake);
    return () => watcher.close();
  };
  return {
    directory,
    store,
    injectionsWhen: (what, specs, holds) => injectionsWhen({ store, onChange, what, specs, holds }),
    async [Symbol.asyncDispose]() {
      await agent.stop('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A spec for this bench's agent; the rest is the figure's. */
export function benchSpec(spec: Pick<InjectionSpec, 'runId' | 'fault' | 'params' | 'target'>, ordinal: number): InjectionSpec {
  return {
    ...spec,
    schemaVersion: 1,
    id: `${spec.runId}-1-${ordinal}`,
    environment,
    stage: 1,
    deadline: new Date(Date.now() + 60_000).toISOString(),
    leaseSeconds: 15,
  };
}

const denyAll: AgentPolicy = {
  environment,
  allowFaults: [],
  allowServices: [],
  maxDurationSeconds: 600,
  leaseSeconds: { min: 1, max: 60 },
  diskFill: { allowPaths: [], floorBytes: 0 },
  pool: { reserveConnections: 1 },
  hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 3 },
};

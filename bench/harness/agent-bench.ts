import { watch } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readInjections } from '../../src/activities/injection-watch.ts';
import type { InjectionView } from '../../src/activities/injection-watch.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { InjectionSpec } from '../../src/domain/injection/records.ts';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { startProgram } from './program.ts';

const environment = 'bench';
const patienceMs = 20_000;

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
  return {
    directory,
    store,
    injectionsWhen: (what, specs, holds) => injectionsWhen({ store, directory, what, specs, holds }),
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

async function injectionsWhen(wait: {
  readonly store: InjectionStore;
  readonly directory: string;
  readonly what: string;
  readonly specs: readonly InjectionSpec[];
  readonly holds: (view: InjectionView) => boolean;
}): Promise<InjectionView> {
  let changed = Promise.withResolvers<void>();
  const wake = (): void => changed.resolve();
  const watcher = watch(join(wait.directory, 'status'), wake);
  // A look now and then, so that a lost event delays the end and nothing else.
  const timer = setInterval(wake, 100);
  const until = performance.now() + patienceMs;
  try {
    for (;;) {
      const view = await readInjections(wait.store, wait.specs);
      if (wait.holds(view)) return view;
      if (performance.now() > until) {
        const seen = view.statuses.map(({ id, phase, error }) => `${id} ${phase} ${error?.message ?? ''}`).join('; ');
        throw new AppError('upstream/unreachable', `${wait.what} never came within ${patienceMs} ms. Seen: ${seen}`);
      }
      await changed.promise;
      changed = Promise.withResolvers<void>();
    }
  } finally {
    clearInterval(timer);
    watcher.close();
  }
}

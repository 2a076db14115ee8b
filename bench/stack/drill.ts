import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createSecrets } from '../../src/adapters/host/secrets.ts';
import { specFiles } from '../../src/adapters/host/spec-files.ts';
import { readTemporalAccess } from '../../src/adapters/temporal/access.ts';
import { connectOrchestrator } from '../../src/adapters/temporal/orchestrator.ts';
import { createRunId } from '../../src/app/run-id.ts';
import { openCluster } from '../../src/compose/cluster.ts';
import { createConnector } from '../../src/compose/connections.ts';
import { platformOf } from '../../src/compose/platform.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { injectionIdOf } from '../../src/domain/plan/plan.ts';
import type { Plan } from '../../src/domain/plan/plan.ts';
import type { RunRecord } from '../../src/domain/run-record.ts';
import { faults } from '../../src/faults/index.ts';
import { createPlan } from '../../src/planning/create-plan.ts';
import { faultRegistry } from '../../src/planning/fault-registry.ts';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { findSpec, loadWorkspace, refuseProblems } from '../../src/planning/workspace.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { Connections } from '../../src/activities/connections.ts';
import { hypothesis } from './experiments.ts';
import type { ExperimentSpec } from './experiments.ts';

/** One run, from outside: what its agents say of its injections, and how it ended. */
export interface Drill {
  readonly runId: string;
  /** Waits until agents say so of every injection, and gives them in the plan's order; throws when the run's course makes it impossible. */
  injections(holds: (status: InjectionStatus) => boolean): Promise<readonly InjectionStatus[]>;
  /** Waits for the end of the run and reads its record. Works also when Temporal was down in between. */
  ended(): Promise<RunRecord>;
}

/** Starts runs of one experiment in one environment, as the command line does. */
export interface Drills extends AsyncDisposable {
  readonly connections: Connections;
  start(): Promise<Drill>;
}

/** A run that shows nothing new for this long will not go on. */
const patienceMs = 60_000;

export async function createDrills(directory: string, environmentFile: string, experimentSpec: ExperimentSpec): Promise<Drills> {
  const environment = await loadEnvironment(environmentFile, specFiles);
  const specs = { experiment: experimentSpec, hypothesis };
  const files = Object.entries(specs).map(([name, spec]) => {
    const file = join(directory, `${name}.yaml`);
    writeFileSync(file, stringify(spec));
    return file;
  });
  const registry = faultRegistry(faults);
  const workspace = await loadWorkspace(files, { files: specFiles, faults: registry });
  refuseProblems(workspace.problems);
  const experiment = findSpec(workspace, 'Experiment', experimentSpec.metadata.name);
  const cluster = environment.platform === 'host' ? null : await openCluster(environment.cluster);
  const platform = platformOf(environment, cluster);
  const planFor = (seed: number): Promise<Plan> =>
    createPlan({ experiment, environment, workspace, platform, faults: registry, seed });
  const connector = createConnector(cluster);
  const connections = connector.connect((await planFor(0)).environment);
  const { store, archive } = connections;

  const orchestrate = async <T>(use: (orchestrator: Awaited<ReturnType<typeof connectOrchestrator>>) => Promise<T>) => {
    const orchestrator = await connectOrchestrator(await readTemporalAccess(environment.temporal, createSecrets(process.env)));
    try {
      return await use(orchestrator);
    } finally {
      await orchestrator.close();
    }
  };

  return {
    connections,
    async start() {
      const plan = await planFor(Math.floor(Math.random() * 2 ** 31));
      const runId = createRunId(experimentSpec.metadata.name, Date.now(), Math.random);
      await orchestrate((orchestrator) => orchestrator.startRun(runId, plan));
      const ids = plan.steps.map((step) => injectionIdOf(runId, step));
      return {
        runId,
        async injections(holds) {
          for (const giveUpAt = Date.now() + patienceMs; Date.now() < giveUpAt; await sleep(5)) {
            const read = new Map((await store.readStatuses(ids)).map((status) => [status.id, status]));
            const statuses = ids.flatMap((id) => {
              const status = read.get(id);
              return status === undefined || isCorrupt(status) || !holds(status) ? [] : [status];
            });
            if (statuses.length === ids.length) return statuses;
            const record = await archive.readRecord(runId);
            if (record !== null) {
              const seen = [...read].map(([id, status]) => `${id} ${isCorrupt(status) ? 'unreadable' : status.phase}`);
              throw new Error(`run ${runId} is over: ${record.outcome.reason}. Its injections: ${seen.join(', ')}`);
            }
          }
          throw new Error(`injections ${ids.join(', ')} did not come so far within ${patienceMs / 1000} s`);
        },
        async ended() {
          const output = await orchestrate((orchestrator) => orchestrator.result(environment.name));
          const record = output.runId === runId ? await archive.readRecord(runId) : null;
          if (record === null) throw new Error(`run ${runId} left no record: ${output.problem ?? output.reason}`);
          return record;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      connector.close();
      cluster?.close();
    },
  };
}

/** The revert of a run whose injection was held, as its agent read it back. Unix ms. */
export function revertVerifiedAt(status: InjectionStatus): number {
  if (status.revertVerifiedAt === undefined) throw new Error(`the revert of ${status.id} was never verified`);
  return Date.parse(status.revertVerifiedAt);
}

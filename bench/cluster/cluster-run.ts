import { openPermit } from '../../src/activities/permit-writer.ts';
import type { PermitWriter } from '../../src/activities/permit-writer.ts';
import { allTerminal } from '../../src/activities/injection-watch.ts';
import { recordResources } from '../../src/adapters/kubernetes/record-names.ts';
import { AppError } from '../../src/domain/errors.ts';
import { isTerminal } from '../../src/domain/injection/records.ts';
import type { InjectionSpec, InjectionStatus } from '../../src/domain/injection/records.ts';
import { injectionsWhen } from '../harness/injections-when.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { environmentName } from './installation.ts';

const lifetimeMs = 25 * 60_000;
/** A cluster's store tells of no status, and reads them from what it holds of its watch: a look asks the server nothing. */
const usualLookMs = 5;
const patienceMs = 60_000;

/** What an injection is, beside its run. */
export type Asked = Pick<InjectionSpec, 'fault' | 'agent' | 'params' | 'target'> & { readonly stage?: number };

/** A run as the cluster's agents see one: a permit that is renewed, and injections. */
export interface ClusterRun extends AsyncDisposable {
  readonly runId: string;
  readonly permit: PermitWriter;
  /** Specs of this run, each with an id of its own; nothing is written yet. */
  specs(asked: readonly Asked[]): readonly InjectionSpec[];
  write(specs: readonly InjectionSpec[]): Promise<void>;
  /** Resolves as soon as an agent says so of all of them. Errors: `upstream/unreachable` after 60 s, with what was seen. */
  when(
    what: string,
    specs: readonly InjectionSpec[],
    holds: (status: InjectionStatus) => boolean,
  ): Promise<readonly InjectionStatus[]>;
  /** Commands the revert, and waits until all are verified gone. Errors: `fault/revert-failed`. */
  revert(specs: readonly InjectionSpec[]): Promise<readonly InjectionStatus[]>;
  /** Deletes records, which reverts them, and waits for their end. The run goes on. */
  withdraw(specs: readonly InjectionSpec[]): Promise<void>;
  /** As when the worker dies. */
  stopRenewing(): void;
}

export const isVerified = ({ phase, verifiedAt }: InjectionStatus): boolean => phase === 'active' && verifiedAt !== undefined;

let runs = 0;

export interface ClusterRunOptions {
  readonly leaseSeconds?: number;
  readonly released?: number;
  /** Rarely where agents' own stamps are the figure: a look takes the processor, which they want too. */
  readonly lookEveryMs?: number;
}

/** Released up to `released`. What it still holds is reverted when it is disposed of. */
export async function startClusterRun(
  { api, store, agentsNamespace }: BenchCluster,
  { leaseSeconds = 30, released = 0, lookEveryMs = usualLookMs }: ClusterRunOptions = {},
): Promise<ClusterRun> {
  const runId = `bench-${process.pid}-${(runs += 1)}`;
  const { injections } = recordResources(agentsNamespace);
  const looks = { patienceMs, lookEveryMs };
  const permit = await openPermit(store, runId);
  await permit.release(released);
  // A renewal that fails is what some of the figures are about: the lease then ends, and that is seen.
  const renewal = setInterval(() => void permit.renew().catch(() => {}), Math.min(2000, (leaseSeconds * 1000) / 3));
  const written: InjectionSpec[] = [];
  let ids = 0;

  const when: ClusterRun['when'] = async (what, specs, holds) => {
    const { statuses } = await injectionsWhen({
      store,
      onChange: store.watch,
      what,
      specs,
      ...looks,
      holds: ({ statuses }) => {
        const unlike = statuses.find(({ phase, id }) => phase === 'refused' && specs.some((spec) => spec.id === id));
        if (unlike !== undefined) throw new AppError('upstream/refused', `${unlike.id} was refused: ${unlike.error?.message}`);
        return statuses.length === specs.length && statuses.every(holds);
      },
    });
    return statuses;
  };

  const ended = async (specs: readonly InjectionSpec[]): Promise<readonly InjectionStatus[]> => {
    const how = { store, onChange: store.watch, what: 'the end of every injection', specs, ...looks };
    const { statuses } = await injectionsWhen({ ...how, holds: allTerminal });
    const bad = statuses.find(({ phase }) => phase !== 'reverted' && phase !== 'spent');
    if (bad === undefined) return statuses;
    throw new AppError('fault/revert-failed', `${bad.id} is ${bad.phase}, not reverted: ${bad.error?.message ?? ''}`);
  };

  return {
    runId,
    permit,
    specs: (asked) =>
      asked.map(({ stage = 1, ...rest }) => ({
        ...rest,
        schemaVersion: 1,
        id: `${runId}-${stage}-${(ids += 1)}`,
        runId,
        environment: environmentName,
        stage,
        deadline: new Date(Date.now() + lifetimeMs).toISOString(),
        leaseSeconds,
      })),
    async write(specs) {
      written.push(...specs);
      for (const spec of specs) await store.writeSpec(spec);
    },
    when,
    async revert(specs) {
      await permit.revert();
      return ended(specs);
    },
    async withdraw(specs) {
      await Promise.all(specs.map(({ id }) => api.delete(injections, id)));
      await ended(specs);
    },
    stopRenewing: () => clearInterval(renewal),
    async [Symbol.asyncDispose]() {
      clearInterval(renewal);
      await permit.revert();
      // What one trial leaves, the next would find taken.
      const how = { store, onChange: store.watch, what: 'the end of what a trial left', specs: written, ...looks };
      await injectionsWhen({ ...how, holds: ({ statuses }) => statuses.every(({ phase }) => isTerminal(phase)) });
    },
  };
}

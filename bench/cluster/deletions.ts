import { AppError } from '../../src/domain/errors.ts';
import { until } from '../../lab/kubernetes/step.ts';
import type { BenchCluster } from './bench-cluster.ts';

const patienceMs = 30_000;

/** When pods began to be deleted, as one watch of them hears it. */
export interface Deletions extends AsyncDisposable {
  /** Of the pod with that UID, on our monotonic clock. Errors: `upstream/unreachable`. */
  of(uid: string): Promise<number>;
}

/** The API's own stamp of a deletion has no more than seconds. */
export async function watchDeletions({ api, namespace }: BenchCluster): Promise<Deletions> {
  const pods = { group: '', version: 'v1', resource: 'pods', namespace };
  const over = new AbortController();
  const seen = new Map<string, number>();
  const { resourceVersion } = await api.list(pods, { metadataOnly: true });
  const ended = api
    .watch(pods, {
      resourceVersion,
      forSeconds: 3600,
      quietMs: 3_600_000,
      signal: over.signal,
      onHeard: () => {},
      onEvent: (event) => {
        if (event.type === 'EXPIRED') over.abort();
        if (event.type === 'EXPIRED' || event.type === 'BOOKMARK') return;
        const { uid = '', deletionTimestamp } = event.object.metadata;
        const isDeleted = event.type === 'DELETED' || deletionTimestamp !== undefined;
        if (isDeleted && !seen.has(uid)) seen.set(uid, performance.now());
      },
    })
    .catch(() => {});
  return {
    of: (uid) =>
      until(`the deletion of pod ${uid}`, patienceMs, () => {
        if (over.signal.aborted) throw new AppError('part/died', 'the watch of the pods has ended');
        return seen.get(uid) ?? null;
      }),
    async [Symbol.asyncDispose]() {
      over.abort();
      await ended;
    },
  };
}

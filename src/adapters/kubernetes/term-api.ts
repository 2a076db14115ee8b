import type { KubeApi } from '../../ports/kubernetes.ts';
import type { Term } from './leader-lease.ts';

/**
 * The API as a leader may use it: nothing is asked once its lease is over, also when no timer could tell yet. Errors: those of
 * `KubeApi`, and the reason of `lost`.
 */
export function whileLeading(api: KubeApi, { holds, lost }: Pick<Term, 'holds' | 'lost'>): KubeApi {
  const held = (): KubeApi => {
    if (holds()) return api;
    throw lost.reason;
  };
  return {
    server: api.server,
    get: async (...given) => held().get(...given),
    list: async (...given) => held().list(...given),
    create: async (...given) => held().create(...given),
    patch: async (...given) => held().patch(...given),
    delete: async (...given) => held().delete(...given),
    evict: async (...given) => held().evict(...given),
    request: async (...given) => held().request(...given),
    watch: async (...given) => held().watch(...given),
    close: () => api.close(),
  };
}

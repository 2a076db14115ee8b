import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { amongSiblings, podOf, seeEnd } from './shared/pods.ts';
import type { PodAmongSiblings } from './shared/pods.ts';

const params = z.strictObject({});
type Params = z.infer<typeof params>;

export const podEvict: Fault<Params, PodAmongSiblings> = {
  name: 'pod-evict',
  summary: 'Evicts a pod as a drain would, unless a disruption budget forbids it',
  effect: 'event',
  lifetime: 'process',
  targets: ['pod'],
  agents: ['cluster'],
  needs: [
    { group: '', resource: 'pods', verbs: ['get', 'list'], scope: 'namespace' },
    { group: '', resource: 'pods/eviction', verbs: ['create'], scope: 'namespace' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  /** Nothing to bring back: only whom to look at. */
  prepare: (context, target) => amongSiblings(clusterOf(context), target),

  async inject(context, target, _params, { uid }) {
    context.signal.throwIfAborted();
    const done = await clusterOf(context).evict(podOf(target), { uid });
    if (done === 'evicted') return;
    if (typeof done === 'object') {
      throw new AppError(
        'guard/blocked',
        `pod ${target.service}/${target.name} may not be evicted: ${done.blocked} Wait until more of its siblings are ready, or ask for fewer`,
      );
    }
    throw new AppError(
      'target/none',
      `pod ${target.service}/${target.name} was ${done} before it could be evicted. Plan again to find its replacement`,
    );
  },

  verify: (context, target, _params, undo) => seeEnd(context, target, undo),

  async revert() {},

  async verifyReverted(_context, target) {
    return { present: false, summary: `an eviction of ${target.name} leaves nothing to take back`, data: {} };
  },
};

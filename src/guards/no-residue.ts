import { openInjections } from '../domain/injection/open-injections.ts';
import { cleanupAdvice } from '../domain/plan/agent-advice.ts';
import type { Guard } from './guard.ts';

/** Nothing of an earlier run may still be in effect, or be unreadable. */
export const noResidue: Guard = {
  name: 'no-residue',
  async check({ store, plan }) {
    const [specs, statuses] = await Promise.all([store.readSpecs(), store.readStatuses()]);
    const open = openInjections(specs, statuses).map(({ id }) => id);
    return open.length === 0
      ? { result: 'ok', reason: `${specs.length} earlier injections, all ended` }
      : {
          result: 'blocked',
          reason: `earlier injections have not ended: ${open.join(', ')}. Look with \`firedrill status\`, and ${cleanupAdvice(plan.environment)}`,
        };
  },
};

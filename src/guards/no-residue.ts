import { isTerminal } from '../domain/injection/records.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { Guard } from './guard.ts';

/** Nothing of an earlier run may still be in effect, or be unreadable. */
export const noResidue: Guard = {
  name: 'no-residue',
  async check({ store }) {
    const [specs, statuses] = await Promise.all([store.readSpecs(), store.readStatuses()]);
    const answered = new Set(statuses.map(({ id }) => id));
    const open = [
      ...specs.filter(({ id }) => !answered.has(id)),
      ...statuses.filter((status) => isCorrupt(status) || !isTerminal(status.phase)),
    ].map(({ id }) => id);
    return open.length === 0
      ? { result: 'ok', reason: `${specs.length} earlier injections, all ended` }
      : {
          result: 'blocked',
          reason: `earlier injections have not ended: ${open.join(', ')}. Look with \`firedrill status\`, clean up with \`firedrill sweep\``,
        };
  },
};

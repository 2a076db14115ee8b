import type { Guard } from './guard.ts';

export const haltNotThrown: Guard = {
  name: 'halt-not-thrown',
  async check({ store }) {
    const halt = await store.readHalt();
    return halt === null
      ? { result: 'ok', reason: 'no halt is set' }
      : {
          result: 'blocked',
          reason: `halted by ${halt.by}: ${halt.why}. Lift it with \`firedrill halt --lift\` when it is safe`,
        };
  },
};

import { fileURLToPath } from 'node:url';
import type { Figure } from '../harness/figure.ts';
import { memoryOf, timeOf } from '../harness/run-once.ts';

const entry = fileURLToPath(new URL('../../bin/firedrill.js', import.meta.url));
const bare = ['-e', '1'];
const versionOf = [entry, '--version'];
const validate = [entry, 'validate', fileURLToPath(new URL('../../experiments', import.meta.url))];
const nothingCompiled = { NODE_DISABLE_COMPILE_CACHE: '1' };

/** Each program right after a bare Node of its own, so that both meet the same machine. */
export const startup: Figure<'version' | 'first version' | 'validate' | 'version memory' | 'validate memory'> = {
  name: 'startup',
  summary: 'how long the command line takes, as a multiple of a bare `node -e 1`, and how much memory',
  platform: 'host',
  trials: 20,
  rows: {
    version: { summary: '`firedrill --version`', unit: '×', goal: { median: 6 } },
    'first version': { summary: 'the same, when nothing was compiled before', unit: '×' },
    validate: { summary: '`firedrill validate experiments/`', unit: '×', goal: { median: 15 } },
    'version memory': { summary: 'most memory resident in `firedrill --version`', unit: 'MB', goal: { max: 120 } },
    'validate memory': { summary: 'most memory resident in `firedrill validate experiments/`', unit: 'MB', goal: { max: 120 } },
  },
  async open() {
    // What was compiled is kept from the first start on, as on any machine that uses it.
    await timeOf(versionOf);
    await timeOf(validate);
    return {
      async run() {
        return {
          version: await ratioOf(versionOf),
          'first version': await ratioOf(versionOf, nothingCompiled),
          validate: await ratioOf(validate),
          'version memory': await memoryOf(versionOf),
          'validate memory': await memoryOf(validate),
        };
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};

async function ratioOf(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<number> {
  const least = await timeOf(bare);
  return (await timeOf(args, env)) / least;
}

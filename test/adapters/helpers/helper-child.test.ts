import { describe, expect, test } from '@jest/globals';
import { startHelper } from '../../../src/adapters/helpers/helper-child.ts';
import { helperContract } from '../../contracts/helper.ts';
import { startProgram } from './processes.ts';
import { source } from './source.ts';

helperContract('a pipe', async () => ({
  start: (name, config) => startHelper(name, config),
  parentPid: process.pid,
  async agent() {
    const { pid = 0 } = await startProgram('agent-process');
    return { pid, parentPid: pid };
  },
  async close() {},
}));

describe('a helper that is a child', () => {
  test.each([
    ['no JSON', 'echo hello'],
    ['no object', 'echo 42'],
    ['a line without end', 'head -c 2000000 /dev/zero'],
  ])('is ended when it says %s', async (_what, script) => {
    const through = ['sh', '-c', `${script}; exec "$0" "$@"`];
    await expect(startHelper(source.name, source.config, through)).rejects.toThrow(/said what is no message/);
  });
});

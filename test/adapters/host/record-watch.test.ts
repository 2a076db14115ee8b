import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createRecordWatch } from '../../../src/adapters/host/record-watch.ts';
import { until } from '../../faults/until.ts';

test('tells of changes where it can watch, and leaves the rest to those who poll', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'record-watch-'));
  mkdirSync(join(folder, 'permits'));
  let changes = 0;
  // There is no folder of specs to watch: as when the machine has no watch left to give.
  const unwatch = createRecordWatch(folder)(() => (changes += 1));
  writeFileSync(join(folder, 'permits', 'run-1.revert'), '');
  await until('it tells', () => changes > 0);
  unwatch();
  rmSync(folder, { recursive: true });
  expect(changes).toBeGreaterThan(0);
});

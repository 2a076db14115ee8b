import { expect, test } from '@jest/globals';
import { openInjections } from '../../../src/domain/injection/open-injections.ts';
import type { InjectionStatus, Phase } from '../../../src/domain/injection/records.ts';
import { specOf } from '../../agent/records.ts';

const status = (id: string, phase: Phase, error?: InjectionStatus['error']): InjectionStatus => ({
  schemaVersion: 1,
  id,
  runId: 'run-1',
  phase,
  ...(error === undefined ? {} : { error }),
});
const damaged = (id: string) => ({ corrupt: true, id, problem: `${id} is damaged` }) as const;

test('what is open is told by the records, with what is known of it, and what has ended is not', () => {
  const unseen = specOf({ id: 'unseen' });
  const active = specOf({ id: 'active' });
  const specs = [unseen, active, specOf({ id: 'ended' }), damaged('bad-spec'), damaged('refused')];
  const statuses = [
    status('active', 'active'),
    status('ended', 'reverted'),
    status('refused', 'refused'),
    status('no-spec', 'stuck', { code: 'fault/revert-failed', message: 'no such fault' }),
    damaged('bad-status'),
  ];
  expect(openInjections(specs, statuses)).toEqual([
    { id: 'unseen', phase: 'unseen', spec: unseen, problem: null },
    { id: 'active', phase: 'active', spec: active, problem: null },
    { id: 'bad-spec', phase: 'corrupt', spec: null, problem: 'bad-spec is damaged' },
    { id: 'no-spec', phase: 'stuck', spec: null, problem: 'no such fault' },
    { id: 'bad-status', phase: 'corrupt', spec: null, problem: 'bad-status is damaged' },
  ]);
});

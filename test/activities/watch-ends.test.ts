import { expect, test } from '@jest/globals';
import { breachEnd, leftByItself } from '../../src/activities/watch-ends.ts';
import type { InjectionView } from '../../src/activities/injection-watch.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { initialProbeState, nextProbeState } from '../../src/domain/measure/probe-state.ts';
import { at, probeLike, sampleLike } from '../domain/measure/samples.ts';

const id = 'r1-1-1';
const probe = probeLike();
const unseen = { ...sampleLike(3, 'error'), note: 'connect ECONNREFUSED' };
const blind = nextProbeState(probe, initialProbeState(probe, at(0)), unseen);
const nobody: ReadonlySet<string> = new Set();

function view(changes: Partial<InjectionView>): InjectionView {
  return { statuses: [], missing: [], corrupt: [], ...changes };
}

function status(changes: Partial<InjectionStatus>): InjectionStatus {
  return { schemaVersion: 1, id, runId: 'r1', phase: 'reverting', ...changes };
}

const lapsed = view({ statuses: [status({ cause: 'lease' })] });

test('a lease that lapsed is the lease’s own end', () => {
  expect(leftByItself(lapsed, nobody)).toMatchObject({ abortedBy: { kind: 'lease', name: id } });
});

test('a refusal ends a run that never began, or aborts one whose earlier stage was in effect', () => {
  const refused = status({ phase: 'refused' });
  const active = status({ id: 'r1-2-1', phase: 'active', activeAt: at(0) });
  expect(leftByItself(view({ statuses: [refused] }), nobody)).toMatchObject({ ending: 'not-started' });
  expect(leftByItself(view({ statuses: [active, refused] }), nobody)).toMatchObject({ ending: 'aborted' });
});

test('an injection that its agent has not answered for yet is waited for', () => {
  expect(leftByItself(view({ missing: [id] }), nobody)).toBeNull();
});

test('an answer that is gone, or can no longer be read, ends the run', () => {
  const gone = leftByItself(view({ missing: [id] }), new Set([id]));
  const corrupt = [{ corrupt: true, id, problem: 'status/r1-1-1.json: not JSON' }] as const;
  const damaged = leftByItself(view({ corrupt }), nobody);

  expect(gone).toMatchObject({ ending: 'aborted', reason: expect.stringContaining('gone from the record store') });
  expect(damaged).toMatchObject({ ending: 'aborted', reason: expect.stringContaining('status/r1-1-1.json: not JSON') });
});

test('a damaged record that its agent reverted for is named by what is wrong with it', () => {
  const error = { code: 'record/corrupt', message: 'specs/r1-1-1.json: Unexpected end of JSON input' };
  const end = leftByItself(view({ statuses: [status({ cause: 'corrupt', error })] }), nobody);
  expect(end).toMatchObject({ abortedBy: { kind: 'agent' }, reason: expect.stringContaining(error.message) });
});

test('a probe that stayed blind says what it was told last', () => {
  const end = breachEnd(probe, { ...blind, state: 'BREACH', reason: 'blind' });
  expect(end.reason).toBe(`${probe.name} could not be measured for ${probe.abortAfterSeconds} s: connect ECONNREFUSED`);
});

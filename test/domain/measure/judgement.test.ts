import { describe, expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { exitCodeOf } from '../../../src/domain/measure/exit-code.ts';
import type { InjectionStatus } from '../../../src/domain/injection/records.ts';
import type { HypothesisCheck } from '../../../src/domain/plan/plan.ts';
import type { Outcome } from '../../../src/domain/run-record.ts';
import { at, sampleLike } from './samples.ts';
import { event, everySecond, reverted, spent, story } from './stories.ts';
import type { Changes } from './stories.ts';

function checked(kind: HypothesisCheck['kind'], withinSeconds: number | null, changes: Changes) {
  const check = { name: 'c', kind, probe: 'errors', withinSeconds };
  const hypotheses = [{ name: 'h', statement: 'users do not notice', slo: null, checks: [check] }];
  return buildRunRecord(story({ ...changes, plan: { hypotheses, ...changes.plan } }));
}

describe('a hypothesis is held, broken, or neither', () => {
  const silent = everySecond(null).map((sample) =>
    Date.parse(sample.at) > Date.parse(at(15)) ? { ...sample, class: 'no-data' as const } : sample,
  );
  const fewBad = everySecond(null).map((sample) =>
    [20, 30].some((second) => sample.at === at(second))
      ? sampleLike((Date.parse(sample.at) - Date.parse(at(0))) / 1000, 'bad')
      : sample,
  );
  const comesTrue = everySecond([0, 15]);

  test.each<[string, HypothesisCheck['kind'], number | null, Changes, string]>([
    ['steady state that stays good holds', 'hold', null, { hurt: null }, 'held'],
    ['steady state that goes bad breaks it', 'hold', null, {}, 'broken'],
    ['bad only after the revert began does not break it', 'hold', null, { hurt: [41, 44] }, 'held'],
    ['single bad samples far apart do not break it', 'hold', null, { samples: fewBad }, 'held'],
    ['silence is never success', 'hold', null, { samples: silent }, 'inconclusive'],
    ['no samples at all decide nothing', 'hold', null, { samples: [] }, 'inconclusive'],
    [
      'a fault taken away early proves nothing',
      'hold',
      null,
      { hurt: null, status: { revertStartedAt: at(20) } },
      'inconclusive',
    ],
    ['good again in time holds', 'recoverWithin', 31, {}, 'held'],
    ['good again too late breaks it', 'recoverWithin', 30, {}, 'broken'],
    ['never good again breaks it', 'recoverWithin', 30, { hurt: [12, 100] }, 'broken'],
    ['never good again, but not watched long enough, decides nothing', 'recoverWithin', 100, { hurt: [12, 100] }, 'inconclusive'],
    ['never bad recovers at once', 'recoverWithin', 5, { hurt: null }, 'held'],
    ['never bad, as far as anybody could see, decides nothing', 'recoverWithin', 5, { samples: silent }, 'inconclusive'],
    ['one bad sample breaks an invariant', 'invariant', null, { samples: fewBad }, 'broken'],
    ['an invariant that stays good holds', 'invariant', null, { hurt: null }, 'held'],
    ['an event that happens in time holds', 'eventWithin', 6, { samples: comesTrue }, 'held'],
    ['an event that happens too late breaks it', 'eventWithin', 4, { samples: comesTrue }, 'broken'],
    ['an event that never happens breaks it', 'eventHappens', null, { hurt: [0, 100] }, 'broken'],
    [
      'an event nobody could have seen decides nothing',
      'eventHappens',
      null,
      { samples: silent.filter((sample) => sample.class !== 'good') },
      'inconclusive',
    ],
    ['without a verified fault nothing is decided', 'hold', null, { hurt: null, status: null }, 'inconclusive'],
  ])('%s', (_title, kind, within, changes, expected) => {
    expect(checked(kind, within, changes).outcome.hypothesis).toBe(expected);
  });

  test.each(['hold', 'invariant'] as const)('what broke it is said in its unit, and counted from the fault: %s', (kind) => {
    const [check] = checked(kind, null, {}).hypotheses[0]!.checks;
    expect(check!.note).toMatch(/^[\d.]+ % \d+\.\d s after the fault, must be < [\d.]+ %$/);
  });
});

describe('a run is clean only when every record is terminal and verified', () => {
  const { revertVerifiedAt: _, ...unverified } = reverted;
  const taken = { summary: 'taken over', data: { leftInPlace: ['spec.replicas'] } };
  test.each<[string, InjectionStatus | null, string]>([
    ['reverted and read back', reverted, 'clean'],
    ['reverted but not read back', unverified, 'dirty'],
    ['an event, spent', { ...reverted, ...spent }, 'clean'],
    ['lifted by itself', { ...unverified, phase: 'lifted' }, 'clean'],
    ['taken over as we made it', { ...reverted, phase: 'lifted', revertEvidence: taken }, 'dirty'],
    ['refused, untouched', { schemaVersion: 1, id: 'r1-1-1', runId: 'r1', phase: 'refused' }, 'clean'],
    ['refused after it was active', { ...unverified, phase: 'refused' }, 'dirty'],
    ['stuck', { ...unverified, phase: 'stuck' }, 'dirty'],
    ['still active', { ...unverified, phase: 'active' }, 'dirty'],
    ['never answered for', null, 'dirty'],
  ])('%s', (_title, status, expected) => {
    const input = story();
    const record = buildRunRecord({ ...input, injections: [{ spec: input.injections[0]!.spec, status }] });
    expect(record.outcome.cleanup).toBe(expected);
  });
});

test.each<[string, Partial<Outcome>, number]>([
  ['held, completed, clean', {}, 0],
  ['broken', { hypothesis: 'broken' }, 1],
  ['inconclusive', { hypothesis: 'inconclusive' }, 4],
  ['failed', { ending: 'failed' }, 4],
  ['not started', { ending: 'not-started', hypothesis: 'inconclusive' }, 3],
  ['aborted, though broken', { ending: 'aborted', hypothesis: 'broken' }, 6],
  ['dirty, whatever else', { cleanup: 'dirty', ending: 'aborted' }, 5],
])('the exit code tells: %s', (_title, change, expected) => {
  const outcome: Outcome = {
    hypothesis: 'held',
    ending: 'completed',
    cleanup: 'clean',
    reason: '',
    abortedBy: null,
    mitigatedBy: null,
  };
  expect(exitCodeOf({ outcome: { ...outcome, ...change } })).toBe(expected);
});

test('the speed of the brakes is measured from the breach', () => {
  const timeline = [event(20, 'probe.breach'), event(20.02, 'run.revert-commanded')];
  const { safety } = buildRunRecord(story({ status: { revertVerifiedAt: at(20.6) }, input: { timeline } }));
  expect(safety).toMatchObject({
    breachToRevertCommandMs: 20,
    breachToRevertVerifiedMs: 600,
    blastRadius: { selected: 1, of: 4 },
  });
});

test('what went wrong becomes a finding with a drafted action, worst first', () => {
  const { findings, nextStep } = buildRunRecord(story({ firing: null, restored: null, people: {} }));
  expect(findings.map(({ severity }) => severity)).toEqual(['high', 'high']);
  expect(findings[0]).toMatchObject({ category: 'monitoring', text: 'The expected alert Errors did not fire.' });
  expect(findings.every(({ draftAction }) => draftAction.length > 0)).toBe(true);
  expect(nextStep).toContain('Nothing is proven yet');
});

test('a run whose fault could not be injected is told to mend that, not to last longer', () => {
  const ending = { ending: 'failed', reason: 'no right to patch', abortedBy: null } as const;
  const { nextStep } = buildRunRecord(story({ input: { ending } }));
  expect(nextStep).toBe('Remove what stopped the run (no right to patch), then start it again.');
});

test('a run that held goes on to a larger stage', () => {
  const check = { name: 'c', kind: 'hold', probe: 'errors', withinSeconds: null } as const;
  const hypotheses = [{ name: 'h', statement: 's', slo: null, checks: [check] }];
  const record = buildRunRecord(story({ hurt: null, plan: { hypotheses, expectedAlerts: [] }, firing: null }));
  expect(record.nextStep).toBe('It held. Next, the larger stage: 2 of 4 targets instead of 1.');
});

test('a run that held on all but one target is not told to break the last one too', () => {
  const check = { name: 'c', kind: 'hold', probe: 'errors', withinSeconds: null } as const;
  const hypotheses = [{ name: 'h', statement: 's', slo: null, checks: [check] }];
  const selection = { selected: 1, of: 2, percent: 50, rule: '1 of 2 payments' };
  const steps = story().plan.steps.map((step) => ({ ...step, selection }));
  const record = buildRunRecord(story({ hurt: null, plan: { hypotheses, steps, expectedAlerts: [] }, firing: null }));
  expect(record.nextStep).toMatch(/^It held\. Next, a harder one: hold for /);
});

test('the record is plain JSON', () => {
  const record = buildRunRecord(story());
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
});

test('what breaks a hypothesis is drafted as something to find out and mend', () => {
  const { findings } = checked('hold', null, {});
  expect(findings[0]!.draftAction).toBe(
    'Find out why c did not stay good under process-pause on payments, mend it, then run pause again.',
  );
});

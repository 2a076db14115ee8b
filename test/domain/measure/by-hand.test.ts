import { expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { at, probeLike } from './samples.ts';
import { everySecond, story } from './stories.ts';
import type { Changes } from './stories.ts';

const word = (by: string) => ({ summary: `${by} confirms it`, data: { confirmedBy: by, confirmedAt: at(1) } });
/** Asked at second 5, confirmed at 10; asked back at 40, confirmed at 52. */
const byHand: Changes['status'] = {
  lastAbsentAt: at(5),
  activeAt: at(5),
  verifiedAt: at(10),
  evidence: word('ann'),
  revertStartedAt: at(40),
  revertVerifiedAt: at(52),
  revertEvidence: word('bob'),
};
const ofPeople = (changes: Changes = {}) => buildRunRecord(story({ status: byHand, ...changes }));

test('T0 and the revert say whose word they are, within what nobody looked at', () => {
  const { t0, reverted } = ofPeople().clocks;
  expect(t0).toEqual({ at: at(10), lo: at(5), hi: at(10), source: 'person ann' });
  expect(reverted).toEqual({ at: at(52), lo: at(40), hi: at(52), source: 'person bob' });
});

test('what an agent has read back goes on to be its own', () => {
  const { clocks } = buildRunRecord(story());
  expect([clocks.t0?.source, clocks.reverted?.source]).toEqual(["agent's read-back", "agent's read-back"]);
});

test('where a person and an agent may each have been first, both are named', () => {
  const input = story({ status: byHand });
  const [own] = input.injections;
  const ofAgent = {
    ...own!,
    spec: { ...own!.spec, id: 'r1-2-1' },
    status: { ...own!.status!, lastAbsentAt: at(7), verifiedAt: at(8), evidence: { summary: 'seen', data: {} } },
  };
  const { t0 } = buildRunRecord({ ...input, injections: [own!, ofAgent] }).clocks;
  expect(t0).toEqual({ at: at(8), lo: at(5), hi: at(8), source: "person ann and agent's read-back" });
});

test('a number that begins with the word of a person says so, with bounds as wide as the person was slow', () => {
  const { ttd } = ofPeople().metrics;
  expect(ttd).toMatchObject({ status: 'measured', seconds: 7 });
  expect(ttd.hi! - ttd.lo!).toBeGreaterThanOrEqual(5);
  expect(ttd.note).toContain('is the word of person ann');
  expect(buildRunRecord(story()).metrics.ttd.note).not.toContain('word of');
});

test('what was not ours to keep is said', () => {
  expect(ofPeople().dataQuality.notes).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/is the word of ann, 5\.0 s after it was asked for: T0 is somewhere between/),
      expect.stringMatching(/is the word of bob, 12\.0 s after it was asked for: this bound was not Firedrill's to keep/),
    ]),
  );
});

test('what was bad before the word and after the question proves nothing, and is not "held"', () => {
  const check = { name: 'c', kind: 'hold', probe: 'errors', withinSeconds: null } as const;
  const plan = { probes: [probeLike()], hypotheses: [{ name: 'h', statement: 's', slo: null, checks: [check] }] };
  const resultOf = (hurt: readonly [number, number] | null) =>
    ofPeople({ plan, hurt, samples: everySecond(hurt) }).outcome.hypothesis;
  expect(resultOf(null)).toBe('held');
  expect(resultOf([6, 9])).toBe('inconclusive');
  expect(resultOf([12, 20])).toBe('broken');
});

test('a skew between people is none of ours', () => {
  const input = story({ status: byHand });
  const [own] = input.injections;
  const second = { ...own!, spec: { ...own!.spec, id: 'r1-1-2' }, status: { ...own!.status!, verifiedAt: at(30) } };
  expect(buildRunRecord({ ...input, injections: [own!, second] }).safety.injectionSkewMs).toBeNull();
});

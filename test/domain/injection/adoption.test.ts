import { describe, expect, test } from '@jest/globals';
import { adoptionOf } from '../../../src/domain/injection/adoption.ts';
import type { FoundRecords } from '../../../src/domain/injection/adoption.ts';
import type { InjectionStatus, Phase } from '../../../src/domain/injection/records.ts';
import { specOf } from '../../agent/records.ts';

const spec = specOf();
const undo = { was: 1 };
const journal = { spec, undo };
const damaged = { corrupt: true, problem: 'damaged' } as const;
const status = (phase: Phase, changes: Partial<InjectionStatus> = {}): InjectionStatus => ({
  schemaVersion: 1,
  id: spec.id,
  runId: spec.runId,
  phase,
  ...changes,
});
const adopted = (found: Partial<FoundRecords>, halted = false) =>
  adoptionOf(spec.id, { spec, status: null, journal: null, ...found }, halted);

describe('what an agent finds', () => {
  test('is begun only when nobody has answered for it, and no halt is set', () => {
    expect(adopted({})).toEqual({ kind: 'begin', spec });
    expect(adopted({}, true)).toMatchObject({ kind: 'refuse', error: { code: 'guard/blocked' } });
  });

  test.each(['reverted', 'spent', 'lifted', 'refused'] as const)('has ended when it is %s, whatever else is there', (phase) => {
    expect(adopted({ status: status(phase), journal })).toEqual({ kind: 'ended' });
    expect(adopted({ status: status(phase), spec: damaged, journal: damaged })).toEqual({ kind: 'ended' });
  });

  test('is only reverted once it is in the journal', () => {
    expect(adopted({ journal })).toMatchObject({ kind: 'revert', left: { undo, cause: 'restart', status: null } });
    expect(adopted({ journal, status: status('active') })).toMatchObject({ kind: 'revert', left: { cause: 'restart' } });
    expect(adopted({ journal }, true).kind).toBe('revert');
  });

  test('is reverted from the journal alone when its other records are damaged or gone', () => {
    for (const found of [{ spec: null }, { spec: damaged }, { status: damaged }]) {
      expect(adopted({ journal, ...found })).toMatchObject({ kind: 'revert', left: { spec, undo, cause: 'corrupt' } });
    }
  });

  test('is reverted from its status when the journal is damaged or gone', () => {
    const active = status('active', { undo });
    for (const found of [{ journal: damaged }, { journal: null }]) {
      expect(adopted({ status: active, ...found })).toMatchObject({ kind: 'revert', left: { spec, undo, cause: 'corrupt' } });
    }
  });

  test('is unknown when it was begun, and what is left of its records does not say how to undo it', () => {
    const active = status('active', { undo });
    for (const found of [{ spec: null }, { spec: damaged }]) {
      // With its undo, so that the next life comes to the same end.
      expect(adopted({ status: active, ...found })).toEqual({ kind: 'unknown', status: active });
    }
    expect(adopted({ journal: damaged })).toEqual({ kind: 'unknown', status: null });
    expect(adopted({ journal: damaged, status: active, spec: damaged })).toEqual({ kind: 'unknown', status: active });
  });

  test('was never touched, and is refused, when an agent answered and began nothing', () => {
    expect(adopted({ status: status('arming') })).toMatchObject({ kind: 'refuse', error: { code: 'part/died' } });
    expect(adopted({ status: damaged })).toMatchObject({ kind: 'refuse', error: { code: 'part/died' } });
  });

  test('is refused when its spec cannot be read, or is gone', () => {
    expect(adopted({ spec: damaged })).toMatchObject({ kind: 'refuse', error: { code: 'record/corrupt', message: 'damaged' } });
    expect(adopted({ spec: null })).toMatchObject({ kind: 'refuse', error: { code: 'record/corrupt' } });
  });
});

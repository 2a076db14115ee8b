import { describe, expect, test } from '@jest/globals';
import { isFrozen } from '../../../src/domain/measure/freeze.ts';
import { initialProbeState, nextProbeState } from '../../../src/domain/measure/probe-state.ts';
import type { ProbeState } from '../../../src/domain/measure/probe-state.ts';
import type { SampleClass } from '../../../src/domain/measure/sample.ts';
import { at, probeLike, sampleLike } from './samples.ts';

const probe = probeLike({ holdAfterSeconds: 3, abortAfterSeconds: 60, intervalSeconds: 1 });

/** Frozen or not after each of these samples, one per second. */
function frozenAfter(classes: readonly SampleClass[], others: readonly ProbeState[] = []): boolean[] {
  let state = initialProbeState(probe, at(0));
  let frozen = false;
  return classes.map((sampleClass, second) => {
    state = nextProbeState(probe, state, sampleLike(second, sampleClass));
    frozen = isFrozen(frozen, [state, ...others]);
    return frozen;
  });
}

describe('a run', () => {
  test('is not frozen by a short blindness', () => {
    expect(frozenAfter(['good', 'good', 'error', 'no-data', 'good'])).not.toContain(true);
  });

  test('is frozen from HOLD on, and until the probe has seen again', () => {
    const classes: SampleClass[] = ['good', 'good', 'error', 'error', 'error', 'error', 'error', 'good', 'good'];
    expect(frozenAfter(classes)).toEqual([false, false, false, false, false, true, true, true, false]);
  });

  test('stays frozen while any abort probe is blind, and is not frozen by one that is bad', () => {
    const blind = initialProbeState(probe, at(0));
    expect(isFrozen(true, [{ ...blind, state: 'OK', unknownSince: null }, blind])).toBe(true);
    expect(isFrozen(false, [blind])).toBe(false);
    expect(isFrozen(true, [{ ...blind, state: 'SUSPECT', unknownSince: null }])).toBe(false);
  });
});

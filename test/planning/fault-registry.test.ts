import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { faults } from '../../src/faults/index.ts';
import { faultRegistry } from '../../src/planning/fault-registry.ts';

const registry = faultRegistry(faults);

describe('what plans know of a fault', () => {
  test.each<[string, JsonObject, boolean]>([
    ['scale', { replicas: 1 }, true],
    ['consumer-pause', {}, true],
    ['bad-rollout', { image: 'web:none' }, true],
    ['node-drain', {}, true],
    ['zone-evict', { zone: 'a' }, true],
    ['node-taint', { key: 'drill', effect: 'NoExecute' }, true],
    ['node-taint', { key: 'drill', effect: 'NoSchedule' }, false],
    ['node-cordon', {}, false],
    ['pod-kill', {}, true],
    ['container-kill', {}, true],
    ['cpu-stress', { load: '50%' }, false],
    ['config-drift', { key: 'URL', change: 'remove' }, false],
  ])('%s with %j: that pods end by it is %s', (name, params, ends) => {
    expect(registry.parse(name, params)).toMatchObject({ ok: true });
    expect(registry.disrupts(name, params)).toBe(ends);
  });

  test('every fault that may delete or evict pods says that pods end by it', () => {
    const may = faults.filter(({ needs = [] }) =>
      needs.some(
        ({ resource, verbs }) =>
          (resource === 'pods' && verbs.includes('delete')) || (resource === 'pods/eviction' && verbs.includes('create')),
      ),
    );
    const silent = may.filter((fault) => fault.effect === 'held' && fault.disruptsWhileHeld === undefined);
    expect(may.map(({ name }) => name)).toEqual(expect.arrayContaining(['node-drain', 'pod-evict', 'pod-kill', 'zone-evict']));
    expect(silent).toEqual([]);
  });

  test('with parameters that are wrong, nothing is said of a fault', () => {
    expect(registry.disrupts('scale', { replicas: 'many' })).toBe(false);
    expect(registry.disrupts('meteor', {})).toBe(false);
  });
});

import { describe, expect, test } from '@jest/globals';
import { callTimeoutMs } from '../../src/agent/fault-call.ts';
import { hook } from '../../src/faults/hook.ts';
import type { AgentPolicy, Fault } from '../../src/faults/fault.ts';
import { openPolicy } from './dependencies.ts';
import { createTemporaryFault } from './temporary-fault.ts';

const plain: Fault = createTemporaryFault('/nowhere', () => true).fault;
const policy = (maxDurationSeconds: number): AgentPolicy => ({ ...openPolicy, maxDurationSeconds });
const given = { timeoutMs: 30_000 };
const leftMs = 600_000;

describe('the time an agent gives a call', () => {
  test('is its own patience when the fault asks for nothing', () => {
    expect(callTimeoutMs('inject', { fault: plain, given: {}, policy: policy(600), leftMs })).toBe(5_000);
    expect(callTimeoutMs('revert', { fault: plain, given: {}, policy: policy(600), leftMs })).toBe(10_000);
  });

  test.each(['inject', 'verify', 'revert', 'verify-reverted'] as const)('lets a slow hook finish its %s', (operation) => {
    expect(callTimeoutMs(operation, { fault: hook, given, policy: policy(600), leftMs })).toBeGreaterThan(30_000);
  });

  test('is never more than the policy allows a fault to last', () => {
    expect(callTimeoutMs('inject', { fault: hook, given, policy: policy(12), leftMs })).toBe(12_000);
    expect(callTimeoutMs('revert', { fault: hook, given, policy: policy(12), leftMs })).toBe(12_000);
  });

  test('ends with the deadline, except for a revert', () => {
    expect(callTimeoutMs('inject', { fault: hook, given, policy: policy(600), leftMs: 700 })).toBe(700);
    expect(callTimeoutMs('revert', { fault: hook, given, policy: policy(600), leftMs: 700 })).toBe(31_000);
  });
});

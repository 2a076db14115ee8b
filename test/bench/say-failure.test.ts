import { expect, test } from '@jest/globals';
import { sayFailure } from '../../bench/harness/say-failure.ts';

test('a failure of a trial is told together with that of its clean-up', () => {
  // As `await using` makes it: what came first is suppressed.
  const parts = { suppressed: new Error('the fault did not come'), error: new Error('the pod stays') };
  const both = Object.assign(new Error('An error was suppressed during disposal'), parts);
  expect(sayFailure(both)).toBe('the fault did not come; and then, cleaning up: the pod stays');
  expect(sayFailure(new Error('alone'))).toBe('alone');
});

import { expect, test } from '@jest/globals';
import { createPermitLooks } from '../../../src/adapters/records/permit-looks.ts';
import type { Permit } from '../../../src/domain/injection/records.ts';
import { permitOf } from '../../agent/records.ts';

const run = permitOf().runId;
const released = (changes: Partial<Permit> = {}): Permit => permitOf({ renewal: 2, releasedStage: 1, ...changes });

/** A look that began at 10 showed renewal 1; the one that begins at 20 is on its way when something is told at 25. */
function begun() {
  const looks = createPermitLooks();
  looks.note(run, permitOf(), 10);
  return looks;
}

test('what is told counts from the look before it, and again from nothing', () => {
  const looks = begun();
  expect(looks.hear(run, released(), 25)).toEqual({ permit: released(), since: 10 });
  expect(looks.hear(run, released(), 26)).toBeNull();
  expect(looks.note(run, released(), 30)).toEqual({ permit: released(), since: 10 });
  expect(looks.note(run, released({ renewal: 3 }), 40)).toEqual({ permit: released({ renewal: 3 }), since: 30 });
});

test('one that shows nothing new is the look before it, and its moment counts for the next renewal', () => {
  const looks = begun();
  const first = looks.last(run)?.look;
  expect(looks.note(run, permitOf(), 20)).toBe(first);
  expect(looks.note(run, permitOf({ renewal: 2 }), 30)).toEqual({ permit: permitOf({ renewal: 2 }), since: 20 });
  // The same renewal, and another word.
  expect(looks.note(run, permitOf({ renewal: 2, freeze: true }), 40)).toEqual({
    permit: permitOf({ renewal: 2, freeze: true }),
    since: 20,
  });
});

test('a freeze that is told is not unsaid by an answer that was on its way', () => {
  const looks = begun();
  looks.hear(run, released({ freeze: true }), 25);
  expect(looks.note(run, released(), 20)).toMatchObject({ permit: { freeze: true } });
  // Asked after it, the same answer says that it was lifted.
  expect(looks.note(run, released(), 27)).toMatchObject({ permit: { freeze: false } });
});

test('an answer that was on its way counts where it is a revert or a later renewal, and its moment always', () => {
  const looks = begun();
  looks.hear(run, released(), 25);
  expect(looks.note(run, permitOf(), 20)).toEqual({ permit: released(), since: 10 });
  expect(looks.note(run, released({ renewal: 3 }), 22)).toEqual({ permit: released({ renewal: 3 }), since: 20 });
  looks.hear(run, released({ renewal: 4 }), 25);
  expect(looks.note(run, released({ renewal: 3, revert: true }), 24)).toMatchObject({ permit: { revert: true } });
});

test('nothing is told of a run that nobody has asked about, nor of what cannot be read', () => {
  const looks = begun();
  expect(looks.hear('run-2', released(), 25)).toBeNull();
  expect(looks.hear(run, { corrupt: true, id: run, problem: 'damaged' }, 25)).toBeNull();
});

import { afterEach, expect, test } from '@jest/globals';
import { followUntilLeft } from '../../src/cli/interrupts.ts';

// Only ours are to hear the interrupts, and none is to stay.
process.removeAllListeners('SIGINT');
afterEach(() => expect(process.listenerCount('SIGINT')).toBe(0));

const interrupt = () => process.emit('SIGINT');
const reverting = 'The worker reverts; should it be dead, the agents do';

test('a run that nobody interrupts is followed to its end', async () => {
  const said: string[] = [];
  const abort = () => Promise.reject(new Error('nobody asked'));
  expect(await followUntilLeft(async () => 'ended', { abort, say: (text) => said.push(text), reverting })).toBe('ended');
  expect(said).toEqual([]);
});

test('the first Ctrl-C aborts, and the run is followed on to its verified revert', async () => {
  const said: string[] = [];
  const end = Promise.withResolvers<string>();
  const follow = () => {
    setImmediate(interrupt);
    return end.promise;
  };
  const abort = async () => end.resolve('reverted');
  expect(await followUntilLeft(follow, { abort, say: (text) => said.push(text), reverting })).toBe('reverted');
  expect(said).toEqual(['aborting; waiting for the verified revert. Ctrl-C again leaves at once']);
});

/** Interrupts twice a run that does not end by itself; what was said last, and whether it is still followed. */
async function interruptedTwice(abort: () => Promise<void>): Promise<{ said: string | undefined; follows: boolean }> {
  const said: string[] = [];
  let following: AbortSignal | undefined;
  const follow = (signal: AbortSignal) => {
    following = signal;
    setImmediate(interrupt);
    setImmediate(interrupt);
    return new Promise<string>(() => {});
  };
  expect(await followUntilLeft(follow, { abort, say: (text) => said.push(text), reverting })).toBeNull();
  return { said: said.at(-1), follows: following?.aborted === false };
}

test('the second Ctrl-C leaves, stops following, and says who reverts', async () => {
  expect(await interruptedTwice(async () => {})).toEqual({ said: `left. ${reverting}`, follows: false });
});

test('the second Ctrl-C waits for the answer to an abort that is on its way', async () => {
  const heard = new Promise<void>((resolve) => setTimeout(resolve, 50));
  expect((await interruptedTwice(() => heard)).said).toBe(`left. ${reverting}`);
});

test('who leaves before the abort was heard is told that the run goes on', async () => {
  const said = 'left, and nobody heard the abort: the run goes on. `firedrill halt` ends it';
  expect(await interruptedTwice(() => new Promise(() => {}))).toEqual({ said, follows: false });
  expect(await interruptedTwice(() => Promise.reject(new Error('Temporal is away')))).toEqual({ said, follows: false });
});

test('an abort that could not be sent is told, with what ends the run all the same', async () => {
  const said: string[] = [];
  const end = Promise.withResolvers<string>();
  const follow = () => {
    setImmediate(interrupt);
    return end.promise;
  };
  const say = (text: string) => {
    said.push(text);
    if (text.startsWith('the abort could not be sent')) end.resolve('ended by its lease');
  };
  const abort = () => Promise.reject(new Error('Temporal is away'));
  expect(await followUntilLeft(follow, { abort, say, reverting })).toBe('ended by its lease');
  expect(said[1]).toBe('the abort could not be sent: Temporal is away. `firedrill halt` needs no Temporal');
});

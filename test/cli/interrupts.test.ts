import { afterEach, expect, test } from '@jest/globals';
import { followUntilLeft } from '../../src/cli/interrupts.ts';

// Only ours are to hear the interrupts, and none is to stay.
process.removeAllListeners('SIGINT');
afterEach(() => expect(process.listenerCount('SIGINT')).toBe(0));

const interrupt = () => process.emit('SIGINT');
const otherwise = 'The agents revert when the lease ends';

test('a run that nobody interrupts is followed to its end', async () => {
  const said: string[] = [];
  const abort = () => Promise.reject(new Error('nobody asked'));
  expect(await followUntilLeft(async () => 'ended', { abort, say: (text) => said.push(text), otherwise })).toBe('ended');
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
  expect(await followUntilLeft(follow, { abort, say: (text) => said.push(text), otherwise })).toBe('reverted');
  expect(said).toEqual(['aborting; waiting for the verified revert. Ctrl-C again leaves at once']);
});

test('the second Ctrl-C leaves at once, stops following, and says who reverts', async () => {
  const said: string[] = [];
  let followed: AbortSignal | undefined;
  const follow = (signal: AbortSignal) => {
    followed = signal;
    setImmediate(interrupt);
    setImmediate(interrupt);
    return new Promise<string>(() => {});
  };
  const abort = () => new Promise<void>(() => {});
  expect(await followUntilLeft(follow, { abort, say: (text) => said.push(text), otherwise })).toBeNull();
  expect(said.at(-1)).toBe(`left. ${otherwise}`);
  expect(followed?.aborted).toBe(true);
});

test('an abort that nobody heard is told, with who reverts all the same', async () => {
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
  expect(await followUntilLeft(follow, { abort, say, otherwise })).toBe('ended by its lease');
  expect(said[1]).toBe(`the abort could not be sent: Temporal is away. ${otherwise}`);
});

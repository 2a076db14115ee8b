import { describe, expect, test } from '@jest/globals';
import { untilAskedOrLost } from '../../src/compose/until-asked.ts';

describe('the agent of whoever leads', () => {
  const led = (stops: boolean) => {
    const did: string[] = [];
    const [lost, asked] = [new AbortController(), new AbortController()];
    const agent = {
      start: async () => void did.push('start'),
      stop: async () => (did.push('stop'), stops),
      abandon: () => void did.push('abandon'),
    };
    const resign = async (): Promise<void> => void did.push('resign');
    const ended = untilAskedOrLost(agent, { lost: lost.signal, resign }, asked.signal, () => did.push('ready'));
    return { did, lost, asked, ended };
  };

  test.each([true, false])('reverts when it is asked to end, and hands over after that (%s)', async (stops) => {
    const { did, asked, ended } = led(stops);
    asked.abort();
    expect(await ended).toBe(stops);
    expect(did.at(-1)).toBe('resign');
    expect(did).toContain('stop');
  });

  test('touches nothing when it leads no longer, and does not hand over before its lease is over', async () => {
    const { did, lost, ended } = led(true);
    lost.abort();
    expect(await ended).toBeNull();
    expect(did).toContain('abandon');
    expect(did).not.toContain('resign');
    expect(did).not.toContain('stop');
  });
});

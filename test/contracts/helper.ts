import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAlive, readProcess } from '../../src/adapters/host/processes.ts';
import type { HelperProcess, HostTools, ProcessRef } from '../../src/faults/fault.ts';
import { source } from '../adapters/helpers/source.ts';
import { until } from '../faults/until.ts';

/** A way to helpers under test. */
export interface HelpersSubject {
  readonly start: HostTools['startHelper'];
  /** Whose children they are. */
  readonly parentPid: number;
  /** A process that starts one by this way and then only lives; `parentPid`: whose child that helper is. */
  agent(): Promise<{ readonly pid: number; readonly parentPid: number }>;
  close(): Promise<void>;
}

/** Its helper of that name, once it is there; every one of it. */
export async function helpersBelow(parentPid: number, name: string = source.name): Promise<readonly ProcessRef[]> {
  const text = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const children = text(`/proc/${parentPid}/task/${parentPid}/children`).trim().split(' ').map(Number);
  return children
    .filter((pid) => text(`/proc/${pid}/cmdline`).includes(`/agent/${name}/main`))
    .flatMap((pid) => readProcess(pid) ?? []);
}

/** What agents count on, whatever lies between them and their helpers. */
export function helperContract(way: string, open: () => Promise<HelpersSubject>): void {
  describe(`helpers by ${way}`, () => {
    let subject: HelpersSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    const begin = async (): Promise<{ readonly helper: HelperProcess; readonly found: ProcessRef }> => {
      const before = (await helpersBelow(subject.parentPid)).map(({ pid }) => pid);
      const helper = await subject.start(source.name, source.config);
      const found = (await helpersBelow(subject.parentPid)).find(({ pid }) => !before.includes(pid));
      if (found === undefined) throw new Error('the helper is no process');
      return { helper, found };
    };

    test('it answers what it is asked, each answer to its question, and says what is wrong with one', async () => {
      const { helper } = await begin();
      const aims = [1, 2, 3].map((perSecond) => helper.ask({ op: 'aim', perSecond, addresses: [] }));
      expect((await Promise.all(aims)).map(({ aim }) => aim)).toEqual([1, 2, 3]);
      await expect(helper.ask({ op: 'nothing' })).rejects.toThrow(/helper traffic-source: /);
      await helper.stop();
    });

    test('it says why it cannot start, and is gone then', async () => {
      const config = { connection: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'x', reserve: 0 };
      await expect(subject.start('pool-holder', config)).rejects.toMatchObject({ code: 'part/missing' });
      await expect(subject.start('no-such-helper', {})).rejects.toMatchObject({ code: 'part/died' });
      await until('none is left', async () => (await helpersBelow(subject.parentPid, 'pool-holder')).length === 0);
    });

    test('it is gone when it was let go of, however often', async () => {
      const { helper, found } = await begin();
      await helper.stop();
      expect(isAlive(found)).toBe(false);
      await helper.stop();
      await expect(helper.ask({ op: 'count' })).rejects.toMatchObject({ code: 'part/died' });
    });

    test('it is killed when it stands still, so that it is gone too', async () => {
      const { helper, found } = await begin();
      process.kill(found.pid, 'SIGSTOP');
      await helper.stop();
      expect(isAlive(found)).toBe(false);
    });

    test('its agent hears that it was killed, while it asks and later', async () => {
      const { helper, found } = await begin();
      process.kill(found.pid, 'SIGSTOP');
      const asked = helper.ask({ op: 'count' }, 60_000);
      process.kill(found.pid, 'SIGKILL');
      await expect(asked).rejects.toMatchObject({ code: 'part/died' });
      await expect(helper.ask({ op: 'count' })).rejects.toMatchObject({ code: 'part/died' });
      await helper.stop();
    });

    test('it ends when its agent is killed', async () => {
      const agent = await subject.agent();
      const found = await helpersBelow(agent.parentPid);
      expect(found).toHaveLength(1);
      process.kill(agent.pid, 'SIGKILL');
      await until('its helper is gone', () => !isAlive(found[0]!), 3000);
    });
  });
}

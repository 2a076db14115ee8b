import { expect, test } from '@jest/globals';
import type { CommandResult } from '../../src/faults/fault.ts';
import { readPacketKernel } from '../../src/faults/shared/kernel.ts';
import { createContext, type TestContext } from './context.ts';

/** A node whose kernel refuses what has `lacks` in it, and all that it was asked. */
function kernelWithout(lacks: string): { readonly context: TestContext; readonly asked: string[] } {
  const asked: string[] = [];
  const run = async (argv: readonly string[], options?: { readonly input?: Promise<string> }): Promise<CommandResult> => {
    const all = `${argv.join(' ')} ${(await options?.input) ?? ''}`;
    asked.push(all);
    const refused = all.includes(lacks);
    return { code: refused ? 2 : 0, stdout: '', stderr: refused ? `Error: ${lacks} is unknown.\nmore` : '', timedOut: false };
  };
  const context = createContext('kernel-1-1');
  return { context: { ...context, host: { ...context.host, run } }, asked };
}

test.each(['ifb', 'ingress_block', 'mirred', 'goto'])(
  'a kernel without %s does netem for what a pod sends, and says why not for what comes in',
  async (lacks) => {
    const kernel = await readPacketKernel(kernelWithout(lacks).context);
    expect(kernel).toMatchObject({ netem: null, nft: null });
    expect(await kernel.ingress()).toBe(`Error: ${lacks} is unknown.`);
  },
);

test('a kernel is asked for what comes in only where it is needed, and once', async () => {
  const { context, asked } = kernelWithout('nothing');
  const kernel = await readPacketKernel(context);
  const before = asked.length;
  expect(asked.join('\n')).not.toMatch(/ifb|ingress/);
  expect(await Promise.all([kernel.ingress(), kernel.ingress()])).toEqual([null, null]);
  expect(asked).toHaveLength(before + 2);
  // Each in a network that ends with the question.
  expect(asked.slice(before).every((command) => command.startsWith('unshare --net '))).toBe(true);
});

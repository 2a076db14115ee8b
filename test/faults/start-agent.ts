import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order } from './agent-process.ts';

const program = fileURLToPath(new URL('./agent-process.ts', import.meta.url));

/** A process that has injected and now only lives, to be killed as an agent would be. */
export async function startAgent(order: Order): Promise<ChildProcess> {
  const agent = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Said though it is the default: jest's own holds what tests have set, such as where nft is.
    env: process.env,
  });
  const injected = once(agent.stdout, 'data').then(() => true);
  const ended = once(agent, 'exit').then(() => false);
  if (await Promise.race([injected, ended])) return agent;
  throw new Error(`the agent ended before it had injected ${order.fault}`);
}

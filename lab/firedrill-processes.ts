import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findNft } from './host/nft.ts';
import type { Stack } from './host/stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const firedrill = join(root, 'bin/firedrill.js');

/** Agent and worker of the stack's environment, once they, and the alerts, are ready. They are added to `parts` as they start. */
export async function startFiredrill(stack: Stack, parts: ChildProcess[]): Promise<void> {
  const nft = await findNft(() => {});
  parts.push(
    background(stack, 'agent', ['agent', '--policy', stack.policyFile], nft === null ? {} : { FIREDRILL_NFT_BIN: nft }),
    background(stack, 'worker', ['worker']),
  );
  const deadline = Date.now() + 60_000;
  while ((await firedrillCommand(stack, ['doctor'], 'ignore')) !== 0) {
    const dead = parts.find((part) => part.exitCode !== null);
    if (dead !== undefined) throw new Error(`a part of firedrill ended with code ${dead.exitCode}; its log is under .lab/logs`);
    if (Date.now() > deadline)
      throw new Error('agent, worker and alerts are ready: not after 60 s; the logs are under .lab/logs');
  }
}

/** Runs one command line as a person would, and gives its exit code. */
export async function firedrillCommand(stack: Stack, args: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  const child = spawn(process.execPath, commandLine(stack, args), { cwd: root, stdio });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 70;
}

/** What a command answers with --json. */
export async function firedrillAnswer(stack: Stack, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, commandLine(stack, [...args, '--json']), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(await text(child.stdout));
}

export async function endProcess(part: ChildProcess): Promise<void> {
  if (part.exitCode !== null || part.signalCode !== null) return;
  part.kill('SIGTERM');
  await once(part, 'exit');
}

function background(stack: Stack, name: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const log = openSync(join(stack.directory, 'logs', `firedrill-${name}.log`), 'a');
  return spawn(process.execPath, commandLine(stack, args), {
    cwd: root,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  });
}

function commandLine(stack: Stack, args: readonly string[]): string[] {
  return [firedrill, ...args, '--environment', stack.environmentFile];
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findNft } from './host/nft.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const firedrill = join(root, 'bin/firedrill.js');

/** Where firedrill is used. Paths are absolute. */
export interface Site {
  readonly environmentFile: string;
  /** Logs go to its folder `logs`. */
  readonly directory: string;
}

/** Agent and worker of a host's environment, once they, and the alerts, are ready. They are added to `parts` as they start. */
export async function startFiredrill(site: Site & { readonly policyFile: string }, parts: ChildProcess[]): Promise<void> {
  const nft = await findNft(() => {});
  const env: Record<string, string> = nft === null ? {} : { FIREDRILL_NFT_BIN: nft };
  parts.push(background(site, 'agent', ['agent', '--policy', site.policyFile], env));
  await startWorker(site, parts);
}

/** A worker, once everything that a run needs is ready. It is added to `parts`. */
export async function startWorker(site: Site, parts: ChildProcess[]): Promise<void> {
  parts.push(background(site, 'worker', ['worker']));
  const logs = join(site.directory, 'logs');
  const deadline = Date.now() + 60_000;
  while ((await firedrillCommand(site, ['doctor'], 'ignore')) !== 0) {
    const dead = parts.find((part) => part.exitCode !== null);
    if (dead !== undefined) throw new Error(`a part of firedrill ended with code ${dead.exitCode}; its log is under ${logs}`);
    if (Date.now() > deadline) {
      await firedrillCommand(site, ['doctor'], 'inherit');
      throw new Error(`agent, worker and alerts are ready: not after 60 s; the logs are under ${logs}`);
    }
  }
}

/** Runs one command line as a person would, and gives its exit code. */
export async function firedrillCommand(site: Site, args: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  const child = spawn(process.execPath, commandLine(site, args), { cwd: root, stdio });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 70;
}

/** What a command answers with --json. */
export async function firedrillAnswer(site: Site, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, commandLine(site, [...args, '--json']), {
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

function background(site: Site, name: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const logs = join(site.directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, `firedrill-${name}.log`), 'a');
  return spawn(process.execPath, commandLine(site, args), {
    cwd: root,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  });
}

function commandLine(site: Site, args: readonly string[]): string[] {
  return [firedrill, ...args, '--environment', site.environmentFile];
}

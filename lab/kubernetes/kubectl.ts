import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppError } from '../../src/domain/errors.ts';
import { runToEnd } from '../host/programs.ts';
import { adminKubeconfig, programDirectory } from './layout.ts';

const program = (): readonly string[] => [join(programDirectory(), 'kubectl'), '--kubeconfig', adminKubeconfig()];

/** As the cluster's administrator. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return runToEnd([...program(), ...args]);
}

/** Errors: `upstream/refused`, with what the API server said. */
export async function applyManifests(yaml: string): Promise<void> {
  const [command = '', ...args] = [...program(), 'apply', '--server-side', '--force-conflicts', '--field-manager=lab', '-f', '-'];
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(yaml);
  const [complaint, code] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new AppError('upstream/refused', `the lab's manifests were refused: ${complaint.trim()}`);
}

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

/** `input` is its standard input. Errors: `upstream/refused`, with what the API server said. */
export async function kubectlReading(input: string, ...args: readonly string[]): Promise<string> {
  const [command = '', ...options] = [...program(), ...args];
  const child = spawn(command, options, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [output, complaint, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new AppError('upstream/refused', `kubectl ${args.join(' ')} was refused: ${complaint.trim()}`);
  return output;
}

/** Errors: `upstream/refused`, with what the API server said. */
export async function applyManifests(yaml: string): Promise<void> {
  await kubectlReading(yaml, 'apply', '--server-side', '--force-conflicts', '--field-manager=lab', '--filename=-');
}

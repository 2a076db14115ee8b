import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const started: ChildProcess[] = [];

/** Whatever became of the test. */
export async function killPrograms(): Promise<void> {
  await Promise.all(started.map(kill));
}

/** A program of this folder that says a line when it is there. */
export async function startProgram(name: 'agent-process' | 'runner-process', ...given: readonly string[]): Promise<ChildProcess> {
  const program = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', program, ...given], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = once(child.stdout, 'data').then(() => true);
  const ended = once(child, 'exit').then(() => false);
  started.push(child);
  if (await Promise.race([said, ended])) return child;
  throw new Error(`${name} ended before it was there`);
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

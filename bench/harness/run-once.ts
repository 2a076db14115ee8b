import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Milliseconds from before a Node process is made until it has ended. Throws when it ends badly. */
export async function timeOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const from = performance.now();
  await run(process.execPath, args, { env: { ...process.env, ...env } });
  return performance.now() - from;
}

/** Writes, as its own process ends, the most memory it ever had. Not its parent's, which `resourceUsage` may count in. */
const tellMemory = `import { readFileSync } from 'node:fs';
process.on('exit', () => console.error('VmHWM ' + /VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));`;

/** The most memory that a Node process had resident, MB. */
export async function memoryOf(args: readonly string[]): Promise<number> {
  const { stderr } = await run(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(tellMemory)}`, ...args]);
  return Number(/VmHWM (\d+)/.exec(stderr)?.[1]) / 1024;
}

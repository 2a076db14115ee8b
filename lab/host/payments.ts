import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program, SupervisorConfig } from '../app/supervisor.ts';
import type { CallerGroup } from './caller-group.ts';
import type { PartCommand } from './part.ts';
import type { StackPorts } from './stack-ports.ts';
import { readStat } from './process-identity.ts';
import { answers } from './reachable.ts';

/** Long enough that a missing replica is seen, short enough that nobody waits for it: about what a kubelet takes. */
const RESTART_DELAY_MS = 3_000;
const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const local = (port: number): string => `127.0.0.1:${port}`;

export const linkSocket = (directory: string): string => join(directory, 'links', 'fraud-detector.sock');
export const pidFile = (directory: string, name: string): string => join(directory, 'pids', `${name}.pid`);

/** The demo services under their supervisor: one part, so that all of them end with it. */
export function paymentsCommand(options: {
  directory: string;
  databaseUrl: string;
  ports: StackPorts;
  rate: number;
  callers: CallerGroup | null;
  logFile: string;
}): PartCommand {
  const { directory, ports } = options;
  for (const folder of ['pids', 'links']) mkdirSync(join(directory, folder), { recursive: true });
  const config: SupervisorConfig = { restartDelayMs: RESTART_DELAY_MS, programs: programs(options) };
  const configFile = join(directory, 'supervisor.json');
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  const urls = [...ports.payments, ...ports.fraudDetector, ports.load, ports.databaseWatch].map(
    (port) => `http://${local(port)}`,
  );
  return {
    name: 'payments',
    argv: [process.execPath, source('lab/app/supervisor.ts'), configFile],
    cwd: directory,
    logFile: options.logFile,
    address: ports.payments.map((port) => `http://${local(port)}`).join(' '),
    stopSignal: 'SIGTERM',
    readyWithinMs: 40_000,
    ready: async () => (await Promise.all(urls.map((url) => answers(`${url}/health`)))).every(Boolean),
  };
}

function programs(options: {
  directory: string;
  databaseUrl: string;
  ports: StackPorts;
  rate: number;
  callers: CallerGroup | null;
}): Program[] {
  const { directory, databaseUrl, ports } = options;
  const program = (name: string, args: readonly string[], env: Record<string, string> = {}): Program => ({
    name,
    argv: [process.execPath, ...args],
    env: { ...env, NAME: name, HOST: '127.0.0.1' },
    pidFile: pidFile(directory, name),
    logFile: join(directory, 'logs', `${name}.log`),
    groupFile: null,
  });
  return [
    ...ports.fraudDetector.map((port, index) =>
      program(`fraud-detector-${index + 1}`, [source('lab/app/fraud-detector.ts')], { PORT: String(port) }),
    ),
    program('link-fraud-detector', [
      source('src/agent/relay/main.ts'),
      `--listen=${local(ports.link)}`,
      `--upstream=${ports.fraudDetector.map(local).join(',')}`,
      `--control=${linkSocket(directory)}`,
    ]),
    ...ports.payments.map((port, index) => ({
      ...program(`payments-api-${index + 1}`, [source('lab/app/payments-api.ts')], {
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        FRAUD_URL: `http://${local(ports.link)}`,
        AUDIT_FILE: join(directory, 'volumes', 'audit', `payments-api-${index + 1}.jsonl`),
      }),
      groupFile: options.callers?.procsFile ?? null,
    })),
    program('database-watch', [source('lab/app/database-watch.ts')], {
      PORT: String(ports.databaseWatch),
      DATABASE_URL: databaseUrl,
    }),
    program('load', [source('lab/app/load.ts')], {
      PORT: String(ports.load),
      RATE: String(options.rate),
      TARGETS: ports.payments.map((port) => `http://${local(port)}`).join(','),
    }),
  ];
}

/** What the supervisor keeps alive, as its pid files say now. Empty when there are no services in that stack. */
export function supervisedPrograms(directory: string): { name: string; pid: number; alive: boolean }[] {
  const folder = join(directory, 'pids');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.pid'));
  return files.map((file) => {
    const pid = Number(readFileSync(join(folder, file), 'utf8'));
    const stat = readStat(pid);
    return { name: basename(file, '.pid'), pid, alive: stat !== null && stat.state !== 'Z' };
  });
}

import { join } from 'node:path';
import { alertmanagerCommand, findAlertmanager, locateAlertmanager } from './alertmanager.ts';
import { makeAuditVolume } from './audit-volume.ts';
import type { CallerGroup } from './caller-group.ts';
import type { PartCommand } from './part.ts';
import { createPaymentsDatabase, writeSecret } from './payments-database.ts';
import { paymentsCommand } from './payments.ts';
import { openFolder } from './open-folder.ts';
import { findPostgres, locatePostgres, postgresCommand } from './postgres.ts';
import type { Program } from './program.ts';
import { findPrometheus, locatePrometheus, prometheusCommand } from './prometheus.ts';
import { scrapeTargets, type StackPorts } from './stack-ports.ts';
import { findTemporal, locateTemporal, temporalCommand } from './temporal.ts';

export const partNames = ['temporal', 'prometheus', 'alertmanager', 'postgres', 'payments'] as const;
export type PartName = (typeof partNames)[number];

/** What building a part may use: where things lie, and the one way to start something or to own a mount. */
export interface Site {
  readonly directory: string;
  readonly ports: StackPorts;
  readonly rate: number;
  readonly callers: CallerGroup | null;
  readonly report: (line: string) => void;
  logFile(part: PartName): string;
  start(command: PartCommand): Promise<void>;
  /** Recorded before it is mounted: unmounting what is not mounted is harmless, forgetting a mount is not. */
  owns(mount: string): void;
  /** Outside of `directory`; recorded too, and removed at the end. */
  ownsFolder(folder: string): void;
}

/** The foreign programs of these parts, each there or to be fetched. */
export function programsOf(parts: ReadonlySet<PartName>): readonly Program<unknown>[] {
  return [
    ...(parts.has('temporal') ? [locateTemporal()] : []),
    ...(parts.has('prometheus') ? [locatePrometheus()] : []),
    ...(parts.has('alertmanager') ? [locateAlertmanager()] : []),
    ...(parts.has('postgres') || parts.has('payments') ? [locatePostgres()] : []),
  ];
}

export async function buildTemporal(site: Site): Promise<void> {
  const binary = await findTemporal(site.report);
  const { directory, ports } = site;
  await site.start(temporalCommand({ binary, port: ports.temporal, directory, logFile: site.logFile('temporal') }));
}

export async function buildPrometheus(site: Site, withPayments: boolean): Promise<void> {
  const targets = scrapeTargets(site.ports);
  await site.start(
    prometheusCommand({
      binary: await findPrometheus(site.report),
      port: site.ports.prometheus,
      alertmanagerPort: site.ports.alertmanager,
      targets,
      awaitTargets: withPayments ? targets.length : 0,
      directory: join(site.directory, 'prometheus'),
      logFile: site.logFile('prometheus'),
    }),
  );
}

export async function buildAlertmanager(site: Site): Promise<void> {
  await site.start(
    alertmanagerCommand({
      program: await findAlertmanager(site.report),
      port: site.ports.alertmanager,
      receiverUrl: `http://127.0.0.1:${site.ports.receiver}`,
      directory: join(site.directory, 'alertmanager'),
      logFile: site.logFile('alertmanager'),
    }),
  );
}

/** The database, and the services that cannot start without it. */
export async function buildDatabase(site: Site, withPayments: boolean): Promise<void> {
  const { directory, ports } = site;
  const home = openFolder(directory, 'postgres', (folder) => site.ownsFolder(folder));
  const programs = await findPostgres(join(home, 'programs'), site.report);
  const cluster = { programs, port: ports.postgres, directory: join(home, 'cluster'), logFile: site.logFile('postgres') };
  await site.start(await postgresCommand(cluster));
  const connections = await createPaymentsDatabase(ports.postgres);
  writeSecret(join(directory, 'secrets', 'payments.dsn'), connections.drill);
  if (!withPayments) return;

  const volume = join(directory, 'volumes', 'audit');
  site.owns(volume);
  await makeAuditVolume(volume, site.report);
  const logFile = site.logFile('payments');
  await site.start(
    paymentsCommand({ directory, databaseUrl: connections.service, ports, rate: site.rate, callers: site.callers, logFile }),
  );
}

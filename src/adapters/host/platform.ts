import { readFile } from 'node:fs/promises';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { plainSurvey } from '../../domain/plan/survey.ts';
import type { Platform } from '../../ports/platform.ts';
import { readProcess } from './processes.ts';
import { problemWith } from './target-health.ts';

/** What an environment file says of its services; paths are absolute. */
export type HostServices = Readonly<Record<string, HostService>>;

export interface HostService {
  readonly processes: readonly { readonly name: string; readonly pidFile: string; readonly url?: string }[];
  readonly links: readonly HostLink[];
  readonly volumes: readonly { readonly name: string; readonly path: string }[];
  readonly postgres: readonly { readonly name: string; readonly connection: string }[];
  readonly redis: readonly { readonly name: string; readonly connection: string }[];
}

type HostLink = { readonly name: string; readonly to: string } & (
  | { readonly listen: string; readonly control: string }
  | {
      readonly addresses: readonly string[];
      readonly caller: 'anyone' | { readonly user: string } | { readonly cgroup: string };
    }
);

/** Services that run as plain processes of this machine. */
export function hostPlatform(services: HostServices): Platform {
  const platform: Platform = {
    problemWith,
    async survey(selector) {
      const there = await platform.resolve(selector);
      if (selector.kind !== 'member') return plainSurvey(there, 0, 'nothing');
      return plainSurvey(there, services[selector.service]?.processes.length ?? 0, 'members');
    },
    async resolve(selector) {
      if (selector.kind === 'node') return [];
      const found = services[selector.service];
      if (found === undefined) return [];
      const target = (kind: TargetRef['kind'], name: string, uid: string, locator: TargetRef['locator']): TargetRef => ({
        kind,
        service: selector.service,
        name,
        uid,
        locator,
      });
      switch (selector.kind) {
        case 'member': {
          const alive = await Promise.all(found.processes.map((process) => aliveProcess(process, target)));
          return alive.filter((process) => process !== null);
        }
        case 'link':
          return found.links
            .filter(({ to }) => to === selector.to)
            .map((link) => target('link', link.name, linkUid(link), linkLocator(selector.service, link)));
        case 'volume':
          return found.volumes
            .filter(({ name }) => name === selector.volume)
            .map(({ name, path }) => target('volume', name, path, { path }));
        case 'postgres':
          return found.postgres
            .filter(({ name }) => name === selector.postgres)
            .map(({ name, connection }) => target('postgres', name, connection, { connection }));
        case 'redis':
          return found.redis
            .filter(({ name }) => name === selector.redis)
            .map(({ name, connection }) => target('redis', name, connection, { connection }));
        case 'workload':
        case 'config':
          return [];
      }
    },
  };
  return platform;
}

/** null when it does not run now: what is down already is no target. */
async function aliveProcess(
  { name, pidFile, url }: HostService['processes'][number],
  target: (kind: 'process', name: string, uid: string, locator: TargetRef['locator']) => TargetRef,
): Promise<TargetRef | null> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim());
  const process = Number.isInteger(pid) && pid > 1 ? readProcess(pid) : null;
  if (process === null) return null;
  const { startTime } = process;
  return target('process', name, `${pid}:${startTime}`, { pid, startTime, pidFile, name, ...(url === undefined ? {} : { url }) });
}

/** Says by which way, so that a plan shows it. */
function linkUid(link: HostLink): string {
  return 'listen' in link ? link.listen : `redirect:${link.addresses.join(',')}`;
}

function linkLocator(from: string, link: HostLink): TargetRef['locator'] {
  const { to } = link;
  if ('listen' in link) return { from, to, listen: link.listen, control: link.control };
  return { from, to, addresses: [...link.addresses], caller: link.caller };
}

import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import type { Caller } from './caller.ts';
import type { NetworkPlace } from './network-place.ts';

/** The near end of a connection that is open now. */
export interface OpenConnection {
  readonly local: string;
  readonly peer: string;
  readonly uid: number;
  /** Absent when the machine has no unified cgroups. */
  readonly cgroup: string | null;
}

/** Reads what `ss -tneH --cgroup` writes. uid 0 is left out by ss. */
export function parseSs(output: string): OpenConnection[] {
  return output.split('\n').flatMap((line) => {
    const [, , , local, peer] = line.trim().split(/\s+/);
    if (local === undefined || peer === undefined) return [];
    return [
      {
        local,
        peer,
        uid: Number(/\buid:(\d+)/.exec(line)?.[1] ?? 0),
        cgroup: /\bcgroup:(\/\S*)/.exec(line)?.[1] ?? null,
      },
    ];
  });
}

export function isOf(caller: Caller, connection: OpenConnection, uidOf: (user: string) => number | null): boolean {
  if (caller === 'anyone') return true;
  if ('user' in caller) return connection.uid === uidOf(caller.user);
  const path = `/${caller.cgroup.split('/').filter(Boolean).join('/')}`;
  return connection.cgroup === path || (connection.cgroup?.startsWith(`${path}/`) ?? false);
}

/** Ends the caller's open connections to these addresses, so that its next ones come our way. How many there were. */
export async function resetOpenConnections(
  { host }: FaultContext,
  place: NetworkPlace,
  addresses: readonly string[],
  caller: Caller,
): Promise<number> {
  const passwd = caller === 'anyone' ? '' : await host.files.readText('/etc/passwd');
  const uidOf = (user: string): number | null => {
    if (/^\d+$/.test(user)) return Number(user);
    const line = passwd.split('\n').find((one) => one.startsWith(`${user}:`));
    return line === undefined ? null : Number(line.split(':')[2]);
  };
  const to = addresses.map((address) => `dst ${address}`).join(' or ');
  const { code, stdout, stderr } = await place.run(['ss', '-tneH', '--cgroup', `( ${to} )`], { maxOutputBytes: 4 * 2 ** 20 });
  if (code !== 0) throw new AppError('fault/inject-failed', `open connections could not be read: ${stderr.trim()}. Is ss there?`);
  const ours = parseSs(stdout).filter((connection) => isOf(caller, connection, uidOf));
  for (let at = 0; at < ours.length; at += 50) {
    const filter = ours.slice(at, at + 50).map(({ local, peer }) => `( src ${local} and dst ${peer} )`);
    const killed = await place.run(['ss', '-K', '-tnH', filter.join(' or ')]);
    if (killed.code !== 0) {
      throw new AppError(
        'fault/inject-failed',
        `open connections could not be reset: ${killed.stderr.trim()}. Use connections: keep`,
      );
    }
  }
  return ours.length;
}

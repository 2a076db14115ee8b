/** One address of the far end, and the port of our relay that leads to it. */
export interface Route {
  readonly host: string;
  readonly port: number;
  readonly relayPort: number;
}

/** By what the kernel knows the caller. `cgroup`: path as nft takes it, and how deep it is. */
export type CallerMatch =
  | { readonly by: 'anyone' }
  | { readonly by: 'user'; readonly user: string }
  | { readonly by: 'cgroup'; readonly path: string; readonly level: number };

/** The relay's own connections carry this group and are never redirected, or they would come back to it. */
export const relayGroup = 61_234;
/** Connections of this group are redirected as the caller's are: how the agent measures what the caller meets. */
export const proberGroup = 61_235;

/** A redirect that nobody keeps alive ends by itself after this. */
export const redirectTtlSeconds = 2;

const set = 'live';

/** One table per injection. Injection ids are file names, and those are nft's words too. */
export function tableOf(injectionId: string): string {
  return `firedrill-${injectionId}`;
}

/**
 * The table, with no effect yet: a packet is only turned while its address is an element of the set. Only first packets are
 * turned (`syn`), so open connections are left alone.
 */
export function createTable(table: string, routes: readonly Route[], caller: CallerMatch): string {
  return [
    `table ip ${table} {`,
    `  set ${set} {`,
    '    type ipv4_addr . inet_service',
    '    flags timeout',
    '  }',
    '  chain output {',
    '    type nat hook output priority -100',
    '    policy accept',
    `    meta skgid ${relayGroup} return`,
    ...rulesFor(routes, caller).map((rule) => `    ${rule}`),
    '  }',
    '}',
  ].join('\n');
}

function rulesFor(routes: readonly Route[], caller: CallerMatch): string[] {
  return routes.flatMap(({ host, port, relayPort }) => {
    const towards = `ip daddr ${host} tcp dport ${port} ip daddr . tcp dport @${set} tcp flags & (syn|ack) == syn`;
    const turn = (match: string, comment: string): string =>
      `${towards} ${match}counter redirect to :${relayPort} comment "${comment}"`;
    const ofCaller = turn(matchOf(caller), 'caller');
    return caller.by === 'anyone' ? [ofCaller] : [ofCaller, turn(`meta skgid ${proberGroup} `, 'prober')];
  });
}

/** One transaction: from now on, and for two seconds, packets are turned. */
export function openRedirect(table: string, routes: readonly Route[]): string {
  return `add element ip ${table} ${set} { ${elements(routes, ` timeout ${redirectTtlSeconds}s`)} }`;
}

/**
 * One transaction that fails when `routes` have expired: what has ended is never brought back. What was gained since only goes with
 * them: whether it is there or has expired, for its command was slow to end, it fails nothing.
 */
export function refreshRedirect(table: string, routes: readonly Route[], gained: readonly Route[] = []): string {
  const ofGained = gained.length === 0 ? [] : [openRedirect(table, gained), deleteElements(table, gained)];
  return [deleteElements(table, routes), ...ofGained, openRedirect(table, [...routes, ...gained])].join('\n');
}

function deleteElements(table: string, routes: readonly Route[]): string {
  return `delete element ip ${table} ${set} { ${elements(routes, '')} }`;
}

/** What is turned, and from now on these too; in one transaction with what fails once the redirect has ended. */
export function extendRedirect(
  table: string,
  routes: readonly Route[],
  {
    gained,
    added,
    caller,
  }: { readonly gained: readonly Route[]; readonly added: readonly Route[]; readonly caller: CallerMatch },
): string {
  const rules = rulesFor(added, caller).map((rule) => `add rule ip ${table} output ${rule}`);
  return [refreshRedirect(table, routes, [...gained, ...added]), ...rules].join('\n');
}

/** The chain stays: deleting it would leave connections in the relay hanging. */
export function closeRedirect(table: string): string {
  return `flush set ip ${table} ${set}`;
}

export function deleteTable(table: string): string {
  return `delete table ip ${table}`;
}

function elements(routes: readonly Route[], suffix: string): string {
  return routes.map(({ host, port }) => `${host} . ${port}${suffix}`).join(', ');
}

function matchOf(caller: CallerMatch): string {
  switch (caller.by) {
    case 'anyone':
      return '';
    case 'user':
      return `meta skuid ${caller.user} `;
    case 'cgroup':
      return `socket cgroupv2 level ${caller.level} "${caller.path}" `;
  }
}

/**
 * nft takes cgroup paths below /sys/fs/cgroup, wherever the unified hierarchy is mounted there. `mounts` is /proc/mounts.
 * null when this machine has no unified hierarchy.
 */
export function cgroupMatch(mounts: string, cgroup: string): CallerMatch | null {
  const mount = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, at = '', type]) => type === 'cgroup2' && `${at}/`.startsWith('/sys/fs/cgroup/'))?.[1];
  if (mount === undefined) return null;
  const parts = cgroup.split('/').filter((part) => part !== '');
  const below = mount.slice('/sys/fs/cgroup'.length).split('/');
  return { by: 'cgroup', path: [...below, ...parts].filter((part) => part !== '').join('/'), level: parts.length };
}

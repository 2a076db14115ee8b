import type { Selector } from '../domain/plan/selector.ts';

/** Where a selector points, in the words of messages. */
export function placeOf(selector: Selector): string {
  switch (selector.kind) {
    case 'member':
    case 'workload':
      return selector.service;
    case 'config':
      return `config ${selector.service}/${selector.config}`;
    case 'node':
      return selector.node ?? (selector.zone === null ? 'nodes' : `nodes of zone ${selector.zone}`);
    case 'link':
      return `link ${selector.service} to ${selector.to}`;
    case 'volume':
      return `volume ${selector.service}/${selector.volume}`;
    case 'postgres':
      return `postgres ${selector.service}/${selector.postgres}`;
    case 'redis':
      return `redis ${selector.service}/${selector.redis}`;
  }
}

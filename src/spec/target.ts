import { z } from 'zod';
import type { Amount } from '../domain/plan/choose.ts';
import type { Selector } from '../domain/plan/selector.ts';
import { strategies } from '../domain/plan/strategies.ts';
import type { Strategy } from '../domain/plan/strategies.ts';
import { partName } from './metadata.ts';
import { percent } from '../quantities.ts';

const share = percent.refine((ratio) => ratio > 0, { message: 'must be more than 0%' });
const count = z.int().min(1);

const fields = z.strictObject({
  service: partName.exactOptional(),
  to: partName.exactOptional(),
  volume: partName.exactOptional(),
  postgres: partName.exactOptional(),
  redis: partName.exactOptional(),
  config: partName.exactOptional(),
  node: partName.exactOptional().describe('the name of a node'),
  zone: partName.exactOptional().describe('nodes of this zone'),
  nodes: z.literal('any').exactOptional().describe('any node of the cluster'),
  count: count.exactOptional().describe('how many members, from 1'),
  percent: share.exactOptional(),
  stages: z
    .array(z.union([count.transform((count) => ({ count })), share.transform((ratio) => ({ ratio }))]))
    .min(2)
    .exactOptional()
    .describe('how many in all after each stage, such as [1, 2, 3]; each waits for the one before'),
  names: z.array(partName).min(1).exactOptional().describe('these members, by name'),
  strategy: z
    .enum([...strategies, 'named'])
    .exactOptional()
    .describe('how members are chosen: random by default'),
  allowAll: z.boolean().default(false).describe('true to permit every member of the service at once'),
  allowCritical: z.boolean().default(false).describe('true to permit pods of tier=critical'),
});
type Fields = z.infer<typeof fields>;

const places = ['service', 'node', 'zone', 'nodes'] as const;
const kinds = ['to', 'volume', 'postgres', 'redis', 'config'] as const;
/** Those of which a service has one by that name. */
const single: readonly (typeof kinds)[number][] = ['postgres', 'redis', 'config'];
const amounts = ['count', 'percent', 'stages', 'names'] as const;

export const target = fields
  .superRefine((target, context) => {
    const given = <K extends keyof Fields>(keys: readonly K[]): K[] => keys.filter((key) => target[key] !== undefined);
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    const [where, what, many] = [given(places), given(kinds), given(amounts)];
    const clash = (keys: readonly string[], instead: string): void =>
      refuse(`${keys.join(' and ')} do not go together. Write ${instead}`);

    if (where.length === 0) refuse('names nothing to break. Write service, or for nodes one of node, zone and nodes');
    if (where.length > 1) clash(where, `one of ${listed(places)}`);
    if (what.length > 1) clash(what, `one of ${listed(kinds)}`);
    if (many.length > 1) clash(many, `one of ${listed(amounts)}`);
    if (what.length > 0 && target.service === undefined) refuse(`${what[0]} is of a service. Write service beside it`);
    const one = what.find((key) => single.includes(key)) ?? (target.node === undefined ? undefined : 'node');
    const lots = [...many, ...given(['strategy'] as const)];
    if (one !== undefined && lots.length > 0) clash([one, lots[0]!], `${one} alone: it is one thing`);
    if (target.strategy === 'named' && target.names === undefined) refuse('strategy named chooses nobody. Write names: [...]');
    if (target.names !== undefined && target.strategy !== undefined && target.strategy !== 'named') {
      clash(['names', `strategy ${target.strategy}`], 'one of them');
    }
  })
  .transform(({ allowAll, allowCritical, ...target }): ExperimentTarget => ({
    selector: selectorOf(target),
    choice: choiceOf(target),
    allowAll,
    allowCritical,
  }));

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

export interface ExperimentTarget {
  readonly selector: Selector;
  readonly choice:
    | { readonly by: 'name'; readonly names: readonly string[] }
    /** `amounts`: how many in all after each stage; a ratio is rounded down, and at least 1. */
    | { readonly by: Strategy; readonly amounts: readonly Amount[] };
  readonly allowAll: boolean;
  readonly allowCritical: boolean;
}

function selectorOf({ service = '', to, volume, postgres, redis, config, node, zone, nodes }: Partial<Fields>): Selector {
  if (node !== undefined || zone !== undefined || nodes !== undefined) {
    return { kind: 'node', node: node ?? null, zone: zone ?? null };
  }
  if (to !== undefined) return { kind: 'link', service, to };
  if (volume !== undefined) return { kind: 'volume', service, volume };
  if (postgres !== undefined) return { kind: 'postgres', service, postgres };
  if (redis !== undefined) return { kind: 'redis', service, redis };
  if (config !== undefined) return { kind: 'config', service, config };
  return { kind: 'member', service };
}

function choiceOf({ count, percent, stages, names, strategy }: Partial<Fields>): ExperimentTarget['choice'] {
  if (names !== undefined) return { by: 'name', names };
  const amounts = stages ?? [percent === undefined ? { count: count ?? 1 } : { ratio: percent }];
  return { by: strategy === undefined || strategy === 'named' ? 'random' : strategy, amounts };
}

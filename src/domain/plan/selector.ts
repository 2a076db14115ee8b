import { AppError } from '../errors.ts';
import type { TargetRef } from './plan.ts';

/** Where a fault looks for what it acts on. */
export type Selector =
  /** One of those that do the service's work: a process on a host, a pod in a cluster. */
  | { readonly kind: 'member'; readonly service: string }
  /** What makes the members: a Deployment, a StatefulSet. */
  | { readonly kind: 'workload'; readonly service: string }
  | { readonly kind: 'config'; readonly service: string; readonly config: string }
  /** Machines of the cluster: by name, of a zone, or any. */
  | { readonly kind: 'node'; readonly node: string | null; readonly zone: string | null }
  | { readonly kind: 'link'; readonly service: string; readonly to: string }
  | { readonly kind: 'volume'; readonly service: string; readonly volume: string }
  | { readonly kind: 'postgres'; readonly service: string; readonly postgres: string }
  | { readonly kind: 'redis'; readonly service: string; readonly redis: string };

/** The selector that finds a target again, among others like it. */
export function selectorOf({ kind, service, name, locator }: TargetRef): Selector {
  switch (kind) {
    case 'process':
    case 'pod':
    case 'container':
      return { kind: 'member', service };
    case 'workload':
      return { kind, service };
    case 'config':
      return { kind, service, config: name };
    case 'node':
      return { kind, node: name, zone: null };
    case 'link':
      return { kind, service, to: String(locator['to']) };
    case 'volume':
      return { kind, service, volume: name };
    case 'postgres':
      return { kind, service, postgres: name };
    case 'redis':
      return { kind, service, redis: name };
    case 'service':
      throw new AppError('internal/bug', `no platform resolves ${service}/${name}, a target of kind ${kind}`);
  }
}

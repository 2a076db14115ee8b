import { AppError } from '../errors.ts';
import type { TargetRef } from './plan.ts';

/** Where a fault looks for what it acts on. */
export type Selector =
  | { readonly kind: 'process'; readonly service: string }
  | { readonly kind: 'link'; readonly service: string; readonly to: string }
  | { readonly kind: 'volume'; readonly service: string; readonly volume: string }
  | { readonly kind: 'postgres'; readonly service: string; readonly postgres: string };

/** The selector that finds a target again, among others like it. */
export function selectorOf({ kind, service, name, locator }: TargetRef): Selector {
  switch (kind) {
    case 'process':
      return { kind, service };
    case 'link':
      return { kind, service, to: String(locator['to']) };
    case 'volume':
      return { kind, service, volume: name };
    case 'postgres':
      return { kind, service, postgres: name };
    case 'service':
      throw new AppError('internal/bug', `no platform resolves ${service}/${name}, a target of kind ${kind}`);
  }
}

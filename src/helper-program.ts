import { moduleFile } from './module-file.ts';

/** A helper's program, in the form in which this module is: `.ts` in the tree, `.js` in a build. */
export const helperProgram = (name: string): string => moduleFile(`./agent/${name}/main`, import.meta.url);

/** They connect to databases and services, or compute, and need no right for it, on a machine or in a cluster: a runner starts them. */
export const helpersWithoutPrivilege = [
  'certificate-issuer',
  'kafka-observer',
  'lock-holder',
  'pool-holder',
  'redis-limiter',
  'redis-observer',
  'replica-pauser',
  'traffic-source',
] as const;

import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { ApiNeed } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { plannedConfig } from './shared/configs.ts';
import type { Config } from './shared/configs.ts';
import type { FieldPath } from './shared/field-path.ts';
import { changeObject, holdObject, lookForEffect, readRestored, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { ownedBy } from './shared/ownership.ts';
import { objectOf } from './shared/workloads.ts';

const params = z.strictObject({
  key: z.string().regex(/^[\w.-]+$/, 'must be a key of a ConfigMap or Secret'),
  change: z
    .enum(['remove', 'empty', 'wrong'])
    .describe('remove the key; keep it without a value; or give it another value of the same length'),
  ownedBy,
});
type Params = z.infer<typeof params>;
/** Holds the value as it was, which may be secret: it is nowhere but here. */
type Undo = { readonly held: HeldObject };

const needs: readonly ApiNeed[] = [
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'patch', 'watch'], scope: 'namespace' },
  // Neither listed nor watched, though it would save requests: who may do either is told every Secret's value.
  { group: '', resource: 'secrets', verbs: ['get', 'patch'], scope: 'namespace' },
];

export const configDrift: Fault<Params, Undo> = {
  name: 'config-drift',
  summary: 'Removes or changes one key of a ConfigMap or a Secret',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['config'],
  agents: ['cluster'],
  needs,
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { key, change, ownedBy }) {
    const ref = objectOf(target);
    const config = await plannedConfig(context, target, ownedBy);
    const { path, value, encoded } = valueOf(config, target, key, ref.resource === 'secrets');
    const after = { remove: null, empty: '', wrong: wrongValue(value, encoded) }[change];
    return { held: holdObject(config, ref, [{ path, after }]) };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, { key, change }, { held }) {
    const { inEffect } = await lookForEffect(context, held);
    const how = { remove: 'is missing', empty: 'is empty', wrong: 'has another value of the same length' }[change];
    return {
      present: inEffect,
      summary: `${target.name}: key ${key} ${inEffect ? how : 'is not as the fault makes it'}`,
      data: { key, change, changed: inEffect },
    };
  },

  revert: (context, _target, { held }) => restoreObject(context, held),
  verifyReverted: (context, _target, { held }) => readRestored(context, held),
};

/** `encoded`: what the API holds is base64. Errors: `target/none`, with the keys that are there. */
function valueOf(
  { data = {}, binaryData = {} }: Config,
  { service, name }: TargetRef,
  key: string,
  isSecret: boolean,
): { path: FieldPath; value: string; encoded: boolean } {
  if (data[key] !== undefined) return { path: ['data', key], value: data[key], encoded: isSecret };
  if (binaryData[key] !== undefined) return { path: ['binaryData', key], value: binaryData[key], encoded: true };
  const keys = [...Object.keys(data), ...Object.keys(binaryData)].join(', ') || 'none';
  throw new AppError('target/none', `${service}/${name} has no key ${key}. Its keys: ${keys}`);
}

/** As long as the right one, so that only its content is wrong. */
function wrongValue(value: string, encoded: boolean): string {
  return encoded ? btoa('x'.repeat(atob(value).length)) : 'x'.repeat(value.length);
}

import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { changeObject, holdObject, lookForEffect, readRestored, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { plannedPod, podOf } from './shared/pods.ts';

const params = z.strictObject({
  annotation: z
    .string()
    .regex(/^([a-z0-9.-]+\/)?[\w.-]+$/, 'must be the name of an annotation')
    .default('prometheus.io/scrape')
    .describe('by which Prometheus knows what to scrape'),
  value: z.string().nullable().default('false').describe('what it says instead; null takes the annotation off'),
});
type Params = z.infer<typeof params>;
type Undo = { readonly held: HeldObject };

export const telemetryLoss: Fault<Params, Undo> = {
  name: 'telemetry-loss',
  summary: 'Hides a pod from Prometheus, by the annotation that makes it a scrape target',
  effect: 'held',
  lifetime: 'netns',
  targets: ['pod'],
  agents: ['cluster'],
  needs: [{ group: '', resource: 'pods', verbs: ['get', 'list', 'patch', 'watch'], scope: 'namespace' }],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { annotation, value }) {
    const pod = await plannedPod(clusterOf(context), target);
    if (pod.metadata.annotations?.[annotation] === undefined) {
      throw new AppError(
        'target/none',
        `pod ${target.service}/${target.name} has no annotation ${annotation}, so nothing is scraped because of it. Name the one that your Prometheus goes by`,
      );
    }
    return { held: holdObject(pod, podOf(target), [{ path: ['metadata', 'annotations', annotation], after: value }]) };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, { annotation, value }, { held }) {
    const { inEffect } = await lookForEffect(context, held);
    const says = value === null ? 'is off' : `says ${value}`;
    return {
      present: inEffect,
      summary: `pod ${target.name}: annotation ${annotation} ${inEffect ? says : 'is as it was'}`,
      data: { annotation, hidden: inEffect },
    };
  },

  revert: (context, _target, { held }) => restoreObject(context, held),
  verifyReverted: (context, _target, { held }) => readRestored(context, held),
};

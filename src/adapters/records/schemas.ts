import { z } from 'zod';
import { confirmationWords } from '../../domain/injection/confirmation.ts';
import type { Confirmation } from '../../domain/injection/confirmation.ts';
import { phases } from '../../domain/injection/records.ts';
import type { AgentHeartbeat, Halt, InjectionSpec, InjectionStatus, Permit } from '../../domain/injection/records.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';

const time = z.iso.datetime();
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** Ids are file names: one path segment, never hidden, never `..`. */
export const recordName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/);

export const targetSchema: z.ZodType<TargetRef> = z.strictObject({
  kind: z.enum(['process', 'link', 'volume', 'postgres', 'redis', 'service', 'pod', 'container', 'workload', 'config', 'node']),
  service: z.string(),
  name: z.string(),
  uid: z.string(),
  locator: jsonObject,
});

export const specSchema: z.ZodType<InjectionSpec> = z.strictObject({
  schemaVersion: z.literal(1),
  id: recordName,
  runId: recordName,
  environment: z.string(),
  stage: z.int(),
  fault: z.string(),
  agent: z.enum(['host', 'cluster', 'node']).exactOptional(),
  params: jsonObject,
  target: targetSchema,
  deadline: time,
  leaseSeconds: z.number().positive(),
});

export const statusSchema: z.ZodType<InjectionStatus> = z.strictObject({
  schemaVersion: z.literal(1),
  id: recordName,
  runId: recordName,
  phase: z.enum(phases),
  undo: jsonObject.exactOptional(),
  armingAt: time.exactOptional(),
  armedAt: time.exactOptional(),
  lastAbsentAt: time.exactOptional(),
  activeAt: time.exactOptional(),
  verifiedAt: time.exactOptional(),
  revertStartedAt: time.exactOptional(),
  revertedAt: time.exactOptional(),
  revertVerifiedAt: time.exactOptional(),
  cause: z
    .enum([
      'asked',
      'deadline',
      'lease',
      'halt',
      'permit-gone',
      'shutdown',
      'restart',
      'target-gone',
      'inject-failed',
      'guard',
      'superseded',
      'responder',
      'corrupt',
    ])
    .exactOptional(),
  evidence: jsonObject.exactOptional(),
  revertEvidence: jsonObject.exactOptional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).exactOptional(),
  agent: z.strictObject({ name: z.string(), version: z.string(), pid: z.int() }).exactOptional(),
});

export const permitSchema: z.ZodType<Permit> = z.strictObject({
  schemaVersion: z.literal(1),
  runId: recordName,
  generation: z.int(),
  renewal: z.int(),
  releasedStage: z.int(),
  freeze: z.boolean(),
  revert: z.boolean(),
});

export const confirmationSchema: z.ZodType<Confirmation> = z.strictObject({
  schemaVersion: z.literal(1),
  id: recordName,
  word: z.enum(confirmationWords),
  by: z.string(),
  at: time,
});

export const haltSchema: z.ZodType<Halt> = z.strictObject({ by: z.string(), why: z.string(), at: time });

export const heartbeatSchema: z.ZodType<AgentHeartbeat> = z.strictObject({
  name: recordName,
  pid: z.int(),
  version: z.string(),
  at: time,
  faults: z.array(z.string()),
});

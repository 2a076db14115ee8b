import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Fault } from '../../src/faults/fault.ts';

export interface TemporaryFault {
  readonly fault: Fault;
  readonly path: string;
  injects(): number;
  inEffect(): boolean;
}

/** A fault whose effect is that a file exists. It notes each inject, and whether its undo was durable before. */
export function createTemporaryFault(folder: string, undoIsDurable: () => boolean): TemporaryFault {
  const path = join(folder, 'effect');
  let injects = 0;
  const read = () => ({ present: existsSync(path), summary: `${path} looked at`, data: {} });
  const fault: Fault = {
    name: 'file',
    summary: 'makes a file',
    effect: 'held',
    lifetime: 'persistent',
    targets: ['service'],
    agents: ['host'],
    params: z.strictObject({}),
    claims: () => ['file:effect'],
    prepare: () => Promise.resolve({ path }),
    inject: () => {
      injects += 1;
      if (!undoIsDurable()) throw new Error('inject before its undo was durable');
      writeFileSync(path, '');
      return Promise.resolve();
    },
    verify: () => Promise.resolve(read()),
    revert: () => Promise.resolve(rmSync(path, { force: true })),
    verifyReverted: () => Promise.resolve(read()),
  };
  return { fault, path, injects: () => injects, inEffect: () => existsSync(path) };
}

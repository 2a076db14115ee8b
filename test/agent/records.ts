import type { InjectionSpec, Permit } from '../../src/domain/injection/records.ts';

export function permitOf(changes: Partial<Permit> = {}): Permit {
  return {
    schemaVersion: 1,
    runId: 'run-1',
    generation: 1,
    renewal: 1,
    releasedStage: 1,
    freeze: false,
    revert: false,
    ...changes,
  };
}

export function specOf(changes: Partial<InjectionSpec> = {}): InjectionSpec {
  return {
    schemaVersion: 1,
    id: 'run-1-1-1',
    runId: 'run-1',
    environment: 'test',
    stage: 1,
    fault: 'hook',
    params: {},
    target: { kind: 'service', service: 'payments', name: 'payments', uid: 'payments', locator: {} },
    deadline: new Date(Date.now() + 60_000).toISOString(),
    leaseSeconds: 10,
    ...changes,
  };
}

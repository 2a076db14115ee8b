import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { KubeObject } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { refuseOwned } from './ownership.ts';
import type { Ownership } from './ownership.ts';
import { objectOf, plannedObject } from './workloads.ts';

/** What the faults read of a ConfigMap or a Secret. */
export interface Config extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

/** The config of the plan, if it may be changed. Errors: `target/none`; `policy/denied` when it is immutable or somebody's. */
export async function plannedConfig(context: FaultContext, target: TargetRef, ownedBy: Ownership): Promise<Config> {
  const config = await plannedObject<Config>(context, target);
  refuseOwned(config, objectOf(target), ownedBy);
  if (config.immutable !== true) return config;
  throw new AppError(
    'policy/denied',
    `${target.service}/${target.name} is immutable: the API server would refuse. Choose another`,
  );
}

import type { InjectionSpec, InjectionStatus, Phase } from '../../../src/domain/injection/records.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { isCorrupt } from '../../../src/ports/injections.ts';
import type { InjectionStore } from '../../../src/ports/injections.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import type { Pod } from '../../../src/adapters/kubernetes/targets/objects.ts';
import { until } from '../../agent/until.ts';

let runs = 0;

/** One injection with a permit that is renewed, as the worker does. */
export interface Injected {
  readonly id: string;
  readonly runId: string;
  readonly spec: InjectionSpec;
  status(): Promise<InjectionStatus | null>;
  reaches(...phases: readonly Phase[]): Promise<InjectionStatus>;
  ends(): Promise<InjectionStatus>;
  revert(): Promise<void>;
  /** Renews no more. */
  leave(): void;
}

/** What is wanted of an agent. */
export interface InjectionWish extends Pick<InjectionSpec, 'fault' | 'target'> {
  readonly agent: 'cluster' | 'node';
  readonly params?: InjectionSpec['params'];
  readonly environment?: string;
  readonly leaseSeconds?: number;
  readonly deadlineSeconds?: number;
}

export async function inject(store: InjectionStore, wish: InjectionWish): Promise<Injected> {
  const { fault, agent, target, params = {}, environment = 'lab', leaseSeconds = 20, deadlineSeconds = 120 } = wish;
  const runId = `test-${process.pid}-${(runs += 1)}`;
  const id = `${runId}-0-0`;
  const deadline = new Date(Date.now() + deadlineSeconds * 1000).toISOString();
  const spec: InjectionSpec = {
    schemaVersion: 1,
    id,
    runId,
    environment,
    stage: 1,
    fault,
    agent,
    params,
    target,
    deadline,
    leaseSeconds,
  };
  let renewal = 0;
  const permit = async (revert: boolean): Promise<void> => {
    renewal += 1;
    await store.writePermit({ schemaVersion: 1, runId, generation: 1, renewal, releasedStage: 1, freeze: false, revert });
  };
  const status = async (): Promise<InjectionStatus | null> => {
    const read = await store.readStatus(id);
    return read === null || isCorrupt(read) ? null : read;
  };
  const when = async (fits: (status: InjectionStatus) => boolean): Promise<InjectionStatus> => {
    const found = await until(status, (read) => read !== null && (fits(read) || isTerminal(read.phase)), 60_000);
    if (found === null || !fits(found)) throw new Error(`${id} has ended otherwise: ${JSON.stringify(found)}`);
    return found;
  };
  await permit(false);
  const timer = setInterval(() => void permit(false).catch(() => {}), Math.min(2_000, leaseSeconds * 250));
  await store.writeSpec(spec);
  return {
    id,
    runId,
    spec,
    status,
    reaches: (...phases) => when(({ phase }) => phases.includes(phase)),
    ends: () => when(({ phase }) => isTerminal(phase)).finally(() => clearInterval(timer)),
    async revert() {
      clearInterval(timer);
      await permit(true);
    },
    leave: () => clearInterval(timer),
  };
}

/** A running pod of the namespace, as a plan would name it. */
export async function podTarget(
  api: KubeApi,
  namespace: string,
  changes: Partial<TargetRef['locator']> = {},
): Promise<TargetRef> {
  const { items } = await api.list<Pod>({ group: '', version: 'v1', resource: 'pods', namespace });
  const pod = items.find(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running');
  if (pod === undefined) throw new Error(`no pod runs in ${namespace}`);
  const { name, uid = '' } = pod.metadata;
  const containers = (pod.status.containerStatuses ?? []).map(({ name, containerID = '' }) => ({
    name,
    id: containerID.replace(/^.*:\/\//, ''),
  }));
  const locator = {
    namespace,
    pod: name,
    podUid: uid,
    node: pod.spec.nodeName ?? '',
    hostNetwork: false,
    container: 'shop',
    containers,
  };
  return { kind: 'pod', service: 'shop', name, uid, locator: { ...locator, ...changes } };
}

export async function nodeTarget(api: KubeApi, name: string): Promise<TargetRef> {
  const node = await api.get({ group: '', version: 'v1', resource: 'nodes' }, name);
  return {
    kind: 'node',
    service: 'nodes',
    name,
    uid: node?.metadata.uid ?? '',
    locator: { node: name, zone: null, address: null },
  };
}

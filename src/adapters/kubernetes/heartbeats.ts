import { AppError } from '../../domain/errors.ts';
import type { AgentHeartbeat } from '../../domain/injection/records.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { Read } from '../../ports/injections.ts';
import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import { parseRecord } from '../records/parse.ts';
import { heartbeatSchema } from '../records/schemas.ts';
import { keys, objectName, selectorOf } from './record-names.ts';
import type { Watched } from './watched.ts';

const labels = { [keys.record]: 'heartbeat' };
export const heartbeatSelector = selectorOf(labels);

/** One Lease per agent, as kubelets have: `renewTime` is its last sign of life. */
export function createHeartbeats(api: KubeApi, leases: KubeResource, watched: Watched) {
  const said = new Map<string, string>();
  return {
    async write({ name, pid, version, at, faults }: AgentHeartbeat): Promise<void> {
      const lease = `agent-${objectName(name)}`;
      const annotations = { [keys.version]: version, [keys.pid]: String(pid), [keys.faults]: faults.join(' ') };
      // What it can does not change from beat to beat: it is said once.
      const news = said.get(name) === JSON.stringify(annotations) ? {} : { metadata: { annotations, labels } };
      // A Lease counts in microseconds.
      const spec = { holderIdentity: name, renewTime: at.replace('Z', '000Z') };
      const patched = await api.patch(leases, lease, { type: 'merge', body: { ...news, spec } });
      if (!patched.ok) {
        const created = await api.create(leases, { metadata: { name: lease, annotations, labels }, spec });
        if (!created.ok) throw new AppError('upstream/unreachable', `The Lease ${lease} was not stored: ${created.message}`);
      }
      said.set(name, JSON.stringify(annotations));
    },
    async readAll(): Promise<AgentHeartbeat[]> {
      return [...(await watched.read()).values()].map(heartbeatOf).filter((beat): beat is AgentHeartbeat => !isCorrupt(beat));
    },
  };
}

function heartbeatOf({ metadata: { name, annotations = {} }, spec }: KubeObject): Read<AgentHeartbeat> {
  const { holderIdentity, renewTime } = (spec ?? {}) as { holderIdentity?: unknown; renewTime?: unknown };
  const faults = annotations[keys.faults] ?? '';
  const beat = {
    name: holderIdentity,
    pid: Number(annotations[keys.pid]),
    version: annotations[keys.version],
    at: typeof renewTime === 'string' ? renewTime.replace(/(\.\d{3})\d*Z$/, '$1Z') : undefined,
    faults: faults === '' ? [] : faults.split(' '),
  };
  return parseRecord(heartbeatSchema, beat, { id: name, where: `lease ${name}` });
}

import type { RecordError } from '../../domain/injection/state.ts';
import { excludeAnnotation, isExcluded } from '../../domain/plan/exclusion.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { KubeApi } from '../../ports/kubernetes.ts';
import type { Pod } from './targets/objects.ts';

/**
 * Why the pod of a target may not be acted on as it is now: the record's word for where it is, and what it is, is not taken.
 * `inPod`: the fault acts within the pod, which must then be the very one. Errors: as `KubeApi`.
 */
export async function objectionToTarget(
  api: KubeApi,
  { kind, name, uid, locator }: TargetRef,
  { inPod }: { readonly inPod: boolean },
): Promise<RecordError | null> {
  const { namespace, podUid = uid } = locator;
  // Whoever acts on a pod by the API does it by the target's name, whatever else the record says.
  const podName = kind === 'pod' && !inPod ? name : locator['pod'];
  if (typeof namespace !== 'string' || typeof podName !== 'string') {
    return inPod ? denied(`Target "${name}" names no pod. Plan again`) : null;
  }
  const pod = await api.get<Pod>({ group: '', version: 'v1', resource: 'pods', namespace }, podName);
  const where = `pod ${namespace}/${podName}`;
  if (pod === null || (inPod && pod.metadata.uid !== podUid)) {
    return {
      code: 'target/none',
      message: `${where} of the plan is ${pod === null ? 'gone' : 'another one by now'}. Plan again`,
    };
  }
  if (inPod && pod.spec.nodeName !== locator['node']) {
    return { code: 'target/none', message: `${where} is on node ${pod.spec.nodeName}, not ${locator['node']}. Plan again` };
  }
  if (isExcluded(pod)) {
    return denied(`${where} is excluded by its annotation ${excludeAnnotation}. Choose another, or ask who set it`);
  }
  if (inPod && pod.spec.hostNetwork === true) {
    return denied(`${where} has its node's network, and a fault in it would hit the whole node. Choose another pod`);
  }
  return null;
}

function denied(message: string): RecordError {
  return { code: 'policy/denied', message };
}

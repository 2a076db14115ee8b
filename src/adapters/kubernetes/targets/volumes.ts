import { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { Pod } from './objects.ts';

/**
 * What lies at a path of a container: `emptyDir`, `pvc`, another kind of volume by its name in the API, or `ephemeral` where
 * nothing is mounted and the container's own layer is written. Errors: `target/none` when there is no such container.
 */
export function volumeAt(pod: Pod, container: string | null, path: string): JsonObject {
  const found = pod.spec.containers.find(({ name }) => name === container);
  if (found === undefined) {
    const names = pod.spec.containers.map(({ name }) => name).join(', ');
    throw new AppError(
      'target/none',
      `pod ${pod.metadata.name} has ${container === null ? 'several containers and nothing says which is meant' : `no container ${container}`}. Name one of ${names} as container in the environment file`,
    );
  }
  const mount = (found.volumeMounts ?? [])
    .filter(({ mountPath }) => path === mountPath || path.startsWith(mountPath.endsWith('/') ? mountPath : `${mountPath}/`))
    .toSorted((a, b) => b.mountPath.length - a.mountPath.length)[0];
  if (mount === undefined) return { path, volume: 'ephemeral', readOnly: false };
  const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
  const readOnly = mount.readOnly ?? volume?.persistentVolumeClaim?.readOnly ?? false;
  const base = { path, volumeName: mount.name, mountPath: mount.mountPath, readOnly };
  if (volume?.emptyDir !== undefined) {
    const { medium, sizeLimit } = volume.emptyDir;
    return { ...base, volume: 'emptyDir', medium: medium ?? null, sizeLimit: sizeLimit ?? null };
  }
  if (volume?.persistentVolumeClaim !== undefined) {
    return { ...base, volume: 'pvc', claim: volume.persistentVolumeClaim.claimName };
  }
  return { ...base, volume: Object.keys(volume ?? {}).find((key) => key !== 'name') ?? 'unknown' };
}

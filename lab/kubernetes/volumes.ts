import { volumeManifest, volumesOf } from './config/volumes.ts';
import { applyManifests, kubectl } from './kubectl.ts';
import { runInNode } from './node-process.ts';
import { workers } from './topology.ts';

interface VolumeList {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly status: { readonly phase?: string } }[];
}

/** Empties the volumes whose claims are gone, and offers them again: nothing else does that for local volumes. */
export async function recycleVolumes(): Promise<void> {
  const { items } = JSON.parse(await kubectl('get', 'persistentvolumes', '-o', 'json')) as VolumeList;
  const released = new Set(items.filter(({ status }) => status.phase === 'Released').map(({ metadata }) => metadata.name));
  for (const volume of volumesOf(workers).filter(({ name }) => released.has(name))) {
    await kubectl('delete', 'persistentvolume', volume.name, '--wait');
    await runInNode(volume.worker, ['find', `/lab/volumes/${volume.folder}`, '-mindepth', '1', '-delete']);
    await applyManifests(volumeManifest(volume));
  }
}

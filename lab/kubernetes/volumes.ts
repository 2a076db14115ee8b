import { volumeManifest, volumesOf } from './config/volumes.ts';
import { applyManifests, kubectl } from './kubectl.ts';
import { runInNode } from './node-process.ts';
import { until } from './step.ts';
import { workers } from './topology.ts';

interface Volume {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly claimRef?: { readonly namespace: string } };
  readonly status: { readonly phase?: string };
}

/** Empties the volumes whose claims are gone, and offers them again: nothing else does that for local volumes. */
export async function recycleVolumes(): Promise<void> {
  await recycle((await readVolumes()).filter(isReleased));
}

/** Only those of a namespace that is going, once they are released. Whoever else recycles at the moment has others. */
export async function recycleVolumesOf(namespace: string): Promise<void> {
  const released = await until(`the release of the volumes of ${namespace}`, 60_000, async () => {
    const its = (await readVolumes()).filter(({ spec }) => spec.claimRef?.namespace === namespace);
    return its.every(isReleased) ? its : null;
  });
  await recycle(released);
}

const isReleased = ({ status }: Volume): boolean => status.phase === 'Released';

async function readVolumes(): Promise<readonly Volume[]> {
  return (JSON.parse(await kubectl('get', 'persistentvolumes', '-o', 'json')) as { readonly items: readonly Volume[] }).items;
}

async function recycle(released: readonly Volume[]): Promise<void> {
  const names = new Set(released.map(({ metadata }) => metadata.name));
  for (const volume of volumesOf(workers).filter(({ name }) => names.has(name))) {
    await kubectl('delete', 'persistentvolume', volume.name, '--wait');
    await runInNode(volume.worker, ['find', `/lab/volumes/${volume.folder}`, '-mindepth', '1', '-delete']);
    await applyManifests(volumeManifest(volume));
  }
}

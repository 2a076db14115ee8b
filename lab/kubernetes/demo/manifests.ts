import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubectl } from '../kubectl.ts';

const folder = join(import.meta.dirname, '../../../deploy/demo');

/** `light` is what an experiment needs at the least, `full` is all of it. */
export type Variant = 'light' | 'full';

/** An object as kustomize builds it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly template?: PodTemplate };
}

interface PodTemplate {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly name: string;
  readonly image: string;
}

const hashAnnotation = 'firedrill.dev/image-hashes';

export const variantFolder = (variant: Variant): string => (variant === 'full' ? folder : join(folder, 'overlays/light'));
/** payments-api, fraud-detector and load, in no namespace yet. */
export const shopFolder = join(folder, 'base/payments');

export async function buildManifests(directory: string): Promise<readonly Manifest[]> {
  return parseManifests(await kubectl('kustomize', directory));
}

export const parseManifests = (yaml: string): readonly Manifest[] =>
  parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);

/** Of all pods they make. */
export function imagesOf(manifests: readonly Manifest[]): readonly string[] {
  return [...new Set(manifests.flatMap(({ spec }) => (spec?.template === undefined ? [] : imagesIn(spec.template.spec))))].sort();
}

const imagesIn = ({ containers, initContainers = [] }: PodSpec): readonly string[] =>
  [...initContainers, ...containers].map(({ image }) => image);

/**
 * The same, with what is in each pod's images on its template: an image keeps its name when it changes, and pods would keep
 * the former one. `hashes` is by the image's name.
 */
export function withImageHashes(manifest: Manifest, hashes: ReadonlyMap<string, string>): Manifest {
  const template = manifest.spec?.template;
  if (template === undefined) return manifest;
  const made = [...new Set(imagesIn(template.spec).map((image) => hashes.get(image) ?? ''))].join(' ');
  const metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, [hashAnnotation]: made } };
  return { ...manifest, spec: { ...manifest.spec, template: { ...template, metadata } } };
}

/** What must roll out before the system is there: `deployment/name` and its like, with their namespace. */
export function workloadsOf(
  manifests: readonly Manifest[],
): readonly { readonly workload: string; readonly namespace: string }[] {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'];
  return manifests
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, metadata }) => ({
      workload: `${kind.toLowerCase()}/${metadata.name}`,
      namespace: metadata.namespace ?? 'default',
    }));
}

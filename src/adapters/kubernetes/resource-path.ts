import type { KubeCall, KubeResource } from '../../ports/kubernetes.ts';

/** The path of a collection, of an object in it, or of a part of that. */
export function resourcePath({ group, version, resource, namespace }: KubeResource, ...below: readonly string[]): string {
  const parts = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace !== undefined) parts.push('namespaces', namespace);
  return `/${[...parts, resource, ...below].map(encodeURIComponent).join('/')}`;
}

export function withQuery({ path, query = {} }: Pick<KubeCall, 'path' | 'query'>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

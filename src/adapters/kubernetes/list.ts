import type { Answer, CallOptions, KubeCall, KubeList, KubeObject, KubeResource, Selection } from '../../ports/kubernetes.ts';
import { metadataOnly } from './metadata-only.ts';
import { refusedRead } from './refusals.ts';
import { resourcePath } from './resource-path.ts';

const pageSize = 500;

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  /** An empty list of metadata has null here. */
  readonly items: readonly T[] | null;
}

/** Page after page. Pages that expire in between are asked for again, in one piece. */
export async function listAll<T extends KubeObject>(
  send: <T>(call: KubeCall) => Promise<Answer<T>>,
  server: string,
  resource: KubeResource,
  options: Selection & CallOptions = {},
): Promise<KubeList<T>> {
  const { labelSelector, fieldSelector, metadataOnly: partial = false, ...rest } = options;
  const path = resourcePath(resource);
  let items: T[] = [];
  let limit: string | undefined = String(pageSize);
  let next: string | undefined;
  for (;;) {
    const query = { labelSelector, fieldSelector, limit, continue: next };
    const accept = partial ? { accept: metadataOnly.ofList } : {};
    const answer: Answer<Page<T>> = await send({ method: 'GET', path, query, ...accept, ...rest });
    if (answer.ok) {
      items = items.concat(answer.object.items ?? []);
      next = answer.object.metadata.continue;
      if (next === undefined || next === '') return { items, resourceVersion: answer.object.metadata.resourceVersion };
    } else if (answer.status === 410 && limit !== undefined) {
      [items, limit, next] = [[], undefined, undefined];
    } else {
      const unknown = `it does not know ${resource.resource} of group "${resource.group}". Install what defines it first`;
      throw refusedRead(server, path, answer.status === 404 ? unknown : answer.message);
    }
  }
}

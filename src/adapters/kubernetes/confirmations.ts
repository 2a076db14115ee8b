import { AppError } from '../../domain/errors.ts';
import type { Confirmation, ConfirmationWord } from '../../domain/injection/confirmation.ts';
import type { Read } from '../../ports/injections.ts';
import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import { parseRecord } from '../records/parse.ts';
import { confirmationSchema } from '../records/schemas.ts';
import { confirmationKey, objectName } from './record-names.ts';
import type { Watched } from './watched.ts';

/** An agent writes its status in between, and more than once: each time it is looked again whether somebody was first. */
const mostTries = 10;

/** What people say, in annotations of its injection: the agent's watch brings them without a request. */
export function createConfirmations(api: KubeApi, injections: KubeResource, watched: Watched) {
  return {
    async read(id: string, word: ConfirmationWord): Promise<Read<Confirmation> | null> {
      const object = (await watched.read()).get(id);
      return object === undefined ? null : confirmationOf(object, word);
    },
    async write(confirmation: Confirmation): Promise<Read<Confirmation>> {
      const { id, word, by, at } = confirmation;
      for (let tries = 1; ; tries += 1) {
        const object = await api.get(injections, objectName(id));
        if (object === null) throw new AppError('run/not-found', `there is no injection "${id}" to confirm`);
        const before = confirmationOf(object, word);
        if (before !== null) return before;
        const { resourceVersion } = object.metadata;
        const annotations = { [confirmationKey(word)]: JSON.stringify({ by, at }) };
        const metadata = { ...(resourceVersion === undefined ? {} : { resourceVersion }), annotations };
        const patched = await api.patch(injections, id, { type: 'merge', body: { metadata } });
        if (patched.ok) return confirmation;
        if (patched.status === 409 && tries < mostTries) continue;
        throw new AppError('upstream/refused', `"${id}" was not confirmed: ${patched.message}`);
      }
    },
  };
}

function confirmationOf({ metadata: { name: id, annotations } }: KubeObject, word: ConfirmationWord): Read<Confirmation> | null {
  const key = confirmationKey(word);
  const text = annotations?.[key];
  if (text === undefined) return null;
  return parseRecord(
    confirmationSchema,
    { ...saidIn(text), schemaVersion: 1, id, word },
    { id, where: `injection ${id}, ${key}` },
  );
}

/** What is no object says nothing: the schema then says what is missing. */
function saidIn(text: string): object {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null ? said : {};
  } catch {
    return {};
  }
}

import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Refusal } from '../../ports/kubernetes.ts';

/** The server's `Status` object, as far as we use it. */
const statusSchema = z.object({
  reason: z.string().catch(''),
  message: z.string().catch(''),
  details: z.object({ causes: z.array(z.object({ reason: z.string().catch('') })).catch([]) }).catch({ causes: [] }),
});

export interface Refused {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** What an answer that is not a success means: a refusal that the caller decides about, or the error that is thrown. */
export function refusalOf(refused: Refused): Refusal | AppError {
  const { reason, message, details } = parse(refused.body);
  const { status } = refused;
  const held = details.causes.some((cause) => cause.reason === 'DisruptionBudget');
  if (status === 404 || status === 409 || status === 410 || status === 422 || (status === 429 && held)) {
    return { ok: false, status, reason, message };
  }
  if (status === 401) return unknownHere(refused, message);
  if (status === 403) return forbidden(refused, message);
  const said = `${refused.method} ${refused.path}: the API server ${refused.server} answered ${status}: ${message || reason}`;
  if (status === 429 || status >= 500) {
    return new AppError('upstream/unreachable', `${said}. It is overloaded, starting or ill: try again, then look at its log`);
  }
  return new AppError('upstream/refused', `${said}. Check that this server knows what was sent`);
}

function unknownHere({ server, method, path }: Refused, message: string): AppError {
  return new AppError(
    'cluster/forbidden',
    `${method} ${path}: the API server ${server} does not accept these credentials (${message || 'Unauthorized'}). ` +
      'Renew the token or certificate, or name another context',
  );
}

const rbac =
  /User "(?<user>[^"]+)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;

/** Names who may not do what where, and what to grant; what an admission rule forbids is not a matter of rights. */
function forbidden({ method, path }: Refused, message: string): AppError {
  const found = rbac.exec(message)?.groups;
  if (found === undefined) {
    return new AppError(
      'cluster/forbidden',
      `${method} ${path}: a rule of the cluster forbids it: ${message}. Ask who runs the cluster`,
    );
  }
  const { user = '', verb = '', resource = '', group = '', namespace } = found;
  const where = namespace === undefined ? 'the whole cluster' : `namespace "${namespace}"`;
  return new AppError(
    'cluster/forbidden',
    `"${user}" may not ${verb} ${resource} in ${where}. Grant it with a ${namespace === undefined ? 'ClusterRole' : 'Role'}: ` +
      `apiGroups ["${group}"], resources ["${resource}"], verbs ["${verb}"]`,
    { details: { user, verb, resource, group, namespace: namespace ?? null } },
  );
}

function parse(body: string): z.infer<typeof statusSchema> {
  try {
    const parsed = statusSchema.safeParse(JSON.parse(body));
    if (parsed.success) return parsed.data;
  } catch {
    // Not the API server but something in front of it.
  }
  return { reason: '', message: body.slice(0, 300), details: { causes: [] } };
}

export function unreachable(server: string, what: string, problem: string, cause: unknown): AppError {
  return new AppError(
    'upstream/unreachable',
    `${what}: the API server ${server} could not be used: ${problem}. Check that it runs and can be reached from here`,
    { cause },
  );
}

export function refusedRead(server: string, path: string, message: string): AppError {
  return new AppError('upstream/refused', `GET ${path}: the API server ${server} refused: ${message}`);
}

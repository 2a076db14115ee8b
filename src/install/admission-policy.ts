import { partOf } from './names.ts';
import type { Manifest } from './options.ts';

/** What must be true of a request: an expression in CEL, and what is said when it is not, as text or as an expression too. */
export type Demand = { readonly expression: string } & ({ readonly message: string } | { readonly messageExpression: string });

export interface AdmissionRules {
  /** Of objects in these namespaces, or in all but one, or with these labels. */
  readonly of:
    | { readonly namespaces: readonly string[] }
    | { readonly namespacesBut: string }
    | { readonly labels: Readonly<Record<string, string>> };
  readonly resources: readonly {
    readonly group: string;
    readonly resources: readonly string[];
    readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  }[];
  /** Whose requests: a user's name. Absent: everybody's. */
  readonly user?: string;
  /** Expressions by the name under which the demands know them. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly demands: readonly Demand[];
  /** Asked once for each injection of this namespace, which the demands know as `params`. Absent: once, and for none. */
  readonly injectionsIn?: string;
}

/** Rules of the API server itself, which hold also for those whose roles would let them. It denies what it cannot judge. */
export function admissionPolicy(name: string, rules: AdmissionRules): readonly Manifest[] {
  const { of, resources, user, variables = {}, demands, injectionsIn } = rules;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name, labels: partOf };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        ...(injectionsIn === undefined ? {} : { paramKind: { apiVersion: 'firedrill.dev/v1', kind: 'Injection' } }),
        matchConstraints: {
          ...selectorsOf(of),
          resourceRules: resources.map(({ group, resources, operations }) => ({
            apiGroups: [group],
            apiVersions: ['v1'],
            resources,
            operations,
          })),
        },
        ...(user === undefined
          ? {}
          : { matchConditions: [{ name: 'user', expression: `request.userInfo.username == "${user}"` }] }),
        variables: Object.entries(variables).map(([name, expression]) => ({ name, expression })),
        validations: demands.map((demand) => ({ ...demand, reason: injectionsIn === undefined ? 'Forbidden' : 'Invalid' })),
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        ...(injectionsIn === undefined
          ? {}
          : { paramRef: { namespace: injectionsIn, selector: {}, parameterNotFoundAction: 'Allow' } }),
      },
    },
  ];
}

function selectorsOf(of: AdmissionRules['of']): object {
  if ('labels' in of) return { objectSelector: { matchLabels: of.labels } };
  const named = (operator: 'In' | 'NotIn', values: readonly string[]): object => ({
    namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values }] },
  });
  return 'namespaces' in of ? named('In', of.namespaces) : named('NotIn', [of.namespacesBut]);
}

/** As the API server knows a service account. */
export function accountName(name: string, namespace: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

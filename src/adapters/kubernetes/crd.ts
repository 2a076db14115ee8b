import { phases, terminalPhases } from '../../domain/injection/records.ts';
import { group } from './record-names.ts';

/** Structural schema as the API server takes it. */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const time: Schema = { type: 'string', format: 'date-time' };
/** JSON that the fault defines, and its schema checks. */
const free: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const object = (properties: Schema, required: readonly string[]): Schema => ({ type: 'object', properties, required });
const rule = (rule: string, message: string): Schema => ({ rule, message });

const target = object({ kind: text, service: text, name: text, uid: text, locator: free }, [
  'kind',
  'service',
  'name',
  'uid',
  'locator',
]);

const injectionSpec = object(
  {
    schemaVersion: integer,
    runId: text,
    environment: text,
    stage: integer,
    fault: text,
    agent: text,
    params: free,
    target,
    deadline: time,
    leaseSeconds: { type: 'number', exclusiveMinimum: true, minimum: 0 },
  },
  ['schemaVersion', 'runId', 'environment', 'stage', 'fault', 'params', 'target', 'deadline', 'leaseSeconds'],
);

const injectionStatus = {
  ...object(
    {
      schemaVersion: integer,
      phase: { ...text, enum: phases },
      undo: object({ secret: text, sha256: text }, ['secret', 'sha256']),
      armingAt: time,
      armedAt: time,
      lastAbsentAt: time,
      activeAt: time,
      verifiedAt: time,
      revertStartedAt: time,
      revertedAt: time,
      revertVerifiedAt: time,
      cause: text,
      evidence: free,
      revertEvidence: free,
      error: object({ code: text, message: text }, ['code', 'message']),
      agent: object({ name: text, version: text, pid: integer }, ['name', 'version', 'pid']),
    },
    ['schemaVersion', 'phase'],
  ),
  'x-kubernetes-validations': [
    rule(
      `!(oldSelf.phase in [${terminalPhases.map((phase) => `'${phase}'`).join(', ')}]) || self.phase == oldSelf.phase`,
      'an injection that has ended stays ended',
    ),
  ],
};

/** A record that was taken away by force comes back with a status alone, so a spec may be missing; it never changes. */
const injection = {
  type: 'object',
  properties: { spec: injectionSpec, status: injectionStatus },
  'x-kubernetes-validations': [
    rule(
      'has(self.spec) == has(oldSelf.spec) && (!has(self.spec) || self.spec == oldSelf.spec)',
      'the spec of an injection never changes',
    ),
  ],
};

const permitSpec = {
  ...object(
    { schemaVersion: integer, generation: integer, renewal: integer, releasedStage: integer, freeze: flag, revert: flag },
    ['schemaVersion', 'generation', 'renewal', 'releasedStage', 'freeze', 'revert'],
  ),
  'x-kubernetes-validations': [
    rule('!oldSelf.revert || self.revert', 'a permit that has said revert says so for good'),
    rule('self.generation >= oldSelf.generation', 'a newer watcher holds this permit'),
  ],
};

const column = (name: string, type: 'string' | 'date' | 'integer' | 'boolean', jsonPath: string): Schema => ({
  name,
  type,
  jsonPath,
});

const crds = {
  injections: {
    kind: 'Injection',
    shortNames: ['inj'],
    schema: injection,
    subresources: { status: {} },
    columns: [
      column('Run', 'string', '.spec.runId'),
      column('Fault', 'string', '.spec.fault'),
      column('Target', 'string', '.spec.target.name'),
      column('Phase', 'string', '.status.phase'),
      column('Age', 'date', '.metadata.creationTimestamp'),
      column('Deadline', 'string', '.spec.deadline'),
    ],
  },
  permits: {
    kind: 'Permit',
    shortNames: [],
    schema: object({ spec: permitSpec }, ['spec']),
    subresources: undefined,
    columns: [
      column('Generation', 'integer', '.spec.generation'),
      column('Renewal', 'integer', '.spec.renewal'),
      column('Stage', 'integer', '.spec.releasedStage'),
      column('Freeze', 'boolean', '.spec.freeze'),
      column('Revert', 'boolean', '.spec.revert'),
      column('Age', 'date', '.metadata.creationTimestamp'),
    ],
  },
};

/** The CustomResourceDefinitions, by the file name that they have under deploy/crd. */
export const customResources: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(crds).map(([plural, { kind, shortNames, schema, subresources, columns }]) => [
    plural,
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural, singular: kind.toLowerCase(), kind, ...(shortNames.length === 0 ? {} : { shortNames }) },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: schema },
            ...(subresources === undefined ? {} : { subresources }),
            additionalPrinterColumns: columns,
          },
        ],
      },
    },
  ]),
);

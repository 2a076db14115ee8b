/** Labels that say how a request ended: the most telling first. */
export const failureLabels: readonly string[] = [
  'code',
  'status_code',
  'http_response_status_code',
  'http_status_code',
  'response_code',
  'status',
  'http_status',
  'status_class',
  'envoy_response_code_class',
  'grpc_code',
  'grpc_status',
  'rpc_response_status_code',
  'rpc_grpc_status_code',
  'outcome',
  'result',
  'error',
  'failed',
  'success',
];

/** How failures are told apart by one label. */
export interface Failure {
  /** A matcher, such as `code=~"5.."`. */
  readonly matcher: string;
  /** What it takes for a failure, for people. */
  readonly means: string;
}

const serverFaults = ['Unknown', 'DeadlineExceeded', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss'];
const otherCodes = ['OK', 'Canceled', 'InvalidArgument', 'NotFound', 'AlreadyExists', 'PermissionDenied'];
const moreCodes = ['ResourceExhausted', 'FailedPrecondition', 'Aborted', 'OutOfRange', 'Unauthenticated'];
const upperSnake = (name: string): string => (name === 'OK' ? name : name.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase());
const grpcNames = [...serverFaults, ...otherCodes, ...moreCodes];
const bad = /^(errors?|fail(ed|ures?)?|timeout|exception|unavailable|server_error|5xx)$/i;
const good = /^(ok|success(ful)?|succeeded|redirection|informational|client_error)$/i;

/** One line per way to write how a request ended. `fits` holds for every value; a service that never failed shows only good ones. */
const conventions: readonly {
  readonly fits: (value: string, label: string) => boolean;
  readonly failure: (label: string, values: readonly string[]) => Failure | null;
}[] = [
  {
    fits: (value) => /^([1-5]\d\d|[1-5]xx|0|)$/i.test(value),
    failure: (label, values) =>
      values.some((value) => value.length === 3) ? { matcher: `${label}=~"5.."`, means: 'HTTP status 500 to 599' } : null,
  },
  {
    fits: (value, label) => label.endsWith('_class') && /^[1-5]$/.test(value),
    failure: (label) => ({ matcher: `${label}="5"`, means: 'HTTP status 500 to 599' }),
  },
  {
    fits: (value) => grpcNames.includes(value),
    failure: (label) => ({ matcher: `${label}=~"${serverFaults.join('|')}"`, means: 'gRPC codes that are the server’s fault' }),
  },
  {
    fits: (value) => grpcNames.map(upperSnake).includes(value),
    failure: (label) => ({
      matcher: `${label}=~"${serverFaults.map(upperSnake).join('|')}"`,
      means: 'gRPC codes that are the server’s fault',
    }),
  },
  {
    fits: (value, label) => /grpc|rpc/.test(label) && /^\d{1,2}$/.test(value),
    failure: (label) => ({ matcher: `${label}=~"2|4|12|13|14|15"`, means: 'gRPC codes that are the server’s fault' }),
  },
  {
    fits: (value) => /^(true|false)$/.test(value),
    failure: (label) =>
      label === 'error' || label === 'failed'
        ? { matcher: `${label}="true"`, means: `${label} is true` }
        : label === 'success'
          ? { matcher: `${label}="false"`, means: 'success is false' }
          : null,
  },
  {
    fits: () => true,
    failure: (label, values) => {
      const failed = values.filter((value) => bad.test(value));
      const well = values.filter((value) => good.test(value));
      if (failed.length > 0) return { matcher: `${label}${anyOf(failed)}`, means: `${label} is ${failed.join(' or ')}` };
      if (well.length === 0 || well.length < values.length) return null;
      return { matcher: `${label}!${anyOf(well)}`.replace('!=~', '!~'), means: `${label} is not ${well.join(' or ')}` };
    },
  },
];

/** How a metric tells failures by these labels and their values now; null when none of them says how a request ended. */
export function failureOf(labels: Readonly<Record<string, readonly string[]>>): Failure | null {
  for (const label of failureLabels) {
    const values = labels[label] ?? [];
    if (values.length === 0) continue;
    const convention = conventions.find(({ fits }) => values.every((value) => fits(value, label)));
    const failure = convention?.failure(label, values) ?? null;
    if (failure !== null) return failure;
  }
  return null;
}

function anyOf(values: readonly string[]): string {
  return values.length === 1 ? `="${values[0] ?? ''}"` : `=~"${values.join('|')}"`;
}

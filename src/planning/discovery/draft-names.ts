/** How the drafted files name each other. */
export interface DraftNames {
  readonly hypothesis: string;
  readonly slo: string;
  readonly experiment: string;
  /** In the environment and the agent's policy: a part's name. */
  readonly service: string;
}

/** The name of the environment that is written: this machine. */
export const environmentName = 'local';
export const environmentPath = `environments/${environmentName}.yaml`;
export const policyPath = `environments/${environmentName}.policy.json`;

/** Names have room for what is put behind the service. */
const longest = 40;

export function namesFor(service: string): DraftNames {
  const words = service.toLowerCase().match(/[a-z0-9]+/g) ?? ['service'];
  const base = words.join('-').slice(0, longest).replace(/-$/, '');
  return {
    service: base,
    hypothesis: `${base}-survives-lost-process`,
    slo: `${base}-availability`,
    experiment: `${base}-process-kill`,
  };
}

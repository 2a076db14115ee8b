import { readPolicy } from '../adapters/host/policy-file.ts';
import { AppError } from '../domain/errors.ts';

/** Refuses a policy that the agent of this environment could not go by. Errors: `spec/not-found`, `spec/invalid`. */
export async function checkPolicy(path: string, environment: string): Promise<void> {
  const policy = await readPolicy(path);
  if (policy.environment === environment) return;
  throw new AppError(
    'spec/invalid',
    `the agent's policy ${path} is for environment "${policy.environment}", and this is "${environment}": it would refuse everything. Give the policy of ${environment}, or correct its environment`,
  );
}

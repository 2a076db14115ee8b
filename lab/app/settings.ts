/** A setting of a demo service, from its environment. Throws when it is not there: the supervisor sets all of them. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

/** A setting of a demo service, from its environment. Throws when it is not there: whoever starts a service sets all of them. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

/** Where a demo service listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** HOST and PORT: 127.0.0.1 and a free port on a host, every address of the pod and a port of its own on Kubernetes. */
export function listenAddress(): ListenAddress {
  return { host: setting('HOST'), port: Number(setting('PORT')) };
}

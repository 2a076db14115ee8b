/** A TCP end, as `IPv4:PORT` is read. */
export type HostPort = {
  readonly host: string;
  readonly port: number;
};

export function hostPortOf(text: string): HostPort {
  const [host = '', port = ''] = text.split(':');
  return { host, port: Number(port) };
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Pair } from './pki.ts';

/** What a client that trusts `root` alone says of a server at `port`: `ok`, or the code of its refusal (`CERT_HAS_EXPIRED`). */
export async function handshake(at: { readonly host: string; readonly port: number }, root: string): Promise<string> {
  const socket = connect({ ...at, ca: root, servername: 'web.example.test', timeout: 3000 });
  try {
    return await new Promise<string>((resolve) => {
      socket.once('secureConnect', () => resolve('ok'));
      socket.once('timeout', () => resolve('timeout'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    socket.destroy();
  }
}

/** The same of a server of our own with that certificate and key. */
export async function handshakeWith({ certificate, key }: Pair, root: string): Promise<string> {
  const server = createServer({ cert: certificate, key });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await handshake({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, root);
  } finally {
    server.close();
  }
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A service that answers at once. Prints its address when it listens.
const server = createServer((_request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${(server.address() as AddressInfo).port}`));

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

/** `node replica.ts PORT PIDFILE`: a service that does nothing but answer, to be frozen. */
const [port, pidFile] = process.argv.slice(2);
createServer((_request, response) => response.end('ok')).listen(Number(port), '127.0.0.1', () =>
  writeFileSync(String(pidFile), `${process.pid}\n`),
);

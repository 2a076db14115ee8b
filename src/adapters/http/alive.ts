import { createServer } from 'node:http';

/**
 * Answers whoever asks whether this process lives: one that stands still does not, and is started again. `metrics`: what is said at
 * `/metrics`; null when there are none.
 */
export function answerAlive(port: number, metrics: (() => Promise<string>) | null): void {
  createServer((request, response) => {
    if (request.url !== '/metrics') return void response.end('alive\n');
    if (metrics === null) return void response.writeHead(404).end();
    void metrics().then((text) =>
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
    );
  })
    .listen(port)
    .unref();
}

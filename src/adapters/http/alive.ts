import { createServer } from 'node:http';

/** Answers whoever asks whether this process lives: one that stands still does not, and is started again. */
export function answerAlive(port: number): void {
  createServer((_request, response) => response.end('alive\n'))
    .listen(port)
    .unref();
}

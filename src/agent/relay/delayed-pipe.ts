import type { Socket } from 'node:net';

/** More than this waiting in one direction pauses the sender, as a full network would. */
const maxWaitingBytes = 16 * 1024 * 1024;

interface Waiting {
  readonly passAt: number;
  /** null: the sender has ended. */
  readonly chunk: Buffer | null;
}

/** When a chunk of that size may pass, and the largest piece that passes in one go (null: any). */
export interface Schedule {
  passAt(bytes: number, previous: number): number;
  pieceBytes(): number | null;
}

/** Moves bytes from one socket to another, each chunk not before its time and never out of order. */
export class DelayedPipe {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #schedule: Schedule;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #lastPassAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(source: Socket, sink: Socket, schedule: Schedule) {
    this.#source = source;
    this.#sink = sink;
    this.#schedule = schedule;
    source.on('data', (chunk) => this.#takeInPieces(Buffer.from(chunk)));
    source.on('end', () => this.#take(null));
    sink.on('drain', () => this.#resumeSource());
    sink.on('close', () => this.#stop());
  }

  /** What still waits passes at once: the delay has ended. */
  flush(): void {
    this.#lastPassAt = 0;
    this.#pass(Number.POSITIVE_INFINITY);
  }

  #takeInPieces(chunk: Buffer): void {
    const size = this.#schedule.pieceBytes() ?? chunk.length;
    for (let at = 0; at < chunk.length; at += size) this.#take(chunk.subarray(at, at + size));
  }

  #take(chunk: Buffer | null): void {
    this.#lastPassAt = this.#schedule.passAt(chunk?.length ?? 0, this.#lastPassAt);
    this.#waiting.push({ passAt: this.#lastPassAt, chunk });
    this.#waitingBytes += chunk?.length ?? 0;
    if (this.#waitingBytes > maxWaitingBytes) this.#source.pause();
    this.#pass(performance.now());
  }

  #pass(until: number): void {
    for (let next = this.#waiting[0]; next !== undefined && next.passAt <= until; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#waitingBytes -= next.chunk?.length ?? 0;
      if (this.#sink.destroyed) continue;
      if (next.chunk === null) this.#sink.end();
      else if (!this.#sink.write(next.chunk)) this.#source.pause();
    }
    this.#resumeSource();
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const next = this.#waiting[0];
    this.#timer =
      next === undefined || next.passAt === Number.POSITIVE_INFINITY
        ? null
        : setTimeout(() => this.#pass(performance.now()), Math.max(1, Math.ceil(next.passAt - performance.now())));
  }

  #resumeSource(): void {
    if (!this.#sink.writableNeedDrain && this.#waitingBytes <= maxWaitingBytes) this.#source.resume();
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

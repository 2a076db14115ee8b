/** What is asked in a DNS message, as far as it is needed to answer or to pass it on (RFC 1035, section 4). */
export interface Question {
  readonly id: number;
  /** Without the last dot, in lower case. */
  readonly name: string;
  /** The first 12 bytes and the first question, as they came. */
  readonly header: Buffer;
  readonly question: Buffer;
}

export const responseCodes = { servfail: 2, nxdomain: 3 } as const;

const headerBytes = 12;
const isResponse = 0x80_00;
const recursionAvailable = 0x00_80;
/** Opcode and "recursion desired" of the query are said again. */
const repeated = 0x79_00;

/** null for what is no message with exactly one question in plain labels: that is passed on as it is. */
export function readQuestion(message: Buffer): Question | null {
  if (message.length < headerBytes || message.readUInt16BE(4) !== 1) return null;
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = message[at]; length !== 0; length = message[at]) {
    // 64 and more: a pointer, which no first question has.
    if (length === undefined || length > 63 || at + 1 + length > message.length) return null;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > message.length) return null;
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    header: message.subarray(0, headerBytes),
    question: message.subarray(headerBytes, end),
  };
}

/** An answer without records: only its code. */
export function refusalOf({ header, question }: Question, code: keyof typeof responseCodes): Buffer {
  const answer = Buffer.alloc(headerBytes);
  answer.writeUInt16BE(header.readUInt16BE(0), 0);
  answer.writeUInt16BE(isResponse | (header.readUInt16BE(2) & repeated) | recursionAvailable | responseCodes[code], 2);
  answer.writeUInt16BE(1, 4);
  return Buffer.concat([answer, question]);
}

/** Over TCP each message has its length before it. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Takes whole messages off the front of what has come so far. */
export function takeFrames(bytes: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (at + 2 <= bytes.length && at + 2 + bytes.readUInt16BE(at) <= bytes.length) {
    const end = at + 2 + bytes.readUInt16BE(at);
    messages.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return { messages, rest: bytes.subarray(at) };
}

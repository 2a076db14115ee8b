import { spawn } from 'node:child_process';
import { messageOf } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { HelperProcess } from '../../faults/fault.ts';
import { helperProgram } from '../../helper-program.ts';
import { converse } from './conversation.ts';
import { readMessages, writeMessage } from './message-lines.ts';
import { graceMs, type HelperWay } from './helper-way.ts';

/**
 * A helper of ours as a child of this process. `through`: a command that becomes the helper's own process, such as `nsenter …`.
 * Errors: `part/died`.
 */
export function startHelper(name: string, config: JsonObject, through: readonly string[] = []): Promise<HelperProcess> {
  return converse(name, startChild(name, through), config);
}

/** It ends when our pipe to it closes, so it cannot outlive us. */
export function startChild(name: string, through: readonly string[] = []): HelperWay {
  const [program = process.execPath, ...before] = [...through, process.execPath];
  const child = spawn(program, [...before, '--no-warnings', helperProgram(name)], {
    detached: true, // a Ctrl-C in the agent's terminal must reach the agent, which reverts, and not the helper
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let lastWords = '';
  const said = (words: string): void => void (lastWords = (lastWords + words).slice(-2000));
  child.stderr.on('data', (chunk: Buffer) => said(chunk.toString('utf8')));
  child.stdin.on('error', () => {}); // a helper that has died is reported by `ended`, not by its pipe
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', () => resolve(lastWords.trim()));
  });

  const end = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
  };

  return {
    send: (message) => writeMessage(child.stdin, message),
    onMessage: (listener) =>
      readMessages(child.stdout, (message) => {
        if (message !== null) return listener(message);
        said('it said what is no message');
        child.kill('SIGKILL');
      }),
    end,
    ended,
  };
}

import type { HostTools } from '../../faults/fault.ts';
import { runCommand } from './commands.ts';
import { allocateFile, readText, realPath, removeFile, shrinkFile, spaceOf, statFile } from './files.ts';
import { startHelper } from './helper-process.ts';
import { isAlive, readProcess, signalProcess } from './processes.ts';
import { sendRequest } from './requests.ts';
import { askSocket } from './sockets.ts';

/** What an agent on a host lends to its faults. */
export function createHostTools(): HostTools {
  return {
    run: runCommand,
    signal: signalProcess,
    isAlive,
    readProcess,
    startHelper,
    askSocket,
    http: sendRequest,
    files: {
      realPath,
      readText,
      space: spaceOf,
      stat: statFile,
      allocate: allocateFile,
      shrink: shrinkFile,
      remove: removeFile,
    },
    isRoot: process.getuid?.() === 0,
  };
}

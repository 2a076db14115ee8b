import type { HostTools } from '../../faults/fault.ts';
import { commandRunner, type Programs } from './commands.ts';
import {
  allocateFile,
  makeDirectory,
  readText,
  realPath,
  removeDirectory,
  removeFile,
  shrinkFile,
  spaceOf,
  statFile,
  timeWrite,
} from './files.ts';
import { startHelper } from './helper-process.ts';
import { isAlive, readProcess, signalProcess } from './processes.ts';
import { sendRequest } from './requests.ts';
import { askSocket } from './sockets.ts';

/** What an agent on a host lends to its faults. `programs`: where a command is that is not on the PATH. */
export function createHostTools(programs: Programs = {}): HostTools {
  return {
    run: commandRunner(programs),
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
      makeDirectory,
      removeDirectory,
      timeWrite,
    },
    isRoot: process.getuid?.() === 0,
  };
}

import type { HostTools } from '../../faults/fault.ts';
import { startHelper } from '../helpers/helper-child.ts';
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
import { isAlive, readProcess, signalProcess } from './processes.ts';
import { sendRequest } from './requests.ts';
import { askSocket } from './sockets.ts';

/** What an agent lends to its faults. `programs`: where a command is that is not on the PATH. `helpers`: who starts them; we ourselves. */
export function createHostTools(programs: Programs = {}, helpers: HostTools['startHelper'] = startHelper): HostTools {
  return {
    run: commandRunner(programs),
    signal: signalProcess,
    isAlive,
    readProcess,
    startHelper: (name, config) => helpers(name, config),
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

import { join } from 'node:path';
import { isAlive } from '../../host/process-identity.ts';
import { readStackRecord } from '../../host/stack-record.ts';
import { startStack, stopStack } from '../../host/stack.ts';
import type { Report } from '../step.ts';

/** A host stack with Temporal alone: the product's worker runs outside of the cluster, and so does what it needs. */
const stackFolder = (directory: string): string => join(directory, 'temporal');

/** Its address; started when it is not there. */
export async function demoTemporal(directory: string, report: Report): Promise<string> {
  const part = readStackRecord(stackFolder(directory))?.parts.find(isAlive);
  if (part !== undefined) return part.address;
  await endTemporal(directory, () => {});
  const stack = await startStack({ directory: stackFolder(directory), parts: ['temporal'], report });
  return `127.0.0.1:${stack.ports.temporal}`;
}

export async function endTemporal(directory: string, report: Report): Promise<void> {
  await stopStack({ directory: stackFolder(directory), report });
}

import { existsSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { startNode } from '../../lab/kubernetes/boot.ts';
import { kubectl } from '../../lab/kubernetes/kubectl.ts';
import { killNode, nodeInit, runInNode } from '../../lab/kubernetes/node-process.ts';
import { eventually } from '../lab/eventually.ts';

const node = 'w3';

afterAll(() => startNode(node));

const readiness = (): Promise<string> =>
  kubectl('get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');

test('a node without power is seen to be gone, and comes back with its disks and nothing of its former life', async () => {
  await runInNode(node, ['touch', '/var/lib/kubelet/of-a-former-life', '/run/of-a-former-life']);
  const init = nodeInit(node);
  await killNode(node);
  expect(nodeInit(node)).toBeNull();
  expect(existsSync(`/proc/${init}/ns/net`)).toBe(false);
  await eventually(async () => expect(await readiness()).toBe('Unknown'), 40_000);

  await startNode(node);
  await eventually(async () => expect(await readiness()).toBe('True'), 40_000);
  const files = await runInNode(node, ['find', '/var/lib/kubelet/of-a-former-life', '/run', '-name', 'of-a-former-life']);
  expect(files).toBe('/var/lib/kubelet/of-a-former-life\n');
  await runInNode(node, ['rm', '/var/lib/kubelet/of-a-former-life']);
}, 120_000);

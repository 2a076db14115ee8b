import { recordResources } from '../../../src/adapters/kubernetes/record-names.ts';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { Confirmation, ConfirmationWord } from '../../../src/domain/injection/confirmation.ts';
import { isCorrupt } from '../../../src/ports/injections.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { specOf } from '../../agent/records.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import type { Subject } from '../../faults/fault-contract.ts';
import { applyRecordKinds } from '../drill-namespace.ts';
import { core, openSandbox } from './cluster.ts';

/** A person who does in the cluster what is asked, and says so in the annotations of a real record, read through a real watch. */
faultContract('manual', async (): Promise<Subject> => {
  const sandbox = await openSandbox();
  const { api, namespace, tools } = sandbox;
  await applyRecordKinds(api);
  const configMaps = { ...core, resource: 'configmaps', namespace };
  const made = await sandbox.make({ ...core, resource: 'configmaps' }, { metadata: { name: 'pool' }, data: { member: 'in' } });
  const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
  const spec = specOf({ fault: 'manual' });
  await store.writeSpec(spec);

  let before: ConfirmationWord | null = null;
  const person = async (word: ConfirmationWord): Promise<void> => {
    const member = word === 'injected' ? 'out' : 'in';
    await api.patch(configMaps, 'pool', { type: 'merge', body: { data: { member } } });
    await store.writeConfirmation({ schemaVersion: 1, id: spec.id, word, by: 'ann', at: new Date().toISOString() });
  };
  return {
    target: {
      kind: 'config',
      service: 'web',
      name: 'pool',
      uid: made.metadata.uid ?? '',
      locator: { namespace, apiVersion: 'v1', resource: 'configmaps', name: 'pool' },
    },
    params: { instruction: 'Take it out of the pool', revertInstruction: 'Put it back', within: '15s' },
    lent: {
      cluster: tools,
      async confirmation(word): Promise<Confirmation | null> {
        // Whoever looks whether it came looks whether it went, too: the way back is gone when nothing else is looked for.
        if (word === 'injected' || before === word) await person(word);
        before = word;
        const read = await store.readConfirmation(spec.id, word);
        return read === null || isCorrupt(read) ? null : read;
      },
    },
    broken: async () => (await api.get(configMaps, 'pool'))?.data?.['member'] === 'out',
    async dispose() {
      store.close();
      const body = { metadata: { finalizers: null } };
      await api.patch(recordResources(namespace).injections, spec.id, { type: 'merge', body });
      await sandbox.dispose();
    },
  };
});

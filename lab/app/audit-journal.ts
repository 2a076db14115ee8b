import { appendFile, rename, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Gauge, type Registry } from 'prom-client';

const ROTATE_BYTES = 1024 * 1024;
const LINES_BETWEEN_CHECKS = 500;

/** The append-only journal that every payment must reach. Throws when its volume is full or gone. */
export interface AuditJournal {
  append(line: object): Promise<void>;
  /** 0..1 of the volume, as an unprivileged writer sees it. */
  usedRatio(): Promise<number>;
}

export function createAuditJournal(path: string, registry: Registry): AuditJournal {
  let lines = 0;

  async function usedRatio(): Promise<number> {
    const volume = await statfs(dirname(path));
    return volume.blocks === 0 ? 0 : 1 - volume.bavail / volume.blocks;
  }

  new Gauge({
    name: 'audit_volume_used_ratio',
    help: 'How full the audit volume is, 0 to 1.',
    labelNames: ['volume'],
    registers: [registry],
    async collect() {
      this.set({ volume: 'journal' }, await usedRatio());
    },
  });

  return {
    usedRatio,
    async append(line) {
      lines += 1;
      // The lab's volume is small: two generations are kept, so that only a fault can fill it.
      if (lines % LINES_BETWEEN_CHECKS === 0 && (await stat(path)).size > ROTATE_BYTES) await rename(path, `${path}.1`);
      await appendFile(path, `${JSON.stringify(line)}\n`);
    },
  };
}

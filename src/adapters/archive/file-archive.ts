import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { Sample } from '../../domain/measure/sample.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import type { RunRecord, TimelineEvent } from '../../domain/run-record.ts';
import type { Delivery } from '../../ports/alerts.ts';
import type { Archive } from '../../ports/archive.ts';
import { gameDayPlanFile } from './file-game-days.ts';
import { appendLines, readSegments } from './jsonl.ts';

/** One folder per run. Every process appends to segments of its own, so two workers never write one file. */
export function createFileArchive(directory: string): Archive {
  const segment = randomUUID().slice(0, 8);
  const folder = (runId: string) => join(directory, runId);

  const append = async (path: string, values: readonly unknown[]) => {
    try {
      await mkdir(dirname(path), { recursive: true });
      await appendLines(path, values);
    } catch (error) {
      throw new AppError(
        'archive/failed',
        `cannot write ${path}: ${messageOf(error)}. Free space there; the run is not affected`,
        { cause: error },
      );
    }
  };

  return {
    async begin(runId, plan) {
      await writeJson(join(folder(runId), 'plan.json'), plan);
    },
    appendTimeline: (runId, event) => append(join(folder(runId), `segment-timeline-${segment}.jsonl`), [event]),
    appendSamples: (runId, samples) => append(join(folder(runId), `segment-samples-${segment}.jsonl`), samples),
    appendDeliveries: (deliveries) => append(join(directory, `deliveries-${segment}.jsonl`), deliveries),

    readPlan: (runId) => readJson<Plan>(join(folder(runId), 'plan.json')),
    readRecord: (runId) => readJson<RunRecord>(join(folder(runId), 'run.json')),
    async readTimeline(runId) {
      return inOrder(await readSegments<TimelineEvent>(folder(runId), 'segment-timeline-'));
    },
    async readSamples(runId) {
      return inOrder(await readSegments<Sample>(folder(runId), 'segment-samples-'));
    },
    async readDeliveries(from, to) {
      const all = await readSegments<Delivery>(directory, 'deliveries-');
      return all.filter((delivery) => delivery.receivedAt >= from && delivery.receivedAt <= to);
    },

    async writeRecord(record, files) {
      const target = folder(record.run.id);
      const all = { ...files, 'run.json': `${JSON.stringify(record, null, 2)}\n` };
      const manifest: string[] = [];
      for (const [name, text] of Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))) {
        await writeWhole(join(target, name), text);
        manifest.push(`${createHash('sha256').update(text).digest('hex')}  ${name}`);
      }
      await writeWhole(join(target, 'MANIFEST.sha256'), `${manifest.join('\n')}\n`);
      return target;
    },

    async list() {
      const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
      const runs = await Promise.all(
        entries
          .filter((entry) => entry.isDirectory() && !existsSync(join(folder(entry.name), gameDayPlanFile)))
          .map(async ({ name }) => {
            const [record, plan] = await Promise.all([
              readJson<RunRecord>(join(folder(name), 'run.json')),
              readJson<Plan>(join(folder(name), 'plan.json')),
            ]);
            const timeline = record === null ? await readSegments<TimelineEvent>(folder(name), 'segment-timeline-') : [];
            return {
              id: name,
              startedAt: record?.run.startedAt ?? inOrder(timeline)[0]?.at ?? '',
              experiment: record?.run.experiment ?? plan?.experiment.name ?? '',
              outcome: record?.outcome ?? null,
            };
          }),
      );
      return runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    },
  };
}

function inOrder<T extends { readonly at: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

async function readJson<T>(file: string): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AppError('archive/failed', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new AppError(
      'record/corrupt',
      `${file} is not JSON: ${messageOf(error)}. Restore it from a copy; MANIFEST.sha256 beside it tells which is whole`,
      { cause: error },
    );
  }
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Whole or not at all: a reader never sees half a file, and a full disk leaves the old one. */
async function writeWhole(file: string, text: string): Promise<void> {
  const scratch = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(scratch, text);
    await rename(scratch, file);
  } catch (error) {
    throw new AppError(
      'archive/failed',
      `cannot write ${file}: ${messageOf(error)}. Free space there and run \`firedrill report\` again`,
      { cause: error },
    );
  }
}

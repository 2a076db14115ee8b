import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { Sample } from '../../domain/measure/sample.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import type { RunRecord, TimelineEvent } from '../../domain/run-record.ts';
import type { Delivery } from '../../ports/alerts.ts';
import type { Archive, ArchivedRun } from '../../ports/archive.ts';
import { gameDayPlanFile } from './file-game-days.ts';
import { jsonText, readListed, readRecordFile, writeWhole } from './json-files.ts';
import { appendLines, readSegments } from './jsonl.ts';

const planFile = 'plan.json';
const recordFile = 'run.json';
const timelineSegments = 'segment-timeline-';

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
      await writeWhole(join(folder(runId), planFile), jsonText(plan));
    },
    appendTimeline: (runId, event) => append(join(folder(runId), `${timelineSegments}${segment}.jsonl`), [event]),
    appendSamples: (runId, samples) => append(join(folder(runId), `segment-samples-${segment}.jsonl`), samples),
    appendDeliveries: (deliveries) => append(join(directory, `deliveries-${segment}.jsonl`), deliveries),

    readPlan: (runId) => readRecordFile<Plan>(join(folder(runId), planFile)),
    readRecord: (runId) => readRecordFile<RunRecord>(join(folder(runId), recordFile)),
    async readTimeline(runId) {
      return inOrder(await readSegments<TimelineEvent>(folder(runId), timelineSegments));
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
      const all = { ...files, [recordFile]: jsonText(record) };
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
          .map(async ({ name: id }): Promise<ArchivedRun> => {
            const { record, problem } = await readListed<RunRecord>(join(folder(id), recordFile));
            if (record !== null) {
              const { environment, experiment, startedAt } = record.run;
              return { id, environment, experiment, startedAt, outcome: record.outcome, problem };
            }
            const { record: plan } = await readListed<Plan>(join(folder(id), planFile));
            return {
              id,
              environment: plan?.environment.name ?? '',
              experiment: plan?.experiment.name ?? '',
              startedAt: inOrder(await readSegments<TimelineEvent>(folder(id), timelineSegments))[0]?.at ?? '',
              outcome: null,
              problem,
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

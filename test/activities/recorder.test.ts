import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createRecorder } from '../../src/activities/recorder.ts';
import { createFileArchive } from '../../src/adapters/archive/file-archive.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { sampleLike } from '../domain/measure/samples.ts';

test('what could not be written is told as soon as the archive can be written again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
  const archive = createFileArchive(join(folder, 'runs'));
  const recorder = createRecorder(archive, 'r1', systemClock);
  // A file in its place: nobody can write below it.
  writeFileSync(join(folder, 'runs'), '');
  recorder.sample(sampleLike(1, 'good'));
  recorder.event({ source: 'run', kind: 'run.holding', text: 'lost' });
  await recorder.flush();

  rmSync(join(folder, 'runs'));
  // By the next step of the run, once.
  await createRecorder(archive, 'r1', systemClock).flush();
  await createRecorder(archive, 'r1', systemClock).flush();

  const timeline = await archive.readTimeline('r1');
  expect(timeline.map(({ kind }) => kind)).toEqual(['run.not-measured']);
  expect(timeline[0]?.text).toMatch(/^2 lines of evidence could not be written: cannot write /);
  rmSync(folder, { recursive: true });
});

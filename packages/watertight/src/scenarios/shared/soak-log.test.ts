import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SoakLog, type Lap } from './soak-log.ts';

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-soak-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'soak.jsonl');
}

const lap = (cycles: number, pid: number): Lap => ({
  target: 'node server.js',
  pid,
  at: '2026-01-01T00:00:00.000Z',
  soakedMs: cycles * 10,
  cycles,
  served: cycles,
  meant: cycles,
  held: 0,
  rssBytes: 1,
  counts: { threads: 11 },
});

test('[PS7] a soak goes on from the last lap in its file; a restarted process counts from nothing', async () => {
  const file = newFile();
  const first = await SoakLog.open(file, 'node server.js');
  await first.add(lap(60, 1));
  await first.add(lap(120, 2));
  await first.add(lap(180, 2));
  const again = await SoakLog.open(file, 'node server.js');
  expect(again.laps).toEqual(first.laps);
  expect([again.soakedMs, again.cycles]).toEqual([1_800, 180]);
  expect(again.of(2).map(({ cycles }) => cycles)).toEqual([120, 180]);
  expect(again.of(3)).toEqual([]);
});

test('[PS7] the log of another target, and what is no log, are refused by name', async () => {
  const file = newFile();
  await (await SoakLog.open(file, 'node server.js')).add(lap(60, 1));
  await expect(SoakLog.open(file, 'node other.js')).rejects.toThrow(
    'is the log of a soak of node server.js, not of node other.js',
  );
  appendFileSync(file, 'half a li');
  await expect(SoakLog.open(file, 'node server.js')).rejects.toThrow(/line 2 is no lap of a soak: it is not JSON/);
  writeFileSync(file, '{"target":"node server.js"}\n');
  await expect(SoakLog.open(file, 'node server.js')).rejects.toThrow('it lacks target, cycles, counts or soakedMs');
});

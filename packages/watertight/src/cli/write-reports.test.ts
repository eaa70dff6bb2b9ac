import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { REPORT_FORMATS, type ReportFormat } from './report-formats.ts';
import { prepareReports } from './write-reports.ts';

const [json] = REPORT_FORMATS as readonly [ReportFormat];
/** A folder in which nobody can make a file, whoever asks. */
const SEALED = '/proc/self';

test('[C20] a folder that is there and takes no file is refused before the run', async () => {
  const file = join(SEALED, 'result.json');
  await expect(prepareReports({ files: [{ format: json, path: file }], folder: undefined })).rejects.toThrow(
    `--json: ${file} cannot be written: `,
  );
  await expect(prepareReports({ files: [], folder: SEALED })).rejects.toThrow(
    `--report-dir: ${file} cannot be written`,
  );
});

test('[C20] what stands in the way of any report of a folder is refused before the run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-reports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'junit.xml'));
  await expect(prepareReports({ files: [], folder })).rejects.toThrow(
    `--report-dir: ${join(folder, 'junit.xml')} is a folder; expected a file`,
  );
});

test('[C20] what can be written is prepared and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-reports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await prepareReports({ files: [{ format: json, path: join(folder, 'deep', 'r.json') }], folder });
  await prepareReports({ files: [{ format: json, path: '/dev/null' }], folder: undefined });
  expect(readdirSync(folder, { recursive: true })).toEqual(['deep']);
});

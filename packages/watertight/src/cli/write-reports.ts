import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { CheckResult } from '../verdict/types.ts';
import type { CheckSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

type Where = Pick<CheckSettings, 'jsonFile' | 'markdownFile' | 'reportDir'>;

/** Makes the folders, so that a wrong path is said before the run and not after it. */
export async function prepareReports(where: Where): Promise<void> {
  for (const [option, path] of [
    ['--json', where.jsonFile],
    ['--report-md', where.markdownFile],
  ] as const) {
    if (path === undefined) continue;
    await makeFolder(option, dirname(resolve(path)));
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw new UsageError(`${option}: ${path} is a folder; expected a file`);
  }
  if (where.reportDir !== undefined) await makeFolder('--report-dir', resolve(where.reportDir));
}

export async function writeReports(where: Where, result: CheckResult): Promise<readonly string[]> {
  const files: [path: string, text: string][] = [];
  if (where.jsonFile !== undefined) files.push([where.jsonFile, renderJson(result)]);
  if (where.markdownFile !== undefined) files.push([where.markdownFile, renderMarkdown(result)]);
  if (where.reportDir !== undefined) {
    files.push(
      [join(where.reportDir, 'result.json'), renderJson(result)],
      [join(where.reportDir, 'report.md'), renderMarkdown(result)],
    );
  }
  for (const [path, text] of files) await writeWhole(path, text);
  return files.map(([path]) => path);
}

/** Nobody ever reads half a report. What is no regular file (a pipe, /dev/stdout) is written in place. */
async function writeWhole(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) return await writeFile(path, text);
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, text);
  await rename(partial, path);
}

async function makeFolder(option: string, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `${option}: ${path} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

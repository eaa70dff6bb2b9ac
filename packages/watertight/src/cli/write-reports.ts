import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { CheckResult } from '../verdict/types.ts';
import { RENDERERS } from './renderers.ts';
import { REPORT_FORMATS, type ReportFormat } from './report-formats.ts';
import { folderInRepository } from './repository-folder.ts';
import { UsageError } from './usage-error.ts';

/** Which reports are wanted, and where. */
export interface WantedReports {
  readonly files: readonly { readonly format: ReportFormat; readonly path: string }[];
  /** A folder for one of each; `undefined`: none. */
  readonly folder: string | undefined;
}

/** Makes the folders, so that a wrong path is said before the run and not after it. */
export async function prepareReports({ files, folder }: WantedReports): Promise<void> {
  for (const { format, path } of files) {
    await makeFolder(`--${format.flag}`, dirname(resolve(path)));
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw new UsageError(`--${format.flag}: ${path} is a folder; expected a file`);
    if (there === undefined || there.isFile()) await requireWritable(`--${format.flag}`, path);
  }
  if (folder === undefined) return;
  await makeFolder('--report-dir', resolve(folder));
  await requireWritable('--report-dir', join(folder, REPORT_FORMATS[0]?.fileName ?? 'report'));
}

/** Answers the files that were written. */
export async function writeReports({ files, folder }: WantedReports, result: CheckResult): Promise<readonly string[]> {
  const inFolder =
    folder === undefined ? [] : REPORT_FORMATS.map((format) => ({ format, path: join(folder, format.fileName) }));
  const all = [...files, ...inFolder];
  const at = folderInRepository(process.env, process.cwd());
  for (const { format, path } of all) await writeWhole(path, RENDERERS[format.name](result, at));
  return all.map(({ path }) => path);
}

/** Nobody ever reads half a report. What is no regular file (a pipe, /dev/stdout) is written in place. */
async function writeWhole(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) return await writeFile(path, text);
  const partial = partialOf(path);
  try {
    await writeFile(partial, text);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function partialOf(path: string): string {
  return `${path}.${process.pid}.partial`;
}

/** Tries it: permissions, a system that is read only and one that makes no files are told apart in no other way. */
async function requireWritable(option: string, path: string): Promise<void> {
  const partial = partialOf(path);
  try {
    await writeFile(partial, '');
    await rm(partial);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${option}: ${path} cannot be written: ${why}`, { cause: error });
  }
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

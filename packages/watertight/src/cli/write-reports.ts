import { join } from 'node:path';

import type { CheckResult } from '../verdict/types.ts';
import { RENDERERS } from './renderers.ts';
import { REPORT_FORMATS, type ReportFormat } from './report-formats.ts';
import { folderInRepository, repositoryRoot } from './repository-folder.ts';
import { prepareFile, writeWhole } from './whole-file.ts';

/** Which reports are wanted, and where. */
export interface WantedReports {
  readonly files: readonly { readonly format: ReportFormat; readonly path: string }[];
  /** A folder for one of each; `undefined`: none. */
  readonly folder: string | undefined;
}

/** Makes the folders, so that a wrong path is said before the run and not after it. */
export async function prepareReports({ files, folder }: WantedReports): Promise<void> {
  for (const { format, path } of files) await prepareFile(`--${format.flag}`, path);
  if (folder === undefined) return;
  for (const { fileName } of REPORT_FORMATS) await prepareFile('--report-dir', join(folder, fileName));
}

/**
 * Writes every one that can be written, and tells `written` of each.
 *
 * @throws Error that names those that could not, though it was tried before.
 */
export async function writeReports(
  { files, folder }: WantedReports,
  result: CheckResult,
  written: (path: string) => void,
): Promise<void> {
  const inFolder =
    folder === undefined ? [] : REPORT_FORMATS.map((format) => ({ format, path: join(folder, format.fileName) }));
  const inRepository = [folderInRepository(process.env, process.cwd()), repositoryRoot(process.env)] as const;
  const problems: string[] = [];
  for (const { format, path } of [...files, ...inFolder]) {
    const text = RENDERERS[format.name](result, ...inRepository);
    await writeWhole(path, text).then(
      () => written(path),
      (error: unknown) => problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

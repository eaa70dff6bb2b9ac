import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { UsageError, usageErrorOf } from './usage-error.ts';

/**
 * Makes the folder of a file and tries to write there, so that a wrong path is said before the work and not after it. `option` is what
 * the message calls it.
 *
 * @throws {@link UsageError} for a path that cannot be written.
 */
export async function prepareFile(option: string, path: string): Promise<void> {
  await makeFolder(option, dirname(resolve(path)));
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory() === true) throw new UsageError(`${option}: ${path} is a folder; expected a file`);
  if (there === undefined || there.isFile()) await requireWritable(option, path);
}

/** Nobody ever reads half of a file. What is no regular file (a pipe, /dev/stdout) is written in place. */
export async function writeWhole(path: string, text: string): Promise<void> {
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
    throw usageErrorOf(error, `${option}: ${path} cannot be written: `);
  }
}

async function makeFolder(option: string, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw usageErrorOf(error, `${option}: ${path} cannot be made: `);
  }
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Allowance } from '../verdict/excuse.ts';
import { readAllowances } from './allowances.ts';
import { CHECK_OPTIONS, CONFIG_ONLY_KEYS } from './option-table.ts';
import { parseJson } from './parse-json.ts';
import { readValue, type OptionValue } from './read-value.ts';
import { throwUsage, UsageError, usageErrorOf } from './usage-error.ts';

const FILE_NAMES = ['watertight.config.ts', 'watertight.config.mjs', 'watertight.config.json'];

/** Checked values by config key, and what has no option of its own. */
export interface Config {
  readonly values: ReadonlyMap<string, OptionValue>;
  readonly allow: readonly Allowance[];
}

/** Reads the named file, or the first watertight.config.{ts,mjs,json} in `cwd`; empty when there is none. */
export async function loadConfig(cwd: string, named: string | undefined): Promise<Config> {
  const path = named === undefined ? findConfig(cwd) : resolve(cwd, named);
  if (path === undefined) return { values: new Map(), allow: [] };
  if (!existsSync(path)) throw new UsageError(`--config: ${path} does not exist`);
  return checkConfig(await importConfig(path), path);
}

function findConfig(cwd: string): string | undefined {
  const found = FILE_NAMES.map((name) => resolve(cwd, name)).filter((path) => existsSync(path));
  if (found.length > 1)
    throw new UsageError(`there are several config files, name one with --config:\n${found.join('\n')}`);
  return found[0];
}

async function importConfig(path: string): Promise<unknown> {
  const kind = extname(path);
  try {
    switch (kind) {
      case '.json':
        return parseJson(await readFile(path, 'utf8'));
      case '.mjs':
      case '.js': {
        const module: unknown = await import(pathToFileURL(path).href);
        return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
      }
      case '.ts':
      case '.mts': {
        const { createJiti } = await import('jiti');
        return await createJiti(import.meta.url, { fsCache: false }).import(path, { default: true });
      }
    }
  } catch (error) {
    throw usageErrorOf(error, `${path} cannot be read: `);
  }
  throw new UsageError(`${path}: a config file ends in .ts, .mjs or .json`);
}

function checkConfig(config: unknown, path: string): Config {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new UsageError(`${path} does not hold an object (ES modules: as default export)`);
  }
  const values = new Map<string, OptionValue>();
  const problems: string[] = [];
  let allow: readonly Allowance[] = [];
  for (const [key, raw] of Object.entries(config)) {
    const row = CHECK_OPTIONS.find((option) => option.configKey === key);
    if (key === 'command') {
      if (Array.isArray(raw) && raw.length > 0 && raw.every((part) => typeof part === 'string')) values.set(key, raw);
      else problems.push(`${path}: command is not a list of words, such as ["node", "server.js"]`);
    } else if (key === 'allow') {
      allow = readAllowances(raw, path, problems);
    } else if (row === undefined) {
      const known = [...CHECK_OPTIONS.flatMap((option) => option.configKey ?? []), ...CONFIG_ONLY_KEYS];
      problems.push(`${path}: unknown key ${JSON.stringify(key)}; known are ${known.join(', ')}`);
    } else {
      const read = readValue(row, raw, `${path}: ${key}`, 'config');
      if (read.ok) values.set(key, read.value);
      else problems.push(read.problem);
    }
  }
  throwUsage(problems);
  return { values, allow };
}

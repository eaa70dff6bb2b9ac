import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { caseIds, readCase } from './cases.mjs';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

it('[B30] variants are pinned to exact versions, and their lock files name no registry', () => {
  const pinned = caseIds()
    .map((id) => readCase(id))
    .flatMap(({ folder, variants }) => variants.map(({ name }) => join(folder, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')));
  expect(pinned.length).toBeGreaterThan(60);
  for (const folder of pinned) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    for (const [name, version] of Object.entries(dependencies)) {
      expect(version, `${folder}: ${name}`).toMatch(/^(npm:[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
    const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    expect(lock, folder).not.toMatch(/"resolved"|https?:\/\/[^"]*registry/);
    expect(lock, folder).toContain('"integrity"');
  }
});

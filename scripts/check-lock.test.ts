import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completeLock, missingFrom } from './check-lock.mjs';
import { plant } from './tree.ts';

const tool = {
  version: '1.2.0',
  dev: true,
  optionalDependencies: { '@tool/linux-x64-musl': '1.2.0', 'tool-win32-x64': '1.2.0' },
};

describe('the lock file', () => {
  it('[B14] is completed with the optional packages that the registry did not offer', () => {
    const root = plant({
      'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/tool': tool } }),
    });
    expect(completeLock(root)).toBe(2);
    expect(completeLock(root)).toBe(0);
    expect(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).toEqual({
      lockfileVersion: 3,
      packages: {
        'node_modules/@tool/linux-x64-musl': {
          version: '1.2.0',
          dev: true,
          os: ['linux'],
          cpu: ['x64'],
          libc: ['musl'],
          optional: true,
        },
        'node_modules/tool': tool,
        'node_modules/tool-win32-x64': { version: '1.2.0', dev: true, os: ['win32'], cpu: ['x64'], optional: true },
      },
    });
  });

  it('[B14] is complete when the package stands beside or above the one that names it', () => {
    const holder = { optionalDependencies: { fsevents: '2.0.0' } };
    const at = (path: string): unknown =>
      missingFrom({ packages: { 'node_modules/a/node_modules/b': holder, [path]: {} } });
    for (const path of [
      'node_modules/a/node_modules/b/node_modules/fsevents',
      'node_modules/a/node_modules/fsevents',
      'node_modules/fsevents',
    ]) {
      expect(at(path)).toEqual(new Map());
    }
  });

  it('[B14] is not guessed at when a name does not tell the platform', () => {
    const packages = { 'node_modules/a': { optionalDependencies: { fsevents: '2.0.0' } } };
    expect(() => missingFrom({ packages })).toThrow('fsevents: for which platform');
  });
});

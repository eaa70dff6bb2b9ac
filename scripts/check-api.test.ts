import { describe, expect, it } from 'vitest';
import { changesOfApi, publicApi, updateApi } from './check-api.mjs';
import { plant, write } from './tree.ts';

const BUILT: Readonly<Record<string, string>> = {
  'packages/server/package.json': JSON.stringify({
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  }),
  'packages/server/dist/index.d.ts': `export type { Stats } from './stats.ts';\n//# sourceMappingURL=index.d.ts.map`,
  'packages/server/dist/stats.d.ts': `export interface Stats {\n  readonly active: number;\n}\n`,
  'packages/server/dist/inner.d.ts': `export declare const secret: 1;\n`,
};

describe('the dump of the public API', () => {
  it('[B11] holds what the entry points reach, and nothing else', () => {
    const api = publicApi(plant(BUILT));
    expect([...api.keys()]).toEqual(['server/index.d.ts', 'server/stats.d.ts']);
    expect(api.get('server/index.d.ts')).toBe(`export type { Stats } from './stats.ts';\n`);
  });

  it('[B11] is in order after an update', () => {
    const root = plant(BUILT);
    updateApi(root);
    expect(changesOfApi(root)).toEqual([]);
  });

  it('[B11] shows a change, a new file and one that went', () => {
    const root = plant({ ...BUILT, 'etc/api/server/old.d.ts': 'export declare const old: 1;\n' });
    updateApi(root);
    write(root, {
      'packages/server/dist/index.d.ts': `export type { Stats } from './stats.ts';\nexport * from './inner.ts';\n`,
      'packages/server/dist/stats.d.ts': `export interface Stats {\n  readonly held: number;\n}\n`,
      'etc/api/server/old.d.ts': 'export declare const old: 1;\n',
    });
    const changes = changesOfApi(root).join('\n');
    expect(changes).toContain('-  readonly active: number;\n+  readonly held: number;');
    expect(changes).toContain('+export declare const secret: 1;');
    expect(changes).toContain('-export declare const old: 1;');
  });

  it('[B11] names an entry point that was not built', () => {
    const root = plant({ 'packages/server/package.json': BUILT['packages/server/package.json'] ?? '' });
    expect(() => publicApi(root)).toThrow('dist/index.d.ts is a public entry point and was not built');
  });
});

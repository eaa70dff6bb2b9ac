import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { PlaceResolver } from './places.ts';

/** A project with one script in `dist`, whose only segment leads to the third line of a source. */
function resolved(source: string, mapFile = 'dist/server.js.map', files: readonly string[] = ['src/server.ts']) {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-places-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const file of files) write(file, 'a\nb\nkept.push(it);\n');
  const comment = mapFile.startsWith('dist/') ? mapFile.slice('dist/'.length) : `../${mapFile}`;
  write('dist/server.js', `kept.push(it);\n//# sourceMappingURL=${comment}\n`);
  write(mapFile, JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAEA' }));
  const url = pathToFileURL(join(folder, 'dist/server.js')).href;
  const position = { functionName: 'add', url, scriptId: '7', line: 1, column: 1 };
  return new PlaceResolver(folder).resolve(position);
}

test.each([
  ['beside the script', '../src/server.ts'],
  ['as a bundler tells it', 'webpack://my-app/./src/server.ts'],
  ['with a mark of the bundler', 'webpack://my-app/./src/server.ts?1a2b'],
])('[S9] a source is found in the project: %s', (_, source) => {
  expect(resolved(source)).toMatchObject({ file: 'src/server.ts', line: 3, owner: { is: 'application' } });
});

test('[S9] a source is told from the folder of its map', () => {
  expect(resolved('../../src/server.ts', 'maps/deep/server.js.map')).toMatchObject({ file: 'src/server.ts', line: 3 });
});

test.each(['webpack://my-app/webpack/bootstrap', 'file://build-server/src/server.ts'])(
  '[S9] %s, which is no file here, is told as it is',
  (source) => {
    expect(resolved(source)).toMatchObject({ file: source, line: 3 });
  },
);

test('[P10] of a bundle, too, a file of a package is the package’s', () => {
  const source = 'webpack://my-app/./node_modules/ws/lib/socket.js';
  const { owner } = resolved(source, undefined, ['node_modules/ws/lib/socket.js']);
  expect(owner).toEqual({ is: 'package', name: 'ws', version: null });
});

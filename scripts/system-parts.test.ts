import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { SYSTEM_PARTS, systemPart, takeSystemParts } from './system-parts.mjs';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parts-'));
  folders.push(folder);
  return folder;
}

function program(name: string, text: string, folder = emptyFolder()): string {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
  return folder;
}

test('[B35] a part is found on the path, or where it was unpacked; a file that cannot be run is none', () => {
  const [there, elsewhere] = [program('promtool', 'exit 0'), emptyFolder()];
  const [aptGet, root] = ['/nowhere/apt-get', '/nowhere'];
  expect(systemPart('promtool', { path: there, folder: elsewhere, aptGet, root })).toBe(join(there, 'promtool'));
  expect(systemPart('promtool', { path: elsewhere, folder: there, aptGet, root })).toBe(join(there, 'promtool'));
  chmodSync(join(there, 'promtool'), 0o644);
  expect(systemPart('promtool', { path: there, folder: elsewhere, aptGet, root })).toBeUndefined();
  expect(() => systemPart('sqlite')).toThrow(/sqlite is none of the parts redis/);
});

test('[B35] what cannot be taken is said loudly, with what is not run for want of it and how to install it', async () => {
  const said: string[] = [];
  const folder = emptyFolder();
  const say = (line: string) => said.push(line);
  const places = { path: '', folder, aptGet: '/nowhere/apt-get', root: '/nowhere' };
  await takeSystemParts({ say, places, withDeep: true });
  for (const { program: name, package: from } of Object.values(SYSTEM_PARTS)) {
    expect(said.join('\n')).toMatch(new RegExp(`NOT RUN: what needs ${name} .*\\n.*apt-get install ${from}`));
  }
  said.length = 0;
  await takeSystemParts({ say, places });
  expect(said.join('\n'), 'large ones are for the deep tests').not.toContain('golang');
  const failing = join(program('apt-get', 'echo "E: no such package" >&2; exit 100'), 'apt-get');
  said.length = 0;
  await takeSystemParts({ say, places: { path: '', folder, aptGet: failing, root: '/nowhere' } });
  expect(said.join('\n')).toMatch(/NOT RUN: what needs promtool .*failed with 100: E: no such package/);
});

test('[B35] what is there already is not taken again', async () => {
  const path = emptyFolder();
  for (const { program: name, library } of Object.values(SYSTEM_PARTS)) {
    if (library !== undefined) mkdirSync(join(path, library), { recursive: true });
    program(name, 'exit 0', library === undefined ? path : join(path, library));
  }
  const said: string[] = [];
  const places = { path, folder: '/nowhere', aptGet: '/nowhere', root: path };
  await takeSystemParts({ say: (line) => said.push(line), places });
  expect(said).toEqual([]);
});

test('[B35] of a library the folder is found, in the system or where it was unpacked', () => {
  const [system, folder] = [emptyFolder(), emptyFolder()];
  const places = { path: '', folder, aptGet: '/nowhere', root: system };
  expect(systemPart('tornado', places)).toBeUndefined();
  mkdirSync(join(folder, 'tornado', 'tornado'), { recursive: true });
  expect(systemPart('tornado', places)).toBe(join(folder, 'tornado'));
  mkdirSync(join(system, 'usr/lib/python3/dist-packages/tornado'), { recursive: true });
  expect(systemPart('tornado', places)).toBe(join(system, 'usr/lib/python3/dist-packages'));
});

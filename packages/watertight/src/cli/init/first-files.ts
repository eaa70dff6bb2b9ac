import { commandText } from '../command-text.ts';
import type { Language, Runner } from './choices.ts';
import { typedNode } from './languages.ts';
import type { PackageManager, Project } from './project.ts';

/** What was found, asked or given. */
export interface Choice {
  readonly start: readonly string[];
  readonly runner: Runner;
  readonly language: Language;
}

export interface FirstFile {
  /** Relative to the folder of the project. */
  readonly path: string;
  readonly text: string;
  readonly what: string;
}

const TEST_FOLDERS = ['test', 'tests', '__tests__'];
const TIMEOUT = '180_000';

export const CONFIG_NAMES = ['watertight.config.ts', 'watertight.config.mjs', 'watertight.config.json'] as const;

/** The config and the first test. */
export function firstFiles(choice: Choice, project: Project): { readonly config: FirstFile; readonly test: FirstFile } {
  const configPath = choice.language === 'ts' ? 'watertight.config.ts' : 'watertight.config.mjs';
  const folder = TEST_FOLDERS.find((name) => project.hasFolder(name));
  const name = `leaks.test.${endingOf(choice, project)}`;
  return {
    config: { path: configPath, text: configText(choice), what: 'what is started, and what it promises' },
    test: {
      path: folder === undefined ? name : `${folder}/${name}`,
      text: testText(choice, project, configPath),
      what: 'the first test',
    },
  };
}

/** What to type next, a line each. */
export function nextCommands(choice: Choice, project: Project, testPath: string): readonly string[] {
  const needed = ['watertight', ...(choice.runner === 'node' ? [] : [choice.runner])];
  const missing = needed.filter((name) => !project.packages.has(name));
  const install = missing.length === 0 ? [] : [`${ADD[project.manager]} ${missing.join(' ')}`];
  return [...install, runText(choice, project, testPath)];
}

const ADD: Readonly<Record<PackageManager, string>> = {
  npm: 'npm install -D',
  pnpm: 'pnpm add -D',
  yarn: 'yarn add -D',
};
const EXEC: Readonly<Record<PackageManager, string>> = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn' };

function runText({ runner, language }: Choice, project: Project, testPath: string): string {
  if (runner === 'vitest') return `${EXEC[project.manager]} vitest run ${testPath}`;
  if (runner === 'jest') return `${EXEC[project.manager]} jest ${testPath}`;
  const node = (language === 'ts' ? typedNode(project) : undefined) ?? ['node'];
  return commandText([...node, '--test', testPath]);
}

function endingOf({ language, runner }: Choice, { isModule, packages }: Project): string {
  if (language === 'esm') return 'mjs';
  // Up to version 29 Jest takes nothing else for a test.
  if (language === 'cjs') return runner === 'jest' && !isModule && isBefore(packages.get('jest'), 30) ? 'js' : 'cjs';
  // Node decides by the ending what is a module; Vitest and Jest do not need it.
  return runner === 'node' ? 'mts' : 'ts';
}

/** What a range such as `^29.7.0` begins with; of what names no version, such as `latest`, it is not known to be old. */
function isBefore(range: string | undefined, major: number): boolean {
  const [, first] = /^[\^~>=v\s]*(\d+)/.exec(range ?? '') ?? [];
  return first !== undefined && Number(first) < major;
}

function configText({ start }: Choice): string {
  const words = start.map(quoted).join(', ');
  return `import { defineConfig } from 'watertight';

export default defineConfig({
  // Started for a test or for \`watertight check\`, driven on the port it listens on, and ended.
  command: [${words}],
  // path: '/chat',
  // What the server promises. Without it, only what grows with the connections fails.
  // limit: 20,
  // deadlineMs: 500,
});
`;
}

/** As a text of JavaScript, whatever is in it. */
function quoted(word: string): string {
  const inside = JSON.stringify(word)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`);
  return `'${inside}'`;
}

function testText({ runner, language }: Choice, project: Project, configPath: string): string {
  const imports = [
    ...(runner === 'jest' ? [] : [importText(language, 'test', runner === 'node' ? 'node:test' : 'vitest')]),
    importText(language, 'expectNoLeaks', `watertight/${runner === 'node' ? 'node-test' : runner}`),
  ];
  if (runner === 'jest' && language === 'ts' && !project.packages.has('@types/jest'))
    imports.unshift(importText(language, 'test', '@jest/globals'));
  const body = `  // What is examined stands in ${configPath}.\n  await expectNoLeaks();\n`;
  const call =
    runner === 'jest'
      ? `test('connections leave nothing behind', async () => {\n${body}}, ${TIMEOUT});`
      : `test('connections leave nothing behind', { timeout: ${TIMEOUT} }, async () => {\n${body}});`;
  return `${imports.join('\n')}\n\n${call}\n`;
}

function importText(language: Language, name: string, from: string): string {
  return language === 'cjs' ? `const { ${name} } = require('${from}');` : `import { ${name} } from '${from}';`;
}

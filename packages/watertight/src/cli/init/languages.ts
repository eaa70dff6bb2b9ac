import type { Language, Runner } from './choices.ts';
import type { Project } from './project.ts';

/** What lets Jest read TypeScript. */
const JEST_READERS = ['ts-jest', '@swc/jest', '@babel/preset-typescript'];

/** What runs TypeScript in this project; `undefined` where nothing does. */
export function typedNode({ packages }: Project): readonly string[] | undefined {
  if (packages.has('tsx')) return ['node', '--import', 'tsx'];
  const { typescript } = process.features as { readonly typescript?: unknown };
  return typescript === undefined || typescript === false ? undefined : ['node'];
}

/** Why a test cannot be written in this language here; `undefined` when it can. */
export function whyNot(language: Language, runner: Runner, project: Project): string | undefined {
  if (runner === 'vitest') return language === 'cjs' ? 'Vitest runs ES modules and TypeScript' : undefined;
  if (runner === 'jest') {
    if (language === 'esm') return 'Jest reads ES modules only behind a flag of Node; CommonJS works in every project';
    if (language === 'cjs' || JEST_READERS.some((name) => project.packages.has(name))) return undefined;
    return `Jest reads TypeScript by ${JEST_READERS.join(', ')}, and package.json names none of them`;
  }
  if (language !== 'ts' || typedNode(project) !== undefined) return undefined;
  return 'this Node reads TypeScript by tsx, and package.json does not name it';
}

/** The language of the project, or where its tests cannot be written in that, the nearest that they can. */
export function findLanguage(
  runner: Runner,
  project: Project,
  start: readonly string[] | undefined,
): { readonly language: Language; readonly note: string | undefined } {
  const isModule = project.isModule || start?.some((word) => word.endsWith('.mjs')) === true;
  const plain: Language = isModule ? 'esm' : 'cjs';
  const wanted: readonly Language[] = project.isTyped ? ['ts', plain] : [plain];
  const language =
    wanted.find((one) => whyNot(one, runner, project) === undefined) ?? (runner === 'jest' ? 'cjs' : 'esm');
  const note = project.isTyped && language !== 'ts' ? whyNot('ts', runner, project) : undefined;
  return { language, note };
}

export function findRunner({ packages, scripts }: Project): Runner {
  const script = scripts.get('test') ?? '';
  if (/\bvitest\b/.test(script)) return 'vitest';
  if (/\bjest\b/.test(script)) return 'jest';
  if (/\s--test\b/.test(script)) return 'node';
  if (packages.has('vitest')) return 'vitest';
  return packages.has('jest') ? 'jest' : 'node';
}

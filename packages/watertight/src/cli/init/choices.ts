export const RUNNERS = ['vitest', 'jest', 'node'] as const;
/** What runs the tests; `node` is Node's own. */
export type Runner = (typeof RUNNERS)[number];

export const LANGUAGES = ['esm', 'cjs', 'ts'] as const;
/** What the first test is written in: an ES module, CommonJS or TypeScript. */
export type Language = (typeof LANGUAGES)[number];

export const RUNNER_NAMES: Readonly<Record<Runner, string>> = {
  vitest: 'Vitest',
  jest: 'Jest',
  node: 'the runner of Node',
};

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  esm: 'ES modules',
  cjs: 'CommonJS',
  ts: 'TypeScript',
};

export function isRunner(text: string): text is Runner {
  return RUNNERS.some((runner) => runner === text);
}

export function isLanguage(text: string): text is Language {
  return LANGUAGES.some((language) => language === text);
}

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const README = readFileSync(join(ROOT, 'packages/watertight/README.md'), 'utf8');
const STEP_MS = 280_000;

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** Packs both packages as they would be published; answers the tarballs. */
export async function pack(): Promise<{ readonly tarballs: readonly string[]; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-packed-'));
  const flags = [
    '--pack-destination',
    folder,
    '--ignore-scripts',
    '-w',
    'packages/server',
    '-w',
    'packages/watertight',
  ];
  const { exitCode, output } = await run('npm', ['pack', ...flags], ROOT);
  if (exitCode !== 0) throw new Error(output);
  return { tarballs: readdirSync(folder).map((name) => join(folder, name)), folder };
}

/** A project in an empty folder, set up with nothing but what the README says for one runner. */
export class ReadmeProject implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'watertight-project-'));
  readonly #runner: string;

  constructor(runner: 'vitest' | 'jest' | 'node') {
    this.#runner = runner;
    this.write('server.mjs', fileIn(README, /^\/\/ server\.mjs$/));
    const test = new RegExp(`^// (\\S+) for ${runner}$`);
    this.write(fileNameIn(README, test), fileIn(README, test));
  }

  /** Runs the commands of the README but the last, with the packed packages in place of the published ones. */
  async setUp(tarballs: readonly string[]): Promise<void> {
    for (const command of this.#commands().slice(0, -1)) {
      const words = command.split(' ').flatMap((word) => (word === 'watertight' ? tarballs : [word]));
      const { exitCode, output } = await this.#run(words);
      if (exitCode !== 0) throw new Error(`${command} failed:\n${output}`);
    }
  }

  /** The last command of the README. */
  async test(): Promise<Ended> {
    return await this.#run((this.#commands().at(-1) ?? '').split(' '));
  }

  /** Takes the mistake out of the server, as the README says. */
  repair(): void {
    const file = join(this.folder, 'server.mjs');
    writeFileSync(file, readFileSync(file, 'utf8').replace('if (code === 1000) ', ''));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #commands(): readonly string[] {
    const block = blocksIn(README).find(
      ({ language, text }) =>
        language === 'sh' && text.includes('npm init') && lastLineOf(text).includes(`${this.#runner} `.trim()),
    );
    if (block === undefined) throw new Error(`the README has no commands for ${this.#runner}`);
    return block.text.trim().split('\n');
  }

  async #run([command = '', ...words]: readonly string[]): Promise<Ended> {
    return await run(command, words, this.folder);
  }
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function blocksIn(markdown: string): readonly { readonly language: string; readonly text: string }[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}

function fileIn(markdown: string, firstLine: RegExp): string {
  const block = blocksIn(markdown).find(({ text }) => firstLine.test(text.split('\n')[0] ?? ''));
  if (block === undefined) throw new Error(`the README has no file that begins with ${firstLine}`);
  return block.text;
}

function fileNameIn(markdown: string, firstLine: RegExp): string {
  return firstLine.exec(fileIn(markdown, firstLine).split('\n')[0] ?? '')?.[1] ?? '';
}

async function run(command: string, words: readonly string[], cwd: string): Promise<Ended> {
  // The tests that are started here are not part of those that start them.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_TEST|JEST|npm_)/.test(name) && name !== 'NODE_OPTIONS',
    ),
  );
  return await new Promise((resolve) => {
    execFile(
      command,
      words,
      { cwd, env: { ...env, CI: '1', NO_COLOR: '1' }, timeout: STEP_MS, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : (error.code ?? 1);
        resolve({ exitCode: typeof code === 'number' ? code : 1, output: stdout + stderr });
      },
    );
  });
}

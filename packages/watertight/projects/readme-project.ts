import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Ended } from './packed.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** A project in an empty folder, set up with nothing but what the README says for one runner. */
export class ReadmeProject implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'watertight-project-'));
  readonly #runner: string;

  constructor(runner: 'vitest' | 'jest' | 'node') {
    this.#runner = runner;
    this.write('server.mjs', readmeServer());
  }

  /** Runs the commands of the README but the last, with the packed packages in place of the published ones. */
  async setUp(tarballs: readonly string[]): Promise<void> {
    for (const command of this.#commands().slice(0, -1)) {
      const isInstall = command.startsWith('npm install');
      const words = command.split(' ').flatMap((word) => (isInstall && word === 'watertight' ? tarballs : [word]));
      const { exitCode, output } = await this.#run(words);
      if (exitCode !== 0) throw new Error(`${command} failed:\n${output}`);
    }
  }

  /** The last command of the README. */
  async test(): Promise<Ended> {
    return await this.#run((this.#commands().at(-1) ?? '').split(' '));
  }

  async run(words: readonly string[]): Promise<Ended> {
    return await this.#run(words);
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

/** The server of the README, which forgets nobody who is cut off. */
export function readmeServer(): string {
  return fileIn(README, /^\/\/ server\.mjs$/);
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

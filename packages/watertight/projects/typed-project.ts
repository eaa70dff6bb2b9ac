import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Ended } from './packed.ts';
import { readmeServer } from './readme-project.ts';

export interface TypedRunner {
  readonly name: 'vitest' | 'jest' | 'node';
  readonly packages: readonly string[];
  /** Written beside the server before anything is installed. */
  readonly files: Readonly<Record<string, string | object>>;
}

const COMPILER_OPTIONS = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, skipLibCheck: false };

/** A project in TypeScript whose first test is written by `watertight init`. */
export class TypedProject implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'watertight-typed-'));
  readonly #runner: TypedRunner;

  constructor(runner: TypedRunner) {
    this.#runner = runner;
    const types = runner.packages.flatMap((name) => /^@types\/(\w+)/.exec(name)?.[1] ?? []);
    const tsconfig = { compilerOptions: { ...COMPILER_OPTIONS, types }, include: ['*.ts', '*.mts'] };
    const files = { 'tsconfig.json': tsconfig, 'server.mjs': readmeServer(), ...runner.files };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(this.folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }

  async install(tarballs: readonly string[]): Promise<void> {
    await this.mustRun(['npm', 'install', '-D', 'ws', ...this.#runner.packages, ...tarballs]);
  }

  /** Answers the last line of what `init` says: how the test is run. */
  async init(): Promise<string> {
    const { output } = await this.mustRun(['npx', 'watertight', 'init', '--yes']);
    return output.trim().split('\n').at(-1)?.trim() ?? '';
  }

  repair(): void {
    const file = join(this.folder, 'server.mjs');
    writeFileSync(file, readFileSync(file, 'utf8').replace('if (code === 1000) ', ''));
  }

  async run([command = '', ...words]: readonly string[]): Promise<Ended> {
    return await run(command, words, this.folder);
  }

  async mustRun(words: readonly string[]): Promise<Ended> {
    const ended = await this.run(words);
    if (ended.exitCode !== 0) throw new Error(`${words.join(' ')} failed:\n${ended.output}`);
    return ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

interface Parsed {
  readonly context: { readonly errors: { getErrors(): readonly { readonly message: string }[] } };
}
interface Parser {
  readonly NoOperationTraceWriter: new () => object;
  parseAction(file: { readonly name: string; readonly content: string }, trace: object): Parsed;
  parseWorkflow(file: { readonly name: string; readonly content: string }, trace: object): Parsed;
}

const ENTRY = fileURLToPath(new URL('fixtures/github-parser.mjs', import.meta.url));

/**
 * GitHub's own parser of actions and workflows: answers what it complains of in a file. It imports JSON in a way that only
 * bundlers take, so it is bundled first.
 */
export async function loadGithubParser(
  folder: string,
): Promise<(kind: 'action' | 'workflow', content: string) => readonly string[]> {
  const outfile = join(folder, 'github-parser.mjs');
  await build({ entryPoints: [ENTRY], bundle: true, platform: 'node', format: 'esm', outfile });
  const parser = (await import(pathToFileURL(outfile).href)) as Parser;
  rmSync(outfile);
  return (kind, content) => {
    const file = { name: `${kind}.yml`, content };
    const trace = new parser.NoOperationTraceWriter();
    const parsed = kind === 'action' ? parser.parseAction(file, trace) : parser.parseWorkflow(file, trace);
    return parsed.context.errors.getErrors().map(({ message }) => message);
  };
}

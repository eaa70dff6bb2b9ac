import type { Project } from './project.ts';

/** Scripts that usually start a server, the likeliest first. */
const SCRIPTS = ['start', 'serve', 'server'];
/** Watches and restarts: taken only where there is nothing else. */
const LAST_SCRIPTS = ['dev'];
const NAMES = ['server', 'app', 'index', 'main'];
const FOLDERS = ['', 'src/'];

/** The command that starts the server. `typed`: what runs TypeScript here; `undefined` where nothing does. */
export function findStart(project: Project, typed: readonly string[] | undefined): readonly string[] | undefined {
  return (
    startByScript(project, SCRIPTS) ??
    startByFile(project, ['.mjs', '.js', '.cjs'], ['node']) ??
    (typed && startByFile(project, ['.ts', '.mts', '.cts'], typed)) ??
    startByScript(project, LAST_SCRIPTS)
  );
}

/** The words of a command; what only a shell understands is left to one. */
export function wordsOf(command: string): readonly string[] {
  const text = command.trim();
  return isPlain(text) ? text.split(/\s+/) : ['sh', '-c', text];
}

function startByScript({ scripts, manager }: Project, names: readonly string[]): readonly string[] | undefined {
  for (const name of names) {
    const script = scripts.get(name);
    if (script === undefined) continue;
    // Programs of the project are found by whoever runs its scripts.
    return isPlain(script) && script.startsWith('node ') ? wordsOf(script) : [manager, 'run', name];
  }
  return undefined;
}

function startByFile(
  project: Project,
  endings: readonly string[],
  program: readonly string[],
): readonly string[] | undefined {
  for (const name of NAMES) {
    for (const folder of FOLDERS) {
      const file = endings.map((ending) => `${folder}${name}${ending}`).find((path) => project.has(path));
      if (file !== undefined) return [...program, file];
    }
  }
  return undefined;
}

function isPlain(command: string): boolean {
  return /^[\w@%+:,./-]+(\s+[\w@%+=:,./-]+)*$/.test(command);
}

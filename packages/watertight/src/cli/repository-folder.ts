import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';

/**
 * Where `cwd` is below the root of the repository, with slashes, as a pipeline says where that root is; empty at the root and
 * where nobody says. Paths of leaks are relative to `cwd`, those that GitHub and GitLab know are relative to the root.
 */
export function folderInRepository(env: NodeJS.ProcessEnv, cwd: string): string {
  const root = repositoryRoot(env);
  if (root === '') return '';
  const below = relative(root, realPath(cwd)).split(sep).join('/');
  return below.startsWith('..') || below.startsWith('/') ? '' : below;
}

/** The root that a pipeline names, links followed, with slashes; empty where none does. */
export function repositoryRoot(env: NodeJS.ProcessEnv): string {
  const root = env['GITHUB_WORKSPACE'] || env['CI_PROJECT_DIR'] || '';
  return root === '' ? '' : realPath(root).split(sep).join('/');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** cgroup v1 says "no limit" as the largest whole number of pages. */
const NO_LIMIT_BYTES = 2 ** 60;

/**
 * The memory limit of the container or service in which a process runs, in bytes: the lowest on the way up its cgroups, v2 or
 * v1. `undefined` without one, and where there are no cgroups. `root` is for tests.
 */
export function containerMemoryLimitBytes(pid: number | 'self' = 'self', root = '/'): number | undefined {
  const lines =
    readText(join(root, `proc/${pid}/cgroup`))
      ?.trim()
      .split('\n') ?? [];
  const limits = lines.flatMap((line) => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') return limitsAlong(join(root, 'sys/fs/cgroup'), path, 'memory.max');
    if (!controllers.split(',').includes('memory')) return [];
    return limitsAlong(join(root, 'sys/fs/cgroup/memory'), path, 'memory.limit_in_bytes');
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** From the process's own group up to the mount; inside a container its own group is often mounted as the top. */
function limitsAlong(mount: string, path: string, file: string): number[] {
  const limits: number[] = [];
  for (let group = path; ; group = dirname(group)) {
    const bytes = Number(readText(join(mount, group, file))?.trim() ?? Number.NaN);
    if (bytes > 0 && bytes < NO_LIMIT_BYTES) limits.push(bytes);
    if (group === '/' || group === '.') return limits;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

import { readFileSync } from 'node:fs';

/** Descriptors a Node process and the inspector need beside the sockets. */
const RESERVE_COUNT = 64;
/** Per client: our socket, and both ends of the relay that can be cut under it. */
const PER_CLIENT_COUNT = 3;

/** The soft open-files limit of a process, from procfs; `undefined` where it cannot be read. */
export function openFilesLimit(pid: number | 'self'): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
    return soft === undefined ? undefined : soft === 'unlimited' ? Infinity : Number(soft);
  } catch {
    // Not Linux, or somebody else's process: then the system will say so itself when it runs out.
    return undefined;
  }
}

/** Why `socketCount` sockets at once cannot be had, or `undefined`. `targetLimit` is the limit of the process under examination. */
export function refuseForOpenFiles(
  socketCount: number,
  ownLimit: number | undefined,
  targetLimit: number | undefined,
): string | undefined {
  const own = socketCount * PER_CLIENT_COUNT + RESERVE_COUNT;
  if (ownLimit !== undefined && ownLimit < own) {
    return `the open-files limit is ${ownLimit}; ${socketCount} sockets at once need ${own} here. Raise it with \`ulimit -n ${own}\`, or choose scenarios with --only`;
  }
  const target = socketCount + RESERVE_COUNT;
  if (targetLimit !== undefined && targetLimit < target) {
    return `the target's open-files limit is ${targetLimit}; ${socketCount} sockets at once need ${target} there. Start it with \`ulimit -n ${target}\``;
  }
  return undefined;
}

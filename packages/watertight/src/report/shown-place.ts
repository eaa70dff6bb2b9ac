import type { Finding, Place } from '../verdict/finding.ts';

/**
 * The one line that a leak is shown at: the application's own, nearest to where it is allocated, else where its class or what
 * keeps it is written. A package's line helps only where the application has none.
 */
export function shownPlace(finding: Finding): Place | undefined {
  const { allocationStack, definedAt, retainedBy } = finding;
  const places = [
    ...allocationStack,
    ...(definedAt === null ? [] : [definedAt]),
    ...(retainedBy ?? []).flatMap(({ place }) => (place === null ? [] : [place])).toReversed(),
  ].filter(({ owner }) => owner.is !== 'node');
  return places.find(({ owner }) => owner.is === 'application') ?? places[0];
}

/**
 * The path of a file as tools of a repository know it: `folder` is where the check ran, below the root of the repository. What is beside
 * that folder is told absolutely, such as another package of a monorepo, and is found below `root`, where somebody says where that is.
 */
export function pathInRepository(file: string, folder: string, root = ''): string | undefined {
  const path = file.replaceAll('\\', '/');
  if (root !== '' && path.startsWith(`${root}/`)) return path.slice(root.length + 1);
  if (path.startsWith('/') || path.startsWith('../') || /^[a-z][a-z\d+.-]*:/i.test(path)) return undefined;
  return folder === '' ? path : `${folder}/${path}`;
}

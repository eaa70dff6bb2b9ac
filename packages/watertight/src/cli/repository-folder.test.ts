import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { folderInRepository } from './repository-folder.ts';

it('[H14] the folder of a check is told below the root that GitHub or GitLab names, links followed', () => {
  const root = mkdtempSync(join(tmpdir(), 'watertight-root-'));
  try {
    const below = join(root, 'services', 'chat');
    mkdirSync(below, { recursive: true });
    const link = join(root, 'link');
    symlinkSync(below, link);
    expect(folderInRepository({ GITHUB_WORKSPACE: root }, below)).toBe('services/chat');
    expect(folderInRepository({ CI_PROJECT_DIR: root }, link)).toBe('services/chat');
    expect(folderInRepository({ CI_PROJECT_DIR: root }, root)).toBe('');
    expect(folderInRepository({ CI_PROJECT_DIR: below }, root)).toBe('');
    expect(folderInRepository({}, below)).toBe('');
  } finally {
    rmSync(root, { recursive: true });
  }
});

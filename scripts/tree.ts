import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Puts files into a new folder that is gone when the test has ended, or when `atEnd` says; answers the folder. */
export function plant(
  files: Readonly<Record<string, string>>,
  atEnd: (remove: () => void) => void = onTestFinished,
): string {
  const root = mkdtempSync(join(tmpdir(), 'watertight-'));
  atEnd(() => rmSync(root, { recursive: true, force: true }));
  write(root, files);
  return root;
}

/** Writes files below a folder. */
export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

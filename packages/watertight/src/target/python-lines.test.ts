import { spawnSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { systemPart } from '../../../../scripts/system-parts.mjs';
import { PythonLines, runsPython } from './python-lines.ts';

const PYTHON = systemPart('python');
const folder = mkdtempSync(join(tmpdir(), 'python-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('[AL9] a command runs a Python as far as its words say', () => {
  expect(runsPython(['python3.11', '-m', 'chat'])).toBe(true);
  expect(runsPython(['/usr/bin/python', 'x'])).toBe(true);
  expect(runsPython(['uvicorn', 'chat:app'])).toBe(true);
  expect(runsPython(['node', 'python-like.js'])).toBe(false);
});

test('[AL8] a count that comes too late is not taken for the next one', async () => {
  const lines = await PythonLines.open(100);
  const slow = connect(lines.environment({})['WATERTIGHT_PYTHON'] ?? '');
  let askedCount = 0;
  // It answers each question when the next one comes.
  slow.on('data', () => {
    if (askedCount > 0) slow.write(`[["late.py", ${askedCount}, 1, 16]]\n`);
    askedCount += 1;
  });
  slow.write('4711\n');
  try {
    await vi.waitUntil(async () => (await lines.look(4711)) === undefined && askedCount > 0, { timeout: 5_000 });
    expect([await lines.look(4711), await lines.look(4711)]).toEqual([undefined, undefined]);
    expect(askedCount).toBeGreaterThan(1);
  } finally {
    slow.destroy();
    await lines.close();
  }
});

describe.skipIf(PYTHON === undefined)('a Python that we start', () => {
  test('[AL9] sees, prints and hands on what it would without us, its own sitecustomize included', async () => {
    writeFileSync(join(folder, 'sitecustomize.py'), 'import sys\nsys.customized = True\n');
    const tell =
      'import os, sys; print(sys.argv, sys.path, sorted(os.environ.items()), sys.customized, sys.modules["sitecustomize"].__file__)';
    const program = `import subprocess, sys\n${tell}\nsubprocess.run([sys.executable, "-c", ${JSON.stringify(tell)}])\n`;
    writeFileSync(join(folder, 'program.py'), program);
    const lines = await PythonLines.open();
    try {
      const env = { PATH: process.env['PATH'], PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
      const run = (withEnv: NodeJS.ProcessEnv) =>
        spawnSync(PYTHON ?? '', [join(folder, 'program.py'), 'a b'], { env: withEnv, encoding: 'utf8' });
      const [alone, watched] = [run(env), run(lines.environment(env))];
      expect(alone.stdout).toContain('True');
      expect(watched.stdout).toBe(alone.stdout);
      expect(watched.stderr).toBe(alone.stderr);
      expect(watched.status).toBe(0);
    } finally {
      await lines.close();
    }
  });

  test('[AL8] what is alive is counted by line from the start of the count on', async () => {
    writeFileSync(
      join(folder, 'keeps.py'),
      'import sys\nkept = []\nfor line in sys.stdin:\n    kept.append(object())\n    print(len(kept), flush=True)\n',
    );
    const lines = await PythonLines.open();
    const child = spawn(PYTHON ?? '', [join(folder, 'keeps.py')], {
      env: lines.environment({ PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const pid = child.pid ?? 0;
      await vi.waitFor(async () => expect(await lines.start(pid)).toBe(true), { timeout: 10_000, interval: 20 });
      for (let count = 0; count < 7; count += 1) {
        child.stdin.write('more\n');
        await once(child.stdout, 'data');
      }
      const seen = (await lines.look(pid))?.filter(({ file, line }) => file.endsWith('keeps.py') && line === 4);
      expect(seen?.map(({ count }) => count)).toEqual([
        expect.toSatisfy((count: number) => count === 7 || count === 8),
      ]);
      await lines.stop(pid);
      expect(await lines.start(1)).toBe(false);
    } finally {
      child.kill();
      await once(child, 'exit');
      await lines.close();
    }
  });
});

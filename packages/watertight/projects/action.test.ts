import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import type { Log } from 'sarif';

import { runAction } from '../test/action-run.ts';
import { pack, run } from './packed.ts';

const SERVER = fileURLToPath(new URL('../test/servers/keeps-sessions.mjs', import.meta.url));

/** All of it but GitHub: a repository with a server in a folder of it, the package as it would come from npm, and the step of the action. */
test('[H20] the action examines a server with the packed package, tells the line, and writes what the other steps upload', async () => {
  const packed = await pack();
  const workspace = mkdtempSync(join(tmpdir(), 'watertight-workspace-'));
  const service = join(workspace, 'services', 'chat');
  try {
    mkdirSync(service, { recursive: true });
    copyFileSync(SERVER, join(service, 'server.mjs'));
    writeFileSync(join(service, 'package.json'), '{ "name": "chat", "private": true, "type": "module" }');
    const installed = await run('npm', ['install', '--no-audit', '--no-fund', ...packed.tarballs], service);
    expect(installed.exitCode, installed.output).toBe(0);
    const { code, stdout, outputs } = await runAction(workspace, {
      command: 'node server.mjs leaky',
      'working-directory': 'services/chat',
      'report-dir': 'watertight-report',
      options: '--only=rapid-connection-cycles-stress\n',
    });
    expect(code, stdout).toBe(1);
    expect(outputs.split('\n')).toEqual([
      'exit-code=1',
      'verdict=leak',
      'report-dir=services/chat/watertight-report',
      'sarif=services/chat/watertight-report/watertight.sarif',
      '',
    ]);
    // The line is told where GitHub looks for it: from the root of the repository.
    expect(stdout).toMatch(/^::error .*file=services\/chat\/server\.mjs,line=\d+/m);
    const sarif = JSON.parse(readFileSync(join(service, 'watertight-report', 'watertight.sarif'), 'utf8')) as Log;
    const places = (sarif.runs[0]?.results ?? []).map(
      ({ locations }) => locations?.[0]?.physicalLocation?.artifactLocation?.uri,
    );
    expect(places).toContain('services/chat/server.mjs');
    expect(readFileSync(join(workspace, 'summary'), 'utf8')).toContain('Watertight: leak');
    const healthy = await runAction(workspace, {
      command: 'node server.mjs',
      'working-directory': 'services/chat',
      'report-dir': 'watertight-report',
      options: '--only=rapid-connection-cycles-stress\n',
    });
    expect(healthy.code, healthy.stdout).toBe(0);
    expect(healthy.outputs).toContain('verdict=watertight');
  } finally {
    for (const folder of [workspace, packed.folder]) rmSync(folder, { recursive: true });
  }
}, 280_000);

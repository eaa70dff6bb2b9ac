import { describe, expect, it } from 'vitest';
import { checkDirections } from './check-directions.mjs';
import { plant } from './tree.ts';

/** A house in order: every direction that is allowed is taken once. */
const HOUSE: Readonly<Record<string, string>> = {
  'packages/client/src/index.ts': `export { wait } from './wait.ts';`,
  'packages/client/src/wait.ts': `export const wait = (attempts: number): number => 2 ** attempts;`,
  'packages/server/src/index.ts': `export type { Clock } from './clock.ts';\nexport { wall } from './clock.ts';`,
  'packages/server/src/clock.ts': `import { performance } from 'node:perf_hooks';\nexport interface Clock { now(): number }\nexport const wall: Clock = performance;`,
  'packages/server/src/adapters/ws.ts': `import type { WebSocket } from 'ws';\nimport { wall } from '../clock.ts';\nexport const now = (_: WebSocket): number => wall.now();`,
  'packages/dashboard/src/index.ts': `import { once } from 'node:events';\nimport { wall } from '@watertight/server';\nimport { page } from './page.ts';\nvoid once(wall, page);`,
  'packages/dashboard/src/page.ts': `export const page = 'page';`,
  'packages/ui/src/deeper/live.tsx': `import type { Overview } from '@watertight/dashboard';\nimport { line } from '../../../watertight/src/report/line.ts';\nexport const live = (overview: Overview): string => line(overview.takenAt);`,
  'packages/ui/src/page.tsx': `import { render } from 'preact';\nimport type { CheckResult } from 'watertight';\nimport { line } from '../../watertight/src/report/line.ts';\nimport { host } from './host.ts';\nexport const draw = (result: CheckResult): void => render(line(result.verdict), host);`,
  'packages/ui/src/host.ts': `export const host = document.body;`,
  'packages/watertight/src/cli/main.ts': `import { show } from '../report/terminal.ts';\nimport { decide } from '../verdict/decide.ts';\nshow(decide(1));`,
  'packages/watertight/src/report/terminal.ts': `import pc from 'picocolors';\nimport type { Verdict } from '../verdict/types.ts';\nimport { line } from './line.ts';\nexport const show = (v: Verdict): string => pc.red(line(v));`,
  'packages/watertight/src/report/line.ts': `export const line = (text: string): string => text;`,
  'packages/watertight/src/verdict/types.ts': `export type Verdict = string;`,
  'packages/watertight/src/verdict/decide.ts': `import type { Look } from '../evidence/look.ts';\nimport type { Verdict } from './types.ts';\nexport const decide = (look: Look): Verdict => String(look);`,
  'packages/watertight/src/evidence/look.ts': `import type { FactoryStats } from '@watertight/server';\nexport type Look = number | FactoryStats;`,
};

const inServer = 'packages/server/src/clock.ts';
const inAdapter = 'packages/server/src/adapters/ws.ts';
const inDrive = 'packages/watertight/src/drive/line.ts';
const inReport = 'packages/watertight/src/report/line.ts';
const inBoard = 'packages/dashboard/src/page.ts';
const inPage = 'packages/ui/src/page.tsx';
const inVerdict = 'packages/watertight/src/verdict/decide.ts';

function problemsWith(file: string, text: string): string[] {
  return checkDirections(plant({ ...HOUSE, 'packages/watertight/src/scenarios/steps.ts': '', [file]: text }));
}

describe('directions of imports', () => {
  it('[B7, B8, B9] finds nothing in a house that is in order', () => {
    expect(checkDirections(plant(HOUSE))).toEqual([]);
  });

  it.each([
    [inPage, `import { readFileSync } from 'node:fs';`, 'pages import their own files'],
    [inPage, `import { check } from 'watertight';`, 'pages import their own files'],
    [inPage, `import { decide } from '../../watertight/src/verdict/decide.ts';`, 'files outside src are not ours'],
    [inPage, `import { dashboard } from '@watertight/dashboard';`, 'pages import their own files'],
    [inBoard, `import { check } from 'watertight';`, 'the dashboard imports'],
    [inBoard, `import express from 'express';`, 'the dashboard imports'],
    [inServer, `import type { Overview } from '@watertight/dashboard';`, 'the server knows no dashboard'],
    [inServer, `import { now } from './adapters/ws.ts';`, 'the core knows no adapter'],
    [inServer, `import type { now } from './adapters/ws.ts';`, 'the core knows no adapter'],
    [inServer, `export * from './adapters/ws.ts';`, 'the core knows no adapter'],
    [inServer, `import { WebSocket } from 'ws';`, 'no dependencies'],
    [inServer, `import type { WebSocket } from 'ws';`, 'no dependencies'],
    [inServer, `export const x: import('ws').WebSocket | undefined = undefined;`, 'no dependencies'],
    [inServer, `export const x = await import('redis');`, 'no dependencies'],
    [
      inServer,
      `declare const require: (name: string) => unknown;\nexport const x = require('redis');`,
      'no dependencies',
    ],
    [inServer, `import { readFileSync } from 'fs';`, 'no dependencies'],
    [inServer, `import { x } from 'node:no-such-module';`, 'no dependencies'],
    [inServer, `import 'watertight';`, 'never imports watertight'],
    [inServer, `import type { Verdict } from 'watertight/vitest';`, 'never imports watertight'],
    [inServer, `export const x = (name: string): Promise<unknown> => import(name);`, 'cannot be judged'],
    [inAdapter, `import Redis from 'ioredis';`, 'an adapter imports'],
    [inAdapter, `import { WebSocket } from 'ws';`, 'an adapter imports'],
    [
      'packages/client/src/wait.ts',
      `import type { Retry } from '@watertight/server';`,
      'the client has no dependencies',
    ],
    [
      'packages/client/src/wait.ts',
      `import { setTimeout } from 'node:timers/promises';`,
      'the client has no dependencies',
    ],
  ])('[B7] in %s refuses %s', (file, text, reason) => {
    expect(problemsWith(file, text).join('\n')).toContain(reason);
  });

  it.each([
    [inDrive, `import { createManagerFactory } from '@watertight/server';`, 'types only'],
    [inDrive, `import { type FactoryStats, createManagerFactory } from '@watertight/server';`, 'types only'],
    [inDrive, `import '@watertight/server/ws';`, 'types only'],
    [inDrive, `import '../scenarios/steps.ts';`, 'drive is below scenarios'],
    [inDrive, `import type {} from '../cli/main.ts';`, 'drive is below cli'],
    ['packages/watertight/src/target/url.ts', `import '../report/line.ts';`, 'target is below report'],
    ['packages/watertight/src/inspector/open.ts', `import '../cli/main.ts';`, 'inspector is below cli'],
    ['packages/watertight/src/evidence/slots.ts', `import '../scenarios/steps.ts';`, 'evidence is below scenarios'],
    [inReport, `import { decide } from '../verdict/decide.ts';`, 'report renders'],
    [inReport, `import type { Look } from '../evidence/look.ts';`, 'report renders'],
    [inVerdict, `import { readFileSync } from 'node:fs';`, 'verdict concludes'],
    [inVerdict, `import { line } from '../report/line.ts';`, 'verdict concludes'],
    [inVerdict, `import pc from 'picocolors';`, 'verdict concludes'],
  ])('[B8] in %s refuses %s', (file, text, reason) => {
    expect(problemsWith(file, text).join('\n')).toContain(reason);
  });

  it.each([
    [inServer, `import './index.ts';`, 'circle of imports'],
    [inReport, `export { show } from './terminal.ts';`, 'circle of imports'],
    [inReport, `export * from './line.ts';`, 'circle of imports'],
    [inReport, `import type { show } from './terminal.ts';\nexport const line = String;`, 'circle of imports'],
    [inServer, `export type Index = import('./index.ts').Clock;`, 'circle of imports'],
    [inServer, `import './gone.ts';`, 'does not exist'],
    [inServer, `import '../../watertight/src/report/line.ts';`, 'outside src'],
  ])('[B9] in %s refuses %s', (file, text, reason) => {
    expect(problemsWith(file, text).join('\n')).toContain(reason);
  });

  it('[B9] says where an import stands', () => {
    expect(problemsWith(inServer, `\n\nimport 'ws';`)[0]).toMatch(/^packages\/server\/src\/clock\.ts:3 imports 'ws': /);
  });

  it('[B9] does not take an empty folder for one in order', () => {
    expect(checkDirections(plant({ 'package.json': '{}' })).join('\n')).toContain('no imports found');
  });
});

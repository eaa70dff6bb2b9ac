import { expect, test } from 'vitest';

import { leakOfSessions } from '../../../test/sample-finding.ts';
import { findingLines } from '../../report/findings.ts';
import { sayFinding, sayPath } from './finding-sentence.ts';

test('[V26] what nothing else in the heap holds is said to be a root itself', () => {
  const root = { edge: '', edgeKind: 'root', name: 'Node / UDPWrap', scope: null, place: null } as const;
  expect(sayPath([root])).toBe('nothing in the heap: it is a root itself, as an open handle is');
  expect(sayPath([root, { ...root, edgeKind: 'property', edge: 'socket', name: 'Socket' }])).toContain('.socket');
});

test('[S20] of an entry of a WeakMap it is said that it is one, with the name of the WeakMap where there is one', () => {
  const root = { edge: '', edgeKind: 'root', name: '(GC roots)', scope: null, place: null } as const;
  const key = { ...root, edgeKind: 'variable', edge: 'lobby', name: 'Room' } as const;
  const list = { ...root, edgeKind: 'entry', edge: 'members', name: 'Array' } as const;
  const last = { ...root, edgeKind: 'element', edge: '0', name: 'Object' } as const;
  expect(sayPath([root, key, list, last])).toBe('Array in the WeakMap members, by its key ← Room lobby');
  expect(sayPath([root, key, { ...list, edge: '' }])).toBe('in a WeakMap, by its key ← Room lobby');
});

test('[V34, V35] of what has no place of its own the sentence says, as the lines below it do, what hangs on it', () => {
  const owner = { is: 'application' } as const;
  const definedAt = { functionName: 'onNews()', file: 'chat.mjs', line: 3, column: 7, owner };
  const port = { ...leakOfSessions, name: 'MessagePort', allocatedAt: null, allocationStack: [], definedAt };
  expect(sayFinding(port)).toContain(' — leads to chat.mjs:3:7 in onNews() — ');
  expect(findingLines(port)[0]).toEqual({ label: 'leads to', text: 'chat.mjs:3:7 in onNews()' });
  const listener = { ...port, name: 'onNews()' };
  expect(sayFinding(listener)).toContain(' — defined at chat.mjs:3:7 in onNews() — ');
  expect(findingLines(listener)[0]?.label).toBe('defined');
});

const owner = { is: 'application' } as const;
const start = { edge: '', edgeKind: 'root', name: '(global)', scope: null, place: null } as const;

test('[S30] of a chain of closures the variable is told by which the program reaches the first of them', () => {
  const listener = { ...start, edgeKind: 'property', edge: 'SIGTERM', name: '(anonymous function)' } as const;
  const first = {
    ...start,
    edgeKind: 'variable',
    edge: 'onShutdown',
    name: 'onShutdown()',
    scope: 'module scope',
  } as const;
  const place = { functionName: '', file: 'chat.mjs', line: 7, column: 9, owner };
  const previous = { ...first, edge: 'previous', scope: 'addStep()', place };
  const said = 'previous (chat.mjs:7) ← addStep() ← onShutdown() onShutdown ← module scope';
  expect(sayPath([start, listener, first, previous])).toBe(said);
  expect(sayPath([start, listener, first, previous, previous])).toBe(said);
  const bus = { ...first, edge: 'bus', name: 'EventEmitter' };
  expect(sayPath([start, first, bus, { ...listener, name: 'onShutdown()' }])).toBe(
    '.SIGTERM ← EventEmitter bus ← module scope',
  );
  const session = { ...start, edgeKind: 'element', name: 'Session' } as const;
  expect(sayPath([start, first, previous, session])).toBe('onShutdown() previous (chat.mjs:7) ← addStep()');
});

test('[S31] what only an armed timer keeps is told by the timer, not by the lists of Node', () => {
  const lists = [
    start,
    { ...start, edgeKind: 'variable', edge: 'timerListMap', name: 'Object', scope: 'module scope' },
    { ...start, edgeKind: 'element', name: 'TimersList' },
    { ...start, edgeKind: 'property', edge: '_idleNext', name: 'Timeout' },
  ] as const;
  const callback = { ...start, edgeKind: 'property', edge: '_onTimeout', name: 'sendNews()' } as const;
  const socket = {
    ...start,
    edgeKind: 'variable',
    edge: 'socket',
    name: 'WebSocket',
    scope: 'onConnection()',
  } as const;
  expect(sayPath(lists)).toBe('nothing but the timers of Node: it is armed');
  expect(sayPath([...lists, callback])).toBe('._onTimeout ← Timeout, which is armed');
  expect(sayPath([...lists, { ...callback, name: 'Server' }, { ...callback, edge: 'events' }])).toBe(
    '.events ← Server ._onTimeout ← Timeout, which is armed',
  );
  expect(sayPath([...lists, callback, socket])).toBe('socket ← onConnection()');
});

test('[S33] what hangs on the global object is told as that of globalThis, without the root of the engine', () => {
  const list = { ...start, edgeKind: 'property', edge: '<symbol acme.sessions>', name: 'Object' } as const;
  const global = { ...start, edgeKind: 'internal', name: 'global / ' } as const;
  const session = { ...start, edgeKind: 'element', name: 'Session' } as const;
  expect(sayPath([start, global, list, session])).toBe('Object .<symbol acme.sessions> ← globalThis');
  expect(sayPath([{ ...start, name: '(Global handles)' }, list, session])).toContain(' ← (Global handles)');
});

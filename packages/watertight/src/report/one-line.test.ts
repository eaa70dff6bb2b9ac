import { expect, it } from 'vitest';
import { leakOfSessions, withFindings } from '../../test/sample-finding.ts';
import { renderOneLine } from './one-line.ts';

const known = { ...leakOfSessions, fingerprint: 'cafe', known: true };
const allowed = { ...leakOfSessions, fingerprint: 'a110wed', allowed: 'a ring of 500' };

it('[FL7, H31] tells leaks that convict apart from those that are known or allowed', () => {
  expect(renderOneLine(withFindings([leakOfSessions, known]))).toContain(' · 1 leaks · 1 known leak · ');
  expect(renderOneLine(withFindings([known, allowed]))).toContain(' · 2 known or allowed leaks · ');
  expect(renderOneLine(withFindings([known, allowed]))).not.toMatch(/\d leaks ·.* leaks/);
  expect(renderOneLine(withFindings([leakOfSessions]))).not.toMatch(/known|allowed/);
});

import { expect, it } from 'vitest';
import { leakOfSessions, withFindings } from '../../test/sample-finding.ts';
import { renderOneLine } from './one-line.ts';

const known = { ...leakOfSessions, fingerprint: 'cafe', known: true };
const allowed = { ...leakOfSessions, fingerprint: 'a110wed', allowed: 'a ring of 500' };

it('[FL7, H31] tells leaks that convict apart from those that are known or allowed', () => {
  expect(renderOneLine(withFindings([leakOfSessions, known]))).toContain(' · 1 leak · 1 known leak · ');
  expect(renderOneLine(withFindings([known, allowed]))).toContain(' · 2 known or allowed leaks · ');
  expect(renderOneLine(withFindings([known, allowed]))).not.toMatch(/\d leaks? ·.* leaks/);
  expect(renderOneLine(withFindings([leakOfSessions]))).not.toMatch(/known|allowed/);
});

it('[FL7] counts in the singular where there is one', () => {
  const result = withFindings([leakOfSessions]);
  const scenarios = result.scenarios
    .filter(({ findings }) => findings.length > 0)
    .map((scenario) => ({ ...scenario, violations: scenario.violations.slice(0, 1) }));
  const line = renderOneLine({ ...result, scenarios, socketsOpened: 1 });
  expect(line).toContain(' · 1 scenario · 1 socket · ');
  expect(line).toContain(' · 1 leak · 1 violation: stress/timers · ');
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';

import { sample } from '../../test/sample-result.ts';
import { HOSTILE, leaky } from '../../test/sample-finding.ts';
import type { CheckResult } from '../verdict/types.ts';
import { renderJunit } from './junit.ts';

const SCHEMA = readFileSync(new URL('../../test/schemas/junit-jenkins.xsd', import.meta.url), 'utf8');
const validate = async (xml: string) =>
  await validateXML({ xml: { fileName: 'junit.xml', contents: xml }, schema: SCHEMA });

/** What a pipeline counts: name to what became of it. */
function casesOf(xml: string): ReadonlyMap<string, string> {
  const cases = xml.matchAll(/<testcase name="([^"]*)"[^>]*?(\/>|>([^]*?)<\/testcase>)/g);
  return new Map(
    [...cases].map(([, name = '', , body = '']) => [name, /<(failure|error|skipped)\b/.exec(body)?.[1] ?? 'passed']),
  );
}

describe('JUnit XML', () => {
  it.each([
    ['everything', sample],
    ['leaks, allowed, known and hostile ones', leaky],
    ['nothing at all', { ...sample, scenarios: [], stopped: null }],
  ] as const)('[H11] of %s fits the schema of Jenkins', async (_, result: CheckResult) => {
    expect(await validate(renderJunit(result))).toMatchObject({ valid: true, errors: [] });
  });

  it('[H11] the schema sees what is wrong', async () => {
    const wrong = renderJunit(sample).replace('<testcase ', '<testcase colour="red" ');
    expect(await validate(wrong)).toMatchObject({ valid: false });
  });

  it('[H11] steps and leaks are tests: broken ones fail, what is inconclusive or not run is an error', () => {
    const cases = casesOf(renderJunit(leaky));
    expect(cases.get('limit/the-21st-is-refused: The 21st is refused')).toBe('passed');
    expect(cases.get('limit/held: 18 are held')).toBe('skipped');
    expect(cases.get('stress/timers: Timers are back at the baseline')).toBe('failure');
    expect(cases.get('the run comes to its end')).toBe('error');
    expect(cases.get('leak f00dfeed01: 1 Session per connection (144 B)')).toBe('failure');
    expect(cases.get('leak a110wed: 1 Session per connection (144 B)')).toBe('skipped');
    expect(cases.get('leak cafe: 1 Session per connection (144 B)')).toBe('skipped');
  });

  it('[H11] a run without evidence is never green', () => {
    const [first] = sample.scenarios;
    const steps = (first?.steps ?? []).map((step) => ({ ...step, status: 'not run' as const }));
    const nothing = { ...sample, stopped: null, scenarios: first === undefined ? [] : [{ ...first, steps }] };
    expect(new Set(casesOf(renderJunit(nothing)).values())).toEqual(new Set(['error']));
    expect(casesOf(renderJunit({ ...nothing, scenarios: [] })).get('the run comes to its end')).toBe('error');
  });

  it('[H11] what was expected to break passes, and its counts add up', () => {
    const expected = sample.scenarios.map((scenario) => ({
      ...scenario,
      violations: scenario.violations.map((violation) => ({ ...violation, expected: true })),
    }));
    const xml = renderJunit({ ...sample, scenarios: expected, stopped: null });
    expect(casesOf(xml).get('stress/timers: Timers are back at the baseline')).toBe('passed');
    expect(xml).toContain('tests="8" failures="0" errors="0"');
  });

  it('[H12] no foreign text becomes an element or ends one', () => {
    const xml = renderJunit(leaky);
    expect(xml).not.toContain('<img');
    expect(xml).not.toContain('\u001b');
    expect(xml).toContain(HOSTILE.slice(0, 9).replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
  });
});

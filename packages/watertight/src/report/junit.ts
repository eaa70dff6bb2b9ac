import XMLBuilder from 'fast-xml-builder';

import type { Finding } from '../verdict/finding.ts';
import type { CheckResult, ScenarioResult, StepResult } from '../verdict/types.ts';
import { escapeLines, escapeTerminal } from './escape.ts';
import { formatFigures } from './figures.ts';
import { findingLines } from './findings.ts';
import { problemsOf, type Problem } from './told-problems.ts';

const SUITE = 'watertight';

/** An element as the builder takes it: `@` marks an attribute, `#text` what stands in it. */
interface TestCase {
  readonly '@name': string;
  readonly '@classname': string;
  readonly '@time': string;
  readonly skipped?: { readonly '#text': string };
  readonly error?: Told;
  readonly failure?: Told;
  readonly 'system-out'?: { readonly '#text': string };
}
interface Told {
  readonly '@type': string;
  readonly '@message': string;
  readonly '#text': string;
}
interface Suite {
  readonly '@name': string;
  readonly '@tests': string;
  readonly '@failures': string;
  readonly '@errors': string;
  readonly '@skipped': string;
  readonly '@time': string;
  readonly '@timestamp': string;
  readonly properties?: { readonly property: readonly { readonly '@name': string; readonly '@value': string }[] };
  readonly testcase: readonly TestCase[];
}

/**
 * One suite for each scenario, one test for each step and each finding, and one that says whether the run came to its end. What
 * could not be told is an error, so that a run without evidence is never green; what was not promised or not visible is skipped.
 */
export function renderJunit(result: CheckResult): string {
  const suites = [runSuite(result), ...result.scenarios.map((scenario) => scenarioSuite(scenario, result.startedAt))];
  const sum = (name: '@tests' | '@failures' | '@errors'): string =>
    String(suites.reduce((total, one) => total + Number(one[name]), 0));
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
    format: true,
  });
  const testsuites = {
    '@name': SUITE,
    '@time': seconds(result.elapsedMs),
    '@tests': sum('@tests'),
    '@failures': sum('@failures'),
    '@errors': sum('@errors'),
    testsuite: suites,
  };
  return builder.build({ '?xml': { '@version': '1.0', '@encoding': 'UTF-8' }, testsuites });
}

function runSuite(result: CheckResult): Suite {
  const { stopped, scenarios, startedAt } = result;
  const nothingRan = scenarios.every(({ steps }) => steps.every(({ status }) => status === 'not run'));
  const why = stopped ?? (nothingRan ? 'nothing was examined' : undefined);
  const testcase: TestCase = {
    '@name': 'the run comes to its end',
    '@classname': SUITE,
    '@time': seconds(result.elapsedMs),
    ...(why === undefined ? {} : { error: told('stopped', firstLine(why), why) }),
  };
  const about = {
    command: result.command,
    seed: result.seed,
    verdict: result.verdict,
    exitCode: result.exitCode,
    version: result.tool.version,
  };
  const property = Object.entries(about).map(([name, value]) => ({ '@name': name, '@value': safe(String(value)) }));
  return suite(SUITE, startedAt, result.elapsedMs, [testcase], { property });
}

function scenarioSuite(scenario: ScenarioResult, startedAt: string): Suite {
  const cases = [
    ...scenario.steps.map((step) => stepCase(scenario, step)),
    ...problemsOf({ scenarios: [scenario] }).flatMap((problem) => findingCase(problem, scenario)),
  ];
  return suite(scenario.name, startedAt, scenario.elapsedMs, cases);
}

function stepCase(scenario: ScenarioResult, step: StepResult): TestCase {
  const { id, title, status, note = '' } = step;
  const common = { ...named(`${id}: ${title}`, scenario), '@time': seconds(step.elapsedMs) };
  const figures = formatFigures(step.figures);
  const out = figures === '' ? {} : { 'system-out': { '#text': safe(figures) } };
  switch (status) {
    case 'held':
      return { ...common, ...out };
    case 'not visible':
    case 'not promised':
      return { ...common, skipped: { '#text': safe(`${status}: ${note}`) } };
    case 'inconclusive':
    case 'not run':
      return { ...common, error: told(status, note, note), ...out };
    case 'broken': {
      const own = scenario.violations.filter((violation) => violation.step === id);
      if (own.length > 0 && own.every(({ expected }) => expected))
        return { ...common, 'system-out': { '#text': safe(`broken, as expected: ${note}`) } };
      const text = own.map((one) => [one.message, formatFigures(one.evidence)].join('\n')).join('\n\n');
      return { ...common, failure: told(own[0]?.type ?? 'promise-broken', note, text === '' ? note : text), ...out };
    }
  }
}

/** Violations are told with their steps. */
function findingCase(problem: Problem, scenario: ScenarioResult): TestCase[] {
  if (problem.is === 'violation') return [];
  const { finding, excuse } = problem;
  const common = { ...named(`leak ${finding.fingerprint}: ${finding.title}`, scenario), '@time': '0' };
  if (excuse !== undefined) return [{ ...common, skipped: { '#text': safe(excuse) } }];
  return [{ ...common, failure: told(`leak/${finding.kind}`, finding.sentence, findingText(finding)) }];
}

function findingText(finding: Finding): string {
  return findingLines(finding)
    .map(({ label, text }) => `${label.padEnd('fingerprint '.length)}${text}`)
    .join('\n');
}

function suite(
  name: string,
  startedAt: string,
  elapsedMs: number,
  testcase: readonly TestCase[],
  properties?: Suite['properties'],
): Suite {
  const count = (kind: 'failure' | 'error' | 'skipped'): string =>
    String(testcase.filter((one) => one[kind] !== undefined).length);
  return {
    '@name': safe(name),
    '@tests': String(testcase.length),
    '@failures': count('failure'),
    '@errors': count('error'),
    '@skipped': count('skipped'),
    '@time': seconds(elapsedMs),
    '@timestamp': startedAt.replace(/\.\d+Z$/, ''),
    ...(properties === undefined ? {} : { properties }),
    testcase,
  };
}

function named(name: string, scenario: ScenarioResult): Pick<TestCase, '@name' | '@classname'> {
  return { '@name': safe(name), '@classname': safe(`${SUITE}.${scenario.name}`) };
}

function told(type: string, message: string, text: string): Told {
  return { '@type': type, '@message': safe(message), '#text': safe(text) };
}

/** XML 1.0 has no way to write most control characters. */
function safe(text: string): string {
  return escapeLines(text)
    .join('\n')
    .replaceAll(/[\ufffe\uffff]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

function firstLine(text: string): string {
  return escapeTerminal(text.split('\n', 1)[0] ?? '');
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

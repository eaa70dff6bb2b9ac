import pc from 'picocolors';

import type { CheckResult, CoverageMatrix, ScenarioResult, Verdict, Violation } from '../verdict/types.ts';
import { escapeLines, escapeTerminal } from './escape.ts';
import { isQuiet, markOf } from './coverage-mark.ts';
import { complaintText } from './complaints.ts';
import { findingLines, harmlessLines } from './findings.ts';
import { formatCount, formatFigure, formatFigures, formatSeconds, formatTiming } from './figures.ts';
import { describePromises } from './promises-text.ts';
import { groupUnseenSteps, summarizeSteps } from './step-groups.ts';
import { renderTable } from './table.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** Ids of one group that are named before the rest is only counted. */
const NAMED_COUNT = 3;
/** Evidence beyond this is for the files: the sentence above it has said what matters. */
const EVIDENCE_LENGTH = 160;
const FINDING_LABEL_WIDTH = 'fingerprint  '.length;

/** The report for people: what was seen, what it comes to, what to do. Ends with one line that says verdict and exit code. */
export function renderTerminal(result: CheckResult, options: { readonly color: boolean }): string {
  const colors = pc.createColors(options.color);
  const nothingRan = result.scenarios.every((scenario) => scenario.steps.every((step) => step.status === 'not run'));
  if (nothingRan && result.stopped !== null) {
    const next = list('What to do next', result.nextSteps, '1', colors);
    return `${[endedEarly(result, colors), next, lastLine(result, colors)].filter((section) => section !== '').join('\n\n')}\n`;
  }
  const sections = [
    scenarioTable(result, colors),
    findings(result, colors),
    list('What grew, and is no leak', harmlessLines(result.scenarios), '-', colors),
    list('What the server complained of', result.complaints.map(complaintText), '-', colors),
    violations(result, colors),
    unseen(result, colors),
    promises(result, colors),
    result.coverage === null ? '' : coverage(result.coverage, colors),
    list('What this cannot show', result.blindSpots, '-', colors),
    endedEarly(result, colors),
    list('What to do next', result.nextSteps, '1', colors),
    lastLine(result, colors),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** What a failing test shows: what convicts, else why nothing is known, and what to do. Without colours: runners add their own. */
export function renderFailure(result: CheckResult): string {
  const colors = pc.createColors(false);
  const convicting = [findings(result, colors), violations(result, colors)].filter((section) => section !== '');
  const sections = [
    ...(convicting.length === 0 ? [unseen(result, colors)] : convicting),
    list('What the server complained of', result.complaints.map(complaintText), '-', colors),
    endedEarly(result, colors),
    list('What to do next', result.nextSteps, '1', colors),
    lastLine(result, colors),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** Colours are for terminals whose owner did not say otherwise: NO_COLOR (any value but empty) and --no-color win. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv, asked: boolean): boolean {
  return asked && stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

function scenarioTable(result: CheckResult, colors: Colors): string {
  if (result.scenarios.length === 0) return '';
  const rows = result.scenarios.map((scenario) => [
    scenario.name,
    paint(scenario.verdict, colors),
    whatWasSeen(scenario),
    formatSeconds(scenario.elapsedMs),
  ]);
  return renderTable(
    [['scenario', 'verdict', 'what was seen', 'elapsed'].map((title) => colors.bold(title)), ...rows],
    [null, 12, 48, null],
  );
}

/** What convicts a scenario, or the figures of one that nothing convicts. */
function whatWasSeen(scenario: ScenarioResult): string {
  const [first, ...others] = scenario.violations.filter((violation) => !violation.expected);
  if (first === undefined) return keyFigures(scenario);
  const more = others.length === 0 ? '' : ` (and ${others.length} more below)`;
  return escapeTerminal(`${first.message}${more}; ${summarizeSteps(scenario)}${asExpected(scenario)}`);
}

function keyFigures(scenario: ScenarioResult): string {
  const parts = [`${summarizeSteps(scenario)}${asExpected(scenario)}`];
  const figures = formatFigures(scenario.figures);
  if (figures !== '') parts.push(figures);
  for (const [operation, timing] of Object.entries(scenario.timings)) parts.push(formatTiming(operation, timing));
  return escapeTerminal(parts.join('; '));
}

function asExpected(scenario: ScenarioResult): string {
  const count = scenario.violations.filter((violation) => violation.expected).length;
  return count === 0 ? '' : `; ${formatCount(count, 'violation')} as expected`;
}

function findings(result: CheckResult, colors: Colors): string {
  const all = result.scenarios.flatMap((scenario) => scenario.findings);
  if (all.length === 0) return '';
  const entries = all.map((finding, index) => {
    const title = `${index + 1}. ${finding.title}`;
    const lines = findingLines(finding).map(
      ({ label, text }) => `     ${label.padEnd(FINDING_LABEL_WIDTH)}${escapeTerminal(text)}`,
    );
    const isExcused = finding.allowed !== null || finding.known === true;
    return [`  ${isExcused ? escapeTerminal(title) : colors.red(escapeTerminal(title))}`, ...lines].join('\n');
  });
  return `${colors.bold('What leaks')}\n${entries.join('\n')}`;
}

function violations(result: CheckResult, colors: Colors): string {
  const all = result.scenarios.flatMap((scenario) => scenario.violations);
  if (all.length === 0) return '';
  const entries = all.map((violation, index) => {
    const head = `${index + 1}. ${violation.type} (${violation.kind}, ${violation.severity})${violation.expected ? ' - expected' : ''}`;
    const lines = [
      `  ${violation.expected ? head : colors.red(head)}`,
      `     in ${escapeTerminal(violation.scenario)}, step ${escapeTerminal(violation.step)}`,
      `     ${escapeTerminal(violation.message)}`,
    ];
    const evidence = shortEvidence(violation.evidence);
    if (evidence !== '') lines.push(`     evidence: ${escapeTerminal(evidence)}`);
    return lines.join('\n');
  });
  return `${colors.bold('Leaks and violations')}\n${entries.join('\n')}`;
}

/** As many figures as fit, whole ones, and at least the count of the others. */
function shortEvidence(evidence: Violation['evidence']): string {
  const all = Object.entries(evidence);
  const shown: string[] = [];
  for (const [name, value] of all) {
    const next = formatFigure(name, value);
    if ([...shown, next].join(', ').length > EVIDENCE_LENGTH) break;
    shown.push(next);
  }
  const left = all.length - shown.length;
  if (left > 0)
    shown.push(`${formatCount(left, shown.length > 0 ? 'more figure' : 'figure')} in --json and --report-md`);
  return shown.join(', ');
}

function unseen(result: CheckResult, colors: Colors): string {
  const groups = groupUnseenSteps(result);
  if (groups.length === 0) return '';
  const lines = groups.flatMap((group) => {
    const named = group.ids.slice(0, NAMED_COUNT).join(', ');
    const more = group.ids.length > NAMED_COUNT ? ` and ${group.ids.length - NAMED_COUNT} more` : '';
    return [`  ${colors.yellow(group.status)}  ${escapeTerminal(named + more)}`, `     ${escapeTerminal(group.note)}`];
  });
  return `${colors.bold('Not looked at')}\n${lines.join('\n')}`;
}

function promises(result: CheckResult, colors: Colors): string {
  const rows = describePromises(result.promises).map(({ name, text, promised }) => [
    `  ${name}`,
    promised ? text : colors.yellow(text),
  ]);
  return `${colors.bold('Promises')}\n${renderTable(rows)}`;
}

function coverage(matrix: CoverageMatrix, colors: Colors): string {
  const numbers = matrix.scenarios.map((name, index) => `${index + 1} = ${name}`).join(', ');
  const rows = matrix.rows.map((row) => {
    const caughtBy = row.cells.find((cell) => !isQuiet(cell)) ?? 'nobody';
    const right = row.fault === 'healthy' ? caughtBy === 'nobody' : row.caught;
    return [
      `  ${escapeTerminal(row.fault)}`,
      escapeTerminal(row.title),
      ...row.cells.map(markOf),
      right ? escapeTerminal(caughtBy) : colors.red(escapeTerminal(`${caughtBy} (wrong)`)),
    ];
  });
  const head = [
    '  fault',
    'what is wrong with it',
    ...matrix.scenarios.map((_, index) => String(index + 1)),
    'caught by',
  ];
  const onTarget = matrix.rows.some(({ cells }) => cells.includes('green on the target'))
    ? ', t green on the target itself'
    : '';
  const key = `  ${escapeTerminal(numbers)}; X caught, . green${onTarget}, - not run`;
  const table = renderTable([head, ...rows], [null, 44]);
  return `${colors.bold('Coverage: faulty servers by scenario')}\n${table}\n${key}`;
}

function endedEarly(result: CheckResult, colors: Colors): string {
  if (result.stopped === null) return '';
  const lines = escapeLines(result.stopped).map((line) => `  ${line}`);
  return `${colors.bold('Ended early')}\n${lines.join('\n')}`;
}

function list(title: string, items: readonly string[], mark: '-' | '1', colors: Colors): string {
  if (items.length === 0) return '';
  const lines = items.map((item, index) => `  ${mark === '-' ? '-' : `${index + 1}.`} ${escapeTerminal(item)}`);
  return `${colors.bold(title)}\n${lines.join('\n')}`;
}

function lastLine(result: CheckResult, colors: Colors): string {
  // What became of --expect stands in a row of its own, and is no scenario.
  const scenarios = result.scenarios.filter((scenario) => scenario.name !== 'expectations');
  const ran = scenarios.filter((scenario) => scenario.steps.some((step) => step.status !== 'not run')).length;
  const all = scenarios.length;
  const facts = `${ran} of ${all} scenarios, ${result.socketsOpened} sockets, ${formatSeconds(result.elapsedMs)}`;
  return `${paint(result.verdict, colors)}: ${facts}; exit code ${result.exitCode}`;
}

function paint(verdict: Verdict, colors: Colors): string {
  switch (verdict) {
    case 'watertight':
      return colors.green(verdict);
    case 'leak':
    case 'violation':
      return colors.red(verdict);
    case 'inconclusive':
    case 'not promised':
    case 'not visible':
      return colors.yellow(verdict);
  }
}

import type { Finding } from '../verdict/finding.ts';
import type { CheckResult, CoverageMatrix, ScenarioResult, StepResult } from '../verdict/types.ts';
import { isQuiet } from './coverage-mark.ts';
import { complaintText } from './complaints.ts';
import { escapeLines, escapeMarkdown, markdownCode } from './escape.ts';
import { formatFigure, formatFigures, formatMs, formatSeconds } from './figures.ts';
import { findingLines, harmlessLines } from './findings.ts';
import { describePromises } from './promises-text.ts';
import { summarizeSteps } from './step-groups.ts';

const MARK: Readonly<Record<StepResult['status'], string>> = {
  held: '✅',
  broken: '❌',
  inconclusive: '⚠️',
  'not visible': '◻️',
  'not promised': '◻️',
  'not run': '⏭️',
};

/** The report as a page: per scenario its purpose, what it did, its status and its figures; then environment and command. */
export function renderMarkdown(result: CheckResult): string {
  const sections = [
    '# Watertight report',
    `**Verdict: ${result.verdict}** (exit code ${result.exitCode}), ${result.startedAt}, ${formatSeconds(result.elapsedMs)}, ${result.socketsOpened} sockets`,
    result.stopped === null ? '' : `**Ended early:**\n\n${codeBlock(result.stopped)}`,
    leakSection(result),
    listSection('What grew, and is no leak', harmlessLines(result.scenarios), '-'),
    '## Scenarios',
    ...result.scenarios.map(scenarioSection),
    listSection('What the server complained of', result.complaints.map(complaintText), '-'),
    result.coverage === null ? '' : coverageSection(result.coverage),
    `## Promises\n\n${describePromises(result.promises)
      .map(({ name, text }) => `- ${name}: ${text}`)
      .join('\n')}`,
    listSection('What this cannot show', result.blindSpots, '-'),
    listSection('What to do next', result.nextSteps, '1.'),
    environmentSection(result),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function leakSection({ scenarios }: CheckResult): string {
  const leaks = scenarios.flatMap(({ findings }) => findings).map(findingMarkdown);
  return leaks.length === 0 ? '' : `## What leaks\n\n${leaks.join('\n\n')}`;
}

/** One leak for an issue or a page: what, then everything that is known about it. */
export function findingMarkdown(finding: Finding): string {
  const lines = findingLines(finding).map(
    ({ label, text }) => `- ${label === '' ? '' : `${label}: `}${escapeMarkdown(text)}`,
  );
  return `### ${escapeMarkdown(finding.title)}\n\n${lines.join('\n')}`;
}

function scenarioSection(scenario: ScenarioResult, index: number): string {
  const figures = Object.entries(scenario.figures).map(
    ([name, value]) => `- ${escapeMarkdown(formatFigure(name, value))}`,
  );
  const timings = Object.entries(scenario.timings).map(
    ([operation, timing]) =>
      `- ${escapeMarkdown(operation)}: p50 ${formatMs(timing.p50Ms)}, p95 ${formatMs(timing.p95Ms)}, p99 ${formatMs(timing.p99Ms)}, max ${formatMs(timing.maxMs)} (${timing.count} measured)`,
  );
  const parts = [
    `### ${index + 1}. ${escapeMarkdown(scenario.name)}`,
    `**Purpose:** ${escapeMarkdown(scenario.purpose)}`,
    `**Status:** ${scenario.verdict}, ${summarizeSteps(scenario)}, ${formatSeconds(scenario.elapsedMs)}`,
    `**What it did:**\n\n${scenario.steps.map(stepLine).join('\n')}`,
    figures.length + timings.length === 0 ? '' : `**Figures:**\n\n${[...figures, ...timings].join('\n')}`,
    ...scenario.violations.map(
      (violation) =>
        `> **${violation.type}** (${violation.kind}, ${violation.severity}${violation.expected ? ', expected' : ''}) in ${markdownCode(violation.step)}: ${escapeMarkdown(violation.message)}` +
        (Object.keys(violation.evidence).length === 0
          ? ''
          : `\n> Evidence: ${escapeMarkdown(formatFigures(violation.evidence))}`),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function stepLine(step: StepResult): string {
  const figures = formatFigures(step.figures);
  const status = step.status === 'held' ? '' : ` **${step.status}**`;
  const note = step.note === undefined ? '' : `: ${escapeMarkdown(step.note)}`;
  return `- ${MARK[step.status]} ${escapeMarkdown(step.title)}${status}${note}${figures === '' ? '' : ` (${escapeMarkdown(figures)})`}`;
}

function coverageSection(matrix: CoverageMatrix): string {
  const head = ['fault', 'what is wrong with it', ...matrix.scenarios.map(escapeMarkdown), 'caught'];
  const lines = matrix.rows.map((entry) =>
    row([
      escapeMarkdown(entry.fault),
      escapeMarkdown(entry.title),
      ...entry.cells.map((cell) => (isQuiet(cell) ? cell : markdownCode(cell).replaceAll('|', '\\|'))),
      entry.caught ? 'yes' : 'no',
    ]),
  );
  return `## Coverage: faulty servers by scenario\n\n${[row(head), row(head.map(() => '---')), ...lines].join('\n')}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function listSection(title: string, items: readonly string[], mark: string): string {
  return items.length === 0
    ? ''
    : `## ${title}\n\n${items.map((item) => `${mark} ${escapeMarkdown(item)}`).join('\n')}`;
}

function environmentSection(result: CheckResult): string {
  const { target } = result;
  const inside = target.insideView ? (target.factory ? 'yes, with a factory of @watertight/server' : 'yes') : 'no';
  const lines = [
    `- command: ${markdownCode(result.command)}`,
    `- target: ${markdownCode(target.label)} at ${markdownCode(target.url)}${target.pid === null ? '' : `, process ${target.pid}`}`,
    `- seen from inside: ${inside}`,
    `- seed: ${result.seed}`,
    `- ${result.tool.name} ${result.tool.version}`,
    ...Object.entries(result.environment).map(([name, value]) => `- ${escapeMarkdown(formatFigure(name, value))}`),
  ];
  return `## Environment\n\n${lines.join('\n')}`;
}

/** An indented block: no text can close it. */
function codeBlock(text: string): string {
  return escapeLines(text)
    .map((line) => `    ${line}`)
    .join('\n');
}

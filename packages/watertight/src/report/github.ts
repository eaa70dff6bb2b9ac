import type { CheckResult } from '../verdict/types.ts';
import { escapeMarkdown, escapeTerminal, markdownCode } from './escape.ts';
import { formatCount, formatSeconds } from './figures.ts';
import { findingLines } from './findings.ts';
import { pathInRepository, shownPlace } from './shown-place.ts';
import { summarizeSteps } from './step-groups.ts';
import { excusedLeaks, problemsOf, type Problem } from './told-problems.ts';

/** What GitHub takes of one step, in bytes. */
const MAX_SUMMARY_BYTES = 1024 ** 2;
const SIGN: Readonly<Record<string, string>> = { watertight: '✅', leak: '❌', violation: '❌' };

/** Workflow commands: each leak as an annotation at its line, each broken promise as one of the run. What is excused is a notice. */
export function renderAnnotations(result: CheckResult, folder: string, root = ''): string {
  const lines = problemsOf(result).map((problem) => {
    const level = problem.excuse === undefined ? 'error' : 'notice';
    const text = `${sentenceOf(problem)}${problem.excuse === undefined ? '' : ` (${problem.excuse})`}`;
    return command(level, { ...whereIs(problem, folder, root), title: titleOf(problem) }, text);
  });
  if (result.stopped !== null) lines.push(command('error', { title: 'watertight ended early' }, result.stopped));
  else if (result.verdict === 'inconclusive')
    lines.push(command('warning', { title: 'watertight: inconclusive' }, result.nextSteps.join(' ')));
  return lines.map((line) => `${line}\n`).join('');
}

/** The page of a job: the answer first, then the leaks, then the scenarios. */
export function renderJobSummary(result: CheckResult, folder: string, root = ''): string {
  const problems = problemsOf(result);
  const open = problems.filter(({ excuse }) => excuse === undefined);
  const facts = `${result.socketsOpened} sockets, ${formatSeconds(result.elapsedMs)}, exit code ${result.exitCode}`;
  const head = [
    `## ${SIGN[result.verdict] ?? '⚠️'} Watertight: ${result.verdict}`,
    `${answerOf(result, open)} ${facts}.`,
  ];
  const tail = [
    ...(result.stopped === null ? [] : [`**Ended early:** ${escapeMarkdown(result.stopped)}`]),
    scenarioTable(result),
    ...(result.nextSteps.length === 0
      ? []
      : [`### What to do next\n\n${result.nextSteps.map((step) => `1. ${escapeMarkdown(step)}`).join('\n')}`]),
    `Repeat it: ${markdownCode(result.command)}`,
  ];
  const sections = problems.map((problem) => problemSection(problem, folder, root));
  return `${fitting(head, sections, tail).join('\n\n')}\n\n`;
}

/** As many problems as fit, and how many do not. */
function fitting(head: readonly string[], sections: readonly string[], tail: readonly string[]): readonly string[] {
  let leftBytes = MAX_SUMMARY_BYTES / 2 - Buffer.byteLength([...head, ...tail].join('\n\n'));
  const shown = sections.filter((section) => (leftBytes -= Buffer.byteLength(section) + 2) > 0);
  const left = sections.length - shown.length;
  const note = left === 0 ? [] : [`${left} more in the report.`];
  return [...head, ...shown, ...note, ...tail].map((section) => section.slice(0, MAX_SUMMARY_BYTES / 8));
}

function answerOf(result: CheckResult, open: readonly Problem[]): string {
  const leaks = open.filter(({ is }) => is === 'finding').length;
  const broken = open.length - leaks;
  const parts = [
    ...(leaks > 0 ? [formatCount(leaks, 'leak')] : []),
    ...(broken > 0 ? [`${formatCount(broken, 'promise')} broken`] : []),
  ];
  if (parts.length > 0) return `${parts.join(', ')}.`;
  if (result.verdict !== 'watertight') return 'What was seen is not enough to say.';
  const excused = excusedLeaks(result);
  return excused === undefined ? 'Nothing stays behind.' : `Nothing stays behind but ${excused}.`;
}

function problemSection(problem: Problem, folder: string, root: string): string {
  const place = problem.is === 'finding' ? shownPlace(problem.finding) : undefined;
  const path = place === undefined ? undefined : (pathInRepository(place.file, folder, root) ?? place.file);
  const at = place === undefined || path === undefined ? '' : ` at ${markdownCode(`${path}:${place.line}`)}`;
  const excuse = problem.excuse === undefined ? '' : ` _(${escapeMarkdown(problem.excuse)})_`;
  const head = `- **${escapeMarkdown(titleOf(problem))}**${at}${excuse}`;
  if (problem.is === 'violation') return `${head}\n  ${escapeMarkdown(problem.violation.message)}`;
  const lines = findingLines(problem.finding).map(
    ({ label, text }) => `  - ${label === '' ? '' : `${label}: `}${escapeMarkdown(text)}`,
  );
  return [head, ...lines].join('\n');
}

function scenarioTable(result: CheckResult): string {
  const rows = result.scenarios.map(
    (scenario) =>
      `| ${escapeMarkdown(scenario.name)} | ${SIGN[scenario.verdict] ?? '◻️'} ${scenario.verdict} | ${summarizeSteps(scenario)} | ${formatSeconds(scenario.elapsedMs)} |`,
  );
  return ['| scenario | verdict | steps | elapsed |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function titleOf(problem: Problem): string {
  return problem.is === 'finding' ? problem.finding.title : problem.violation.type;
}

function sentenceOf(problem: Problem): string {
  return problem.is === 'finding' ? problem.finding.sentence : problem.violation.message;
}

function whereIs(problem: Problem, folder: string, root: string): Readonly<Record<string, string>> {
  const place = problem.is === 'finding' ? shownPlace(problem.finding) : undefined;
  const path = place === undefined ? undefined : pathInRepository(place.file, folder, root);
  if (place === undefined || path === undefined) return {};
  return { file: path, line: String(place.line), col: String(place.column) };
}

function command(level: string, properties: Readonly<Record<string, string>>, text: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(escapeTerminal(value))}`);
  return `::${level} ${list.join(',')}::${escapeData(escapeTerminal(text))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

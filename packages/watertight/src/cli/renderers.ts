import { renderGitlab } from '../report/gitlab.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import { renderJunit } from '../report/junit.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { renderPrometheus } from '../report/prometheus.ts';
import { renderSarif } from '../report/sarif.ts';
import type { CheckResult } from '../verdict/types.ts';
import { readReportPage } from './report-page.ts';
import type { ReportFormat } from './report-formats.ts';

/** `folder` is where the check ran, below `root`, that of its repository; empty at the root, and where nobody says where that is. */
type Renderer = (result: CheckResult, folder: string, root?: string) => string;

export const RENDERERS: Readonly<Record<ReportFormat['name'], Renderer>> = {
  json: renderJson,
  html: (result) => renderHtml(result, readReportPage()),
  markdown: renderMarkdown,
  junit: renderJunit,
  sarif: renderSarif,
  gitlab: renderGitlab,
  prometheus: renderPrometheus,
};

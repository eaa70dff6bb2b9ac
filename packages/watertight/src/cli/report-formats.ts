/** A way to write a result down; how it is rendered stands in `renderers.ts`, which is loaded when something is written. */
export interface ReportFormat {
  readonly name: 'json' | 'html' | 'markdown' | 'junit' | 'sarif' | 'gitlab' | 'prometheus';
  /** The option that names its file. */
  readonly flag: string;
  /** The same in watertight.config. */
  readonly configKey: string;
  /** Its file in the folder of `--report-dir`. */
  readonly fileName: string;
  readonly what: string;
}

export const REPORT_FORMATS: readonly ReportFormat[] = [
  { name: 'json', flag: 'json', configKey: 'json', fileName: 'result.json', what: 'the result as JSON' },
  {
    name: 'html',
    flag: 'report-html',
    configKey: 'reportHtml',
    fileName: 'report.html',
    what: 'the report as one HTML file that needs nothing else',
  },
  {
    name: 'markdown',
    flag: 'report-md',
    configKey: 'reportMd',
    fileName: 'report.md',
    what: 'the report as Markdown',
  },
  {
    name: 'junit',
    flag: 'report-junit',
    configKey: 'reportJunit',
    fileName: 'junit.xml',
    what: 'steps and leaks as tests, JUnit XML',
  },
  {
    name: 'sarif',
    flag: 'report-sarif',
    configKey: 'reportSarif',
    fileName: 'watertight.sarif',
    what: 'leaks at their lines, SARIF 2.1.0, for code scanning',
  },
  {
    name: 'gitlab',
    flag: 'report-gitlab',
    configKey: 'reportGitlab',
    fileName: 'gl-code-quality-report.json',
    what: 'leaks at their lines, code quality for GitLab',
  },
  {
    name: 'prometheus',
    flag: 'textfile',
    configKey: 'textfile',
    fileName: 'watertight.prom',
    what: 'the result as metrics, for the textfile collector of node_exporter',
  },
];

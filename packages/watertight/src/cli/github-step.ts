import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';

import { renderAnnotations, renderJobSummary } from '../report/github.ts';
import type { CheckResult } from '../verdict/types.ts';
import { folderInRepository, repositoryRoot } from './repository-folder.ts';

/** A step of a GitHub workflow, from the first line that is written in it. */
export interface GithubStep {
  /** Annotations go to the output, the page to the file that GitHub names. */
  tell(result: CheckResult): Promise<void>;
  /** Once more commands are heeded again. Idempotent. */
  end(): void;
}

/** From here to the end nothing that a target says becomes a workflow command. */
export function beginGithubStep(env: NodeJS.ProcessEnv, write: (text: string) => void): GithubStep {
  const token = randomUUID();
  let isStopped = true;
  write(`::stop-commands::${token}\n`);
  const end = (): void => {
    if (isStopped) write(`::${token}::\n`);
    isStopped = false;
  };
  return {
    end,
    async tell(result) {
      end();
      const inRepository = [folderInRepository(env, process.cwd()), repositoryRoot(env)] as const;
      write(renderAnnotations(result, ...inRepository));
      const page = env['GITHUB_STEP_SUMMARY'] ?? '';
      if (page !== '') await appendFile(page, renderJobSummary(result, ...inRepository));
    },
  };
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Examination } from '../../evidence/examination.ts';
import type { ScenarioContext } from '../types.ts';

/** Where artefacts are wanted: what is alive by allocation stack after the windows, one file for each process and thread. */
export async function keepProfiles({ effort }: ScenarioContext, { heap }: Examination): Promise<void> {
  const { artefactDir } = effort;
  if (artefactDir === undefined) return;
  for (const [index, profile] of ((await heap?.allocationProfiles()) ?? []).entries())
    await writeFile(join(artefactDir, `allocations-${index + 1}.heapprofile`), JSON.stringify(profile));
}

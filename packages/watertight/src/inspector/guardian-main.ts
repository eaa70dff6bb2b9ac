import { closeInspector } from './inside.ts';
import { InspectorSession } from './session.ts';

const [inspectorUrl = ''] = process.argv.slice(2);
let said = '';
for await (const chunk of process.stdin) said += String(chunk);
if (said.trim() !== 'done') {
  // A target that is gone has closed it itself.
  const session = await InspectorSession.connect(inspectorUrl).catch(() => undefined);
  if (session !== undefined) {
    await closeInspector(session);
    await session.close();
  }
}

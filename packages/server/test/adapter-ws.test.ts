import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofUpgrades } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { wsSubject } from './ws-subject.ts';

const ws = wsSubject('ws');

conformance(ws);
conformanceOfAwaits(ws);
conformancePolicies(ws, ofUpgrades);
conformancePolicies(wsSubject('ws, refusing by close code', { refusal: 'close' }), {
  ...ofUpgrades,
  words: ['close', 'http'],
  absent: [],
});

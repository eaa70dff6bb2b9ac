import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformance } from './conformance.suite.ts';
import { wsSubject } from './ws-subject.ts';

const ws = wsSubject('ws');

conformance(ws);
conformanceOfAwaits(ws);

import { conformance } from './conformance.suite.ts';
import { wsSubject } from './ws-subject.ts';

conformance(wsSubject('ws'));

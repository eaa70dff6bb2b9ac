import { conformance } from '../../../server/test/conformance.suite.ts';
import { subjectInMemory } from './memory-subjects.ts';

conformance(subjectInMemory('connections in memory'));
conformance(subjectInMemory('connections in memory that take 5 ms', { delayMs: 5 }));

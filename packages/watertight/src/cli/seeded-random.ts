export { seededRandom } from '../scenarios/seeded-random.ts';

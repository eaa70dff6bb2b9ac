import type { FactoryStats } from '@watertight/server';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition } from '../types.ts';

const ID = 'limit/an-address-that-is-made-up-is-not-believed';

export const FORWARDED_STEP: StepDefinition = {
  id: ID,
  title:
    'Where a server goes by addresses, clients that each put another one at the left of X-Forwarded-For come from one address all the same',
};

/** Left of one that is the same for all, which is whom a server sees that has this side for its proxy. Addresses for documentation (RFC 5737). */
const MADE_UP = ['198.51.100.1', '198.51.100.2', '198.51.100.3'] as const;
const LAST_HOP = '203.0.113.1';
const PATIENCE_MS = 2_000;

/** A proxy adds to the right of what a client says; whoever believes what stands on the left counts as many addresses as a client makes up. */
export async function checkForwarded({ drive, inside }: ScenarioContext, steps: Steps): Promise<void> {
  const factory = inside?.factory;
  if (factory === undefined)
    return steps.skip(ID, 'not visible', 'only a factory that can be asked says from how many addresses somebody came');
  const { maxManagersPerAddress, maxConnectsPerSecondPerAddress } = factory.options;
  if (maxManagersPerAddress === false && maxConnectsPerSecondPerAddress === false)
    return steps.skip(ID, 'not promised', 'no policy of the server goes by addresses (maxManagersPerAddress)');
  await steps.check(ID, async () => {
    const before = knownTo(await factory.stats());
    const attempts = await Promise.all(
      MADE_UP.map((address, index) =>
        drive.connect(drive.userId(1_108 + index), { forwardedFor: [address, LAST_HOP] }),
      ),
    );
    const more = knownTo(await factory.stats()) - before;
    const clients = attempts.flatMap((attempt) => (attempt.admitted ? [attempt.client] : []));
    await Promise.all(clients.map((client) => client.end('close-frame')));
    await Promise.all(clients.map((client) => client.gone(PATIENCE_MS)));
    for (const client of clients) client.dispose();
    // Who is refused may be so for its address, which is then not the one that it made up; who got no answer shows nothing.
    const failure = attempts.find((attempt) => !attempt.admitted && attempt.failure !== undefined);
    if (failure !== undefined) throw new Error('a client of another user got no answer');
    return {
      ok: more < MADE_UP.length,
      message: `${MADE_UP.length} clients from one address, each with another one of its own making at the left of X-Forwarded-For, are ${more} addresses more`,
      type: 'limit-not-enforced',
      isTimeless: true,
      figures: { admitted: clients.length, more },
    };
  });
}

function knownTo({ addresses, connectRates }: FactoryStats): number {
  return addresses + connectRates.trackedAddresses;
}

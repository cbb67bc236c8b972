// What the official emulators need and nobody else makes for them, from topology.json:
//   node emulators/emulators.mjs config > emulators/Config.json   the entities of the Service Bus emulator, which reads them when it starts
//   node emulators/emulators.mjs cosmos [endpoint]                database and containers of the Cosmos DB emulator; may run again
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const topology = JSON.parse(readFileSync(new URL('../topology.json', import.meta.url), 'utf8'));

// The Service Bus emulator's limits: where topology.json asks for more, the emulator gets what it can.
const maxDeliveryCount = 10;
const maxDuplicateWindow = 'PT5M';
const timeToLive = 'PT1H';

const seconds = duration => {
  const [, days, hours, minutes, rest] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration) ?? fail(`'${duration}' is no duration such as PT1M.`);
  return +(days ?? 0) * 86400 + +(hours ?? 0) * 3600 + +(minutes ?? 0) * 60 + +(rest ?? 0);
};
const atMost = (duration, limit) => (seconds(duration) > seconds(limit) ? limit : duration);
const fail = message => {
  console.error(message);
  process.exit(1);
};

function config() {
  const bus = topology.serviceBus;
  const receiving = entity => ({
    DeadLetteringOnMessageExpiration: true,
    DefaultMessageTimeToLive: timeToLive,
    ForwardDeadLetteredMessagesTo: '',
    ForwardTo: '',
    LockDuration: atMost(entity.lockDuration ?? bus.lockDuration, 'PT5M'),
    MaxDeliveryCount: Math.min(entity.maxDeliveryCount ?? bus.maxDeliveryCount, maxDeliveryCount),
    RequiresSession: entity.requiresSession ?? true,
  });
  const deduplicating = entity => ({
    DuplicateDetectionHistoryTimeWindow: atMost(entity.duplicateDetectionWindow ?? bus.duplicateDetectionWindow, maxDuplicateWindow),
    RequiresDuplicateDetection: true,
  });
  const rule = (name, properties) => ({ Name: name, Properties: { FilterType: 'Correlation', CorrelationFilter: { Properties: properties } } });
  return {
    UserConfig: {
      Namespaces: [
        {
          Name: 'sbemulatorns',
          Queues: bus.queues.map(queue => ({ Name: queue.name, Properties: { ...receiving(queue), ...deduplicating(queue) } })),
          Topics: bus.topics.map(topic => ({
            Name: topic.name,
            Properties: { DefaultMessageTimeToLive: timeToLive, ...deduplicating(topic) },
            Subscriptions: topic.subscriptions.map(subscription => ({
              Name: subscription.name,
              Properties: receiving(subscription),
              Rules: [
                rule('replays', { replayfor: `${topic.name}/${subscription.name}` }),
                ...subscription.types.map(type => rule(type, { cloudEvents_type: type, replayfor: 'all' })),
              ],
            })),
          })),
        },
      ],
      Logging: { Type: 'File' },
    },
  };
}

async function cosmos(endpoint) {
  // The key that everyone knows from the official emulator. It protects nothing.
  const key = Buffer.from('C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==', 'base64');
  // Its certificate is its own; this is one machine.
  if (endpoint.startsWith('https://localhost') || endpoint.startsWith('https://127.0.0.1'))
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

  const create = async (path, type, link, body) => {
    const date = new Date().toUTCString();
    const signature = createHmac('sha256', key).update(`post\n${type}\n${link}\n${date.toLowerCase()}\n\n`).digest('base64');
    const response = await fetch(new URL(path, endpoint), {
      method: 'POST',
      headers: {
        authorization: encodeURIComponent(`type=master&ver=1.0&sig=${signature}`),
        'content-type': 'application/json',
        'x-ms-date': date,
        'x-ms-version': '2018-12-31',
      },
      body: JSON.stringify(body),
    });
    if (response.status !== 201 && response.status !== 409)
      fail(`${body.id} could not be made: ${response.status} ${await response.text()}`);
    console.log(`${body.id}: ${response.status === 201 ? 'made' : 'is there already'}`);
  };

  const { database, leases, containers } = topology.cosmos;
  const keyed = path => ({ paths: [path], kind: 'Hash', version: 2 });
  await create('dbs', 'dbs', '', { id: database });
  for (const { name } of containers)
    await create(`dbs/${database}/colls`, 'colls', `dbs/${database}`, { id: name, partitionKey: keyed('/pk'), defaultTtl: -1 });
  await create(`dbs/${database}/colls`, 'colls', `dbs/${database}`, { id: leases, partitionKey: keyed('/id') });
}

const [command, endpoint] = process.argv.slice(2);
if (command === 'config')
  console.log(JSON.stringify(config(), null, 2));
else if (command === 'cosmos')
  await cosmos(endpoint ?? 'https://localhost:8081/').catch(error => fail(`${endpoint ?? 'https://localhost:8081/'} does not answer as Cosmos DB does: ${error.cause?.message ?? error.message}`));
else
  fail('Say what to do: "config" or "cosmos [endpoint]".');

// Makes database and containers in the Cosmos DB emulator, from topology.json; may run again:
//   node emulators/emulators.mjs cosmos [endpoint]
// The Service Bus emulator reads its entities from Config.json when it starts; 'pipeline generate' writes that.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const topology = JSON.parse(readFileSync(new URL('../topology.json', import.meta.url), 'utf8'));

const fail = message => {
  console.error(message);
  process.exit(1);
};

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
if (command === 'cosmos')
  await cosmos(endpoint ?? 'https://localhost:8081/').catch(error => fail(`${endpoint ?? 'https://localhost:8081/'} does not answer as Cosmos DB does: ${error.cause?.message ?? error.message}`));
else
  fail('Say what to do: "cosmos [endpoint]".');

// A webhook subscriber for CloudEvents 1.0: Node 20, no dependencies. Copy it, change handle(), put HTTPS in front.
//   TOKEN=a-long-random-secret node subscriber.mjs
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const { TOKEN, PORT = '3000', ORIGINS = 'eventgrid.azure.net' } = process.env;
const MAX_BYTES = 1024 * 1024;
const MAX_REMEMBERED = 10_000;
if (!TOKEN) throw new Error('Set TOKEN to the secret that the sender adds to the address as ?access_token=...');

// Your work goes here. It may run twice for one event, after a restart say: make it idempotent, or keep `seen` in your database.
async function handle(event) {
  console.log(JSON.stringify(event));
}

const digest = (text) => createHash('sha256').update(text).digest();
const expected = digest(TOKEN);
const seen = new Map(); // source + id => the handling, finished or under way; oldest first

async function once(event) {
  const key = JSON.stringify([event.source, event.id]);
  const known = seen.get(key);
  if (known) return known;
  const handling = handle(event);
  seen.set(key, handling);
  if (seen.size > MAX_REMEMBERED) seen.delete(seen.keys().next().value);
  try {
    await handling;
  } catch (error) {
    seen.delete(key); // the sender delivers it again
    throw error;
  }
}

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function check(event) {
  const wrong = ['id', 'source', 'type'].find((name) => typeof event?.[name] !== 'string' || event[name] === '');
  if (wrong || event.specversion !== '1.0') throw new Refusal(400, `Not a CloudEvent 1.0: see '${wrong ?? 'specversion'}'.`);
  return event;
}

// Header values: quotes off, then percent codes decoded once (HTTP binding 1.0.2, 3.1.3.2).
const decode = (value) => decodeURIComponent(/^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value);

function eventsOf(headers, body) {
  const type = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  try {
    if (type === 'application/cloudevents+json') return [check(JSON.parse(body))];
    if (type === 'application/cloudevents-batch+json') return JSON.parse(body).map(check);
    if (type.startsWith('application/cloudevents') || !headers['ce-id']) throw new Refusal(415, `'${type}' is no CloudEvent in JSON.`);
    const event = { datacontenttype: headers['content-type'] };
    for (const [name, value] of Object.entries(headers)) if (name.startsWith('ce-')) event[name.slice(3)] = decode(value);
    const isJson = /^(application|text)\/([^;]+\+)?json$/.test(type);
    if (body.length > 0) event[isJson ? 'data' : 'data_base64'] = isJson ? JSON.parse(body) : body.toString('base64');
    return [check(event)];
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(400, `The request cannot be read: ${error.message}`);
  }
}

async function bodyOf(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    if ((length += chunk.length) > MAX_BYTES) throw new Refusal(413, `At most ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answer(request, response) {
  if (request.method === 'OPTIONS') { // the handshake: yes, to the senders that we expect
    const origin = request.headers['webhook-request-origin'];
    response.setHeader('Allow', 'POST');
    if (!ORIGINS.split(',').includes(origin)) throw new Refusal(403, 'Origin not allowed.');
    response.setHeader('WebHook-Allowed-Origin', origin);
    response.setHeader('WebHook-Allowed-Rate', request.headers['webhook-request-rate'] ?? '*');
    return response.writeHead(200).end();
  }
  if (request.method !== 'POST') throw new Refusal(405, 'Only POST and OPTIONS.');
  const token = new URL(request.url, 'http://localhost').searchParams.get('access_token') ?? '';
  if (!timingSafeEqual(digest(token), expected)) throw new Refusal(401, 'Not authorized.');
  for (const event of eventsOf(request.headers, await bodyOf(request))) await once(event);
  response.writeHead(204).end();
}

createServer((request, response) => answer(request, response).catch((error) => {
  if (!(error instanceof Refusal)) console.error(error);
  response.writeHead(error.status ?? 500, { 'Content-Type': 'text/plain', Connection: 'close' }).end(error instanceof Refusal ? error.message : '');
})).listen(Number(PORT), '127.0.0.1', function () {
  console.error(`Listening on http://127.0.0.1:${this.address().port}`);
});

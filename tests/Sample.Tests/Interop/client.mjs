// Speaks to the sample subscriber as a sender does, in all content modes. Arguments: its address, its token.
import { CloudEvent, HTTP } from 'cloudevents';

const [address, token] = process.argv.slice(2);
const event = (id, more) => new CloudEvent({ id, source: '/orders', type: 'com.contoso.ordering.order-completed.v1', data: { orderId: id }, ...more });

async function send(message, { access = token, method = 'POST', headers = {} } = {}) {
  const response = await fetch(`${address}/?access_token=${encodeURIComponent(access)}`, { method, headers: { ...message.headers, ...headers }, body: message.body });
  return { status: response.status, origin: response.headers.get('webhook-allowed-origin'), rate: response.headers.get('webhook-allowed-rate') };
}

const batch = (...events) => ({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: JSON.stringify(events) });
const shake = (origin, rate) => send({}, { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': origin, ...(rate && { 'WebHook-Request-Rate': rate }) } });

console.log(JSON.stringify({
  handshake: await shake('eventgrid.azure.net', '120'),
  stranger: await shake('evil.example'),
  binary: await send(HTTP.binary(event('1', { subject: '%22quoted%22%20%E2%82%AC' }))),
  structured: await send({ ...HTTP.structured(event('2')), headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' } }),
  batch: await send(batch(event('3'), event('4'))),
  duplicates: await send(batch(event('1'), event('4'), event('4', { source: '/others' }))),
  wrongToken: await send(HTTP.structured(event('5')), { access: 'wrong' }),
  noToken: await send(HTTP.structured(event('5')), { access: '' }),
  plain: await send({ headers: { 'content-type': 'text/plain' }, body: 'hello' }),
  notJson: await send({ headers: { 'content-type': 'application/cloudevents+json' }, body: '{' }),
  notAnEvent: await send({ headers: { 'content-type': 'application/cloudevents+json' }, body: '{"id":"6"}' }),
  tooLarge: await send({ headers: { 'content-type': 'application/cloudevents+json' }, body: `"${'x'.repeat(1024 * 1024)}"` }).catch(() => ({ status: 413 })),
}));

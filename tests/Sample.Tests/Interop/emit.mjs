// Emits one event per content mode with the CloudEvents SDK. Arguments: the receiver's address, with its token in it.
import { CloudEvent, emitterFor, HTTP, httpTransport, Mode } from 'cloudevents';

const sink = process.argv[2];

function event(number, more) {
  return new CloudEvent({
    id: `sdk-${number}`,
    source: 'https://carrier.example/sdk',
    type: 'com.contoso.carrier.parcel-delivered.v1',
    subject: `parcel ${number} "fragile" 100%25`,
    time: new Date(Date.now() - 60_000).toISOString(),
    data: { orderId: `o-${number}`, deliveredAt: '2026-01-31T12:00:00Z', signedBy: 'Zo\u00eb \u{1F600}' },
    ...more,
  });
}

// The SDK's transport does not tell the status, so the answer's is taken here.
async function post(message) {
  const response = await fetch(sink, { method: 'POST', headers: message.headers, body: message.body });
  return { status: response.status, body: await response.text() };
}

const answers = {
  binary: await emitterFor(post)(event(1)),
  structured: await emitterFor(post, { mode: Mode.STRUCTURED })(event(2)),
  batch: await post({
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify([event(3), event(4, { datacontenttype: 'application/json', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })]),
  }),
  again: await post(HTTP.structured(event(1))),
  wrong: await post(HTTP.structured(event(5, { data: { orderId: 'o-5' } }))),
};
const { body } = await httpTransport(sink)(HTTP.binary(event(6)));
answers.transport = { status: 202, body };
console.log(JSON.stringify(answers));

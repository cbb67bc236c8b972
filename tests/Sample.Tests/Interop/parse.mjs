// Reads messages ({ headers, body } as a JSON array) from standard input, has the CloudEvents SDK parse and validate each,
// and prints the events as it understands them.
import { HTTP } from 'cloudevents';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const events = JSON.parse(text).flatMap((message) => {
  const parsed = HTTP.toEvent(message);
  return Array.isArray(parsed) ? parsed : [parsed];
});
for (const event of events) event.validate();
console.log(JSON.stringify(events));

// npm's @azure/service-bus against a Service Bus whose connection string is the argument. It needs the queues "plain", with
// locks of a minute, and "sessions", which requires sessions; both empty.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";

const client = new ServiceBusClient(process.argv[2], { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } });

// Messages, batches, settlement.
const sender = client.createSender("plain");
await sender.sendMessages({ messageId: "json", body: { text: "grün", n: 1 }, applicationProperties: { color: "red", count: 3 } });
await sender.sendMessages([{ messageId: "a", body: "text" }, { messageId: "b", body: Buffer.from([1, 2, 3]) }]);
const batch = await sender.createMessageBatch();
assert.ok(batch.tryAddMessage({ messageId: "c", body: "in a batch" }));
await sender.sendMessages(batch);
const receiver = client.createReceiver("plain");
const received = [];
while (received.length < 4) {
  const more = await receiver.receiveMessages(4 - received.length, { maxWaitTimeInMs: 10_000 });
  assert.ok(more.length > 0);
  received.push(...more);
}
assert.deepEqual(received.map((m) => m.messageId), ["json", "a", "b", "c"]);
assert.deepEqual(received[0].body, { text: "grün", n: 1 });
assert.deepEqual(received[0].applicationProperties, { color: "red", count: 3 });
assert.deepEqual([...received[2].body], [1, 2, 3]);
await receiver.completeMessage(received[0]);
await receiver.abandonMessage(received[1], { tried: true });
await receiver.deferMessage(received[2]);
await receiver.deadLetterMessage(received[3], { deadLetterReason: "bad", deadLetterErrorDescription: "very" });
const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
assert.equal(again.messageId, "a");
assert.equal(again.deliveryCount, 1);
assert.equal(again.applicationProperties.tried, true);
await receiver.completeMessage(again);
const [deferred] = await receiver.receiveDeferredMessages(received[2].sequenceNumber);
await receiver.completeMessage(deferred);
const deadLetters = client.createReceiver("plain", { subQueueType: "deadLetter" });
const [dead] = await deadLetters.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
assert.equal(dead.deadLetterReason, "bad");
await deadLetters.completeMessage(dead);
assert.equal((await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 })).length, 0);

// Schedules and peeking.
const [number] = await sender.scheduleMessages({ messageId: "later", body: "x" }, new Date(Date.now() + 3_600_000));
assert.deepEqual((await receiver.peekMessages(5)).map((m) => m.messageId), ["later"]);
await sender.cancelScheduledMessages(number);
assert.equal((await receiver.peekMessages(5, { fromSequenceNumber: number })).length, 0);

// What cannot be.
await assert.rejects(sender.sendMessages({ body: "x".repeat(300_000) }), (e) => e.code === "MessageSizeExceeded");
await assert.rejects(client.createSender("nothing").sendMessages({ body: "x" }), (e) => e.code === "MessagingEntityNotFound");

// Sessions: in order, one holder at a time, with a state.
const sessions = client.createSender("sessions");
for (const session of ["one", "two"]) {
  await sessions.sendMessages([1, 2, 3].map((i) => ({ sessionId: session, messageId: `${session}-${i}`, body: i })));
}
const one = await client.acceptSession("sessions", "one");
await assert.rejects(client.acceptSession("sessions", "one"), (e) => e.code === "SessionCannotBeLocked");
const next = await client.acceptNextSession("sessions");
assert.equal(next.sessionId, "two");
for (const session of [one, next]) {
  for (const i of [1, 2, 3]) {
    const [message] = await session.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    assert.equal(message.messageId, `${session.sessionId}-${i}`);
    assert.equal(message.body, i);
    await session.completeMessage(message);
  }
  assert.equal((await session.receiveMessages(1, { maxWaitTimeInMs: 300 })).length, 0);
  await session.setSessionState({ done: true });
  await session.renewSessionLock();
  await session.close();
}
const state = await client.acceptSession("sessions", "one");
assert.deepEqual(await state.getSessionState(), { done: true });
await state.setSessionState(null);
await state.close();

// A subscriber gets what is sent while it listens.
const subscribed = [];
const done = new Promise((resolve, reject) => {
  receiver.subscribe({
    processMessage: async (message) => {
      subscribed.push(message.messageId);
      if (subscribed.length === 3) resolve();
    },
    processError: async (args) => reject(args.error),
  });
});
await sender.sendMessages(["x", "y", "z"].map((id) => ({ messageId: id, body: id })));
await done;
await receiver.close();
assert.deepEqual(subscribed.toSorted?.() ?? [...subscribed].sort(), ["x", "y", "z"]);
await client.close();
console.log("done");

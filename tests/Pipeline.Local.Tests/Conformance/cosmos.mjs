// Runs the client for JavaScript over an account: every step checks its result, and the first that is wrong ends the run.
// Usage: node cosmos.mjs ENDPOINT KEY
import assert from "node:assert/strict";
import { ChangeFeedStartFrom, CosmosClient } from "@azure/cosmos";

const [endpoint, key] = process.argv.slice(2);
const client = new CosmosClient({ endpoint, key, connectionPolicy: { enableEndpointDiscovery: false } });
const { database } = await client.databases.create({ id: `node-${process.pid}-${Date.now()}` });
try {
  const { container } = await database.containers.create(
    { id: "items", partitionKey: { paths: ["/pk"] }, uniqueKeyPolicy: { uniqueKeys: [{ paths: ["/email"] }] } },
    { offerThroughput: 30000 });
  const status = promise => promise.then(() => 200, error => error.code);
  const all = (query, options) => container.items.query(query, options).fetchAll().then(answer => answer.resources);

  // Point operations.
  const { resource: made } = await container.items.create({ id: "1", pk: "p", n: 1, email: "a" });
  assert.ok(made._etag);
  assert.equal(await status(container.items.create({ id: "1", pk: "p", email: "b" })), 409);
  assert.equal(await status(container.items.create({ id: "2", pk: "p", email: "a" })), 409);
  assert.equal((await container.item("1", "p").read()).resource.n, 1);
  assert.equal((await container.item("nope", "p").read()).statusCode, 404);
  const guard = { accessCondition: { type: "IfMatch", condition: made._etag } };
  await container.item("1", "p").replace({ id: "1", pk: "p", n: 2, email: "a" }, guard);
  assert.equal(await status(container.item("1", "p").replace({ id: "1", pk: "p", n: 3, email: "a" }, guard)), 412);
  const patched = await container.item("1", "p").patch([{ op: "incr", path: "/n", value: 5 }]);
  assert.equal(patched.resource.n, 7);
  const moved = await container.item("1", "p").patch([{ op: "move", from: "/n", path: "/moved" }, { op: "move", from: "/moved", path: "/n" }]);
  assert.deepEqual([moved.resource.n, moved.resource.moved], [7, undefined]);
  await container.items.upsert({ id: "gone", pk: "p", email: "g" });
  await container.item("gone", "p").delete();

  // Ids that URLs treat in a way of their own; one that URLs lose reaches nothing else.
  for (const id of [" a b", "a+b,c;d:e=f@g&h'i\"", "é", "50%", "...", "%zz"]) {
    await container.items.create({ id, pk: "p", email: id });
    assert.equal((await container.item(id, "p").read()).resource.id, id);
    await container.item(id, "p").replace({ id, pk: "p", email: id, n: 1 });
    await container.item(id, "p").delete();
  }
  for (const id of ["..", "."]) assert.ok([400, 401].includes(await status(container.item(id, "p").delete())), id);

  // Batches, all or nothing.
  const batch = await container.items.batch([
    { operationType: "Create", resourceBody: { id: "b1", pk: "p", email: "b1" } },
    { operationType: "Patch", id: "1", resourceBody: { operations: [{ op: "set", path: "/batched", value: true }] } },
    { operationType: "Read", id: "1" },
  ], "p");
  assert.deepEqual(batch.result.map(r => r.statusCode), [201, 200, 200]);
  assert.equal(batch.result[2].resourceBody.batched, true);
  const failed = await container.items.batch([
    { operationType: "Create", resourceBody: { id: "b2", pk: "p", email: "b2" } },
    { operationType: "Create", resourceBody: { id: "1", pk: "p", email: "b3" } },
  ], "p");
  assert.deepEqual(failed.result.map(r => r.statusCode), [424, 409]);
  assert.equal((await container.item("b2", "p").read()).statusCode, 404);

  // Bulk, over all physical partitions.
  const cities = ["Aachen", "Bonn", "Celle"];
  const bulk = await container.items.bulk(Array.from({ length: 60 }, (_, n) => ({
    operationType: "Create",
    resourceBody: { id: `i${n}`, pk: `p${n % 10}`, n: n + 100, email: `${n}`, city: cities[n % 3] },
  })));
  assert.ok(bulk.every(r => r.statusCode === 201), JSON.stringify(bulk.slice(0, 3)));

  // Queries, merged by the client.
  assert.deepEqual(await all("SELECT VALUE COUNT(1) FROM c WHERE c.n >= 100"), [60]);
  assert.deepEqual(await all("SELECT VALUE SUM(c.n) FROM c WHERE c.n >= 100"), [7770]);
  assert.deepEqual(await all("SELECT VALUE AVG(c.n) FROM c WHERE c.n >= 100"), [129.5]);
  assert.deepEqual(await all("SELECT VALUE MIN(c.n) FROM c WHERE c.n >= 100"), [100]);
  assert.deepEqual(await all("SELECT VALUE MAX(c.city) FROM c"), ["Celle"]);
  const groups = await all("SELECT c.city, COUNT(1) AS n FROM c WHERE c.n >= 100 GROUP BY c.city");
  assert.deepEqual(groups.map(g => `${g.city} ${g.n}`).sort(), cities.map(city => `${city} 20`));
  assert.deepEqual((await all("SELECT DISTINCT VALUE c.city FROM c WHERE IS_DEFINED(c.city)")).sort(), cities);
  const ordered = await all("SELECT VALUE c.n FROM c WHERE c.n >= 100 ORDER BY c.n DESC", { maxItemCount: 7 });
  assert.deepEqual(ordered, Array.from({ length: 60 }, (_, i) => 159 - i));
  assert.deepEqual(await all("SELECT VALUE c.n FROM c WHERE c.n >= 100 ORDER BY c.n OFFSET 5 LIMIT 2"), [105, 106]);
  assert.equal((await all({ query: "SELECT * FROM c WHERE c.city = @city", parameters: [{ name: "@city", value: "Bonn" }] })).length, 20);
  assert.deepEqual(await all("SELECT VALUE c.n FROM c ORDER BY c.n", { partitionKey: "p3" }), [103, 113, 123, 133, 143, 153]);
  assert.equal((await container.items.readAll({ partitionKey: "p3" }).fetchAll()).resources.length, 6);
  assert.equal(await status(all("SELECT * FROM c JOIN t IN c.tags")), 400);
  assert.deepEqual(await all("SELECT VALUE t FROM c JOIN t IN [c.n, c.n + 1] WHERE c.n = 100"), [100, 101]);
  assert.deepEqual(await all({
    query: "SELECT VALUE { id: c.id, label: CONCAT(c.city, '/', ToString(c.n)), big: c.n > 110 ? true : false } FROM c WHERE c.n = @n AND c.city != null",
    parameters: [{ name: "@n", value: 101 }],
  }), [{ id: "i1", label: "Bonn/101", big: false }]);
  assert.deepEqual(await all("SELECT DISTINCT VALUE c.city FROM c WHERE c.city != null ORDER BY c.city"), cities);
  assert.equal((await all("SELECT DISTINCT TOP 2 VALUE c.city FROM c WHERE c.n >= 100")).length, 2);
  assert.equal((await all("SELECT c.city, COUNT(1) AS n FROM c WHERE c.n >= 100 GROUP BY c.city OFFSET 1 LIMIT 1")).length, 1);
  assert.equal((await all("SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE x FROM x IN [c.n] WHERE x < 105 AND x >= 100)")).length, 5);

  // Databases and containers.
  assert.deepEqual((await client.databases.query(`SELECT * FROM d WHERE d.id = '${database.id}'`).fetchAll()).resources.map(d => d.id), [database.id]);
  assert.ok((await client.databases.readAll().fetchAll()).resources.some(d => d.id === database.id));
  assert.deepEqual((await database.containers.query({ query: "SELECT VALUE c.id FROM c WHERE c.id = @id", parameters: [{ name: "@id", value: "items" }] }).fetchAll()).resources, ["items"]);
  assert.equal((await database.containers.readAll().fetchAll()).resources.length, 1);
  const { resource: described } = await container.read();
  assert.equal((await container.replace({ ...described, defaultTtl: 3600 })).resource.defaultTtl, 3600);
  assert.equal((await container.read()).resource.defaultTtl, 3600);

  // The change feed of everything.
  const feed = container.items.getChangeFeedIterator({ maxItemCount: 10, changeFeedStartFrom: ChangeFeedStartFrom.Beginning() });
  const changed = new Set();
  for (let idle = 0; feed.hasMoreResults && idle < 4;) {
    const page = await feed.readNext();
    idle = page.statusCode === 304 ? idle + 1 : 0;
    page.result.forEach(item => changed.add(`${item.pk}/${item.id}`));
  }
  assert.equal(changed.size, 62);

  // Hierarchical partition keys.
  const { container: visits } = await database.containers.create(
    { id: "visits", partitionKey: { paths: ["/tenant", "/user"], kind: "MultiHash", version: 2 } });
  await visits.items.create({ id: "1", tenant: "a", user: "x" });
  await visits.items.create({ id: "1", tenant: "a", user: "y" });
  assert.equal((await visits.item("1", ["a", "y"]).read()).resource.user, "y");
  assert.equal((await visits.items.query("SELECT * FROM c", { partitionKey: ["a", "x"] }).fetchAll()).resources.length, 1);
  console.log("done");
} finally {
  await database.delete();
}

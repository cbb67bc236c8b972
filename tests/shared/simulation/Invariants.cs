using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>
/// What must be true of the stores once everything is quiet, read from the documents themselves. What must be true of the app is in
/// another part.
/// </summary>
internal static partial class Invariants
{
    public static readonly string[] Containers = [.. TestedApp.Definition.Services];

    /// <summary>Nothing unpublished, nothing blocked, and every consumer handled the facts of every subject in sequence.</summary>
    private static async Task RecordsAsync(Container container, List<string> problems)
    {
        foreach (var record in await AllAsync(container, RecordKinds.Outbox))
            problems.Add($"{container.Id}: unpublished {record.GetProperty("pk")} {record.GetProperty("id")}");
        foreach (var entry in await AllAsync(container, RecordKinds.DeadLetter))
        {
            if (entry.GetProperty("open").GetBoolean())
                problems.Add($"{container.Id}: open entry {entry.GetProperty("id")}: {entry.GetProperty("reason")}: {entry.GetProperty("description")}");
        }

        foreach (var head in await AllAsync(container, RecordKinds.Head))
        {
            foreach (var consumer in head.GetProperty("consumers").EnumerateObject())
            {
                if (consumer.Value.TryGetProperty("blocked", out var blocked))
                    problems.Add($"{container.Id}: {head.GetProperty("pk")} is blocked at {consumer.Name} by {blocked}");
            }
        }

        problems.AddRange(OrderViolations(container.Id, await AllAsync(container, RecordKinds.Inbox)));
    }

    public static IEnumerable<string> OrderViolations(string container, IEnumerable<JsonElement> inbox) =>
        inbox
            .Where(r => r.TryGetProperty("sequence", out _) && !IsOrderFree(r.GetProperty("consumer").GetString()))
            .GroupBy(r => (Pk: r.GetProperty("pk").GetString(), Consumer: r.GetProperty("consumer").GetString(), Source: r.GetProperty("source").GetString()))
            .SelectMany(group => group
                .OrderBy(r => r.GetProperty("commit").GetInt64())
                .Select(r => r.GetProperty("sequence").GetInt64())
                .Pairwise()
                .Where(pair => pair.Second <= pair.First)
                .Select(pair => Invariant($"{container}: {group.Key}: {pair.Second} was handled after {pair.First}")));

    private static bool IsOrderFree(string? consumer) => TestedApp.Definition.Consumers.Any(c => c.Name == consumer && c.IsUnordered);

    public static async Task<List<JsonElement>> AllAsync(Container container, string? kind)
    {
        var query = kind is null
            ? new QueryDefinition("SELECT * FROM c")
            : new QueryDefinition("SELECT * FROM c WHERE c.kind = @kind").WithParameter("@kind", kind);
        using var iterator = container.GetItemQueryStreamIterator(query);
        var all = new List<JsonElement>();
        while (iterator.HasMoreResults)
        {
            using var response = await iterator.ReadNextAsync();
            response.EnsureSuccessStatusCode();
            using var page = await JsonDocument.ParseAsync(response.Content);
            all.AddRange(page.RootElement.GetProperty("Documents").EnumerateArray().Select(d => d.Clone()));
        }

        return all;
    }

    /// <summary>The events of each stream, in their order.</summary>
    public static async Task<ILookup<string, JsonElement>> StreamsAsync(Container container) => (await AllAsync(container, "event"))
        .OrderBy(e => e.GetProperty("version").GetInt64()).ToLookup(e => e.GetProperty("pk").GetString()!, StringComparer.Ordinal);

    /// <summary>The states of the partitions whose names start so.</summary>
    public static async Task<List<JsonElement>> StatesAsync(Container container, string prefix) =>
        [.. (await AllAsync(container, "state")).Where(s => s.GetProperty("pk").GetString()!.StartsWith(prefix, StringComparison.Ordinal)).Select(s => s.GetProperty("data"))];

    private static string TypeOf(JsonElement e) => e.GetProperty("data").GetProperty("type").GetString()!;

    private static IEnumerable<(T First, T Second)> Pairwise<T>(this IEnumerable<T> items)
    {
        using var e = items.GetEnumerator();
        if (!e.MoveNext())
            yield break;
        for (var previous = e.Current; e.MoveNext(); previous = e.Current)
            yield return (previous, e.Current);
    }
}

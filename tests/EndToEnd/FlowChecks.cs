using System.Net.Http.Json;
using System.Text.Json;
using Pipeline.Contracts;
using Pipeline.Services;

namespace Pipeline.Tests;

/// <summary>G8: whether the flow of an order shows everything that the order caused, and every effect its cause.</summary>
internal static class FlowChecks
{
    /// <summary>Consumers by the type that they handle.</summary>
    private static readonly Dictionary<string, HashSet<string>> ConsumersOf = ContractCatalog.All.ToDictionary(
        c => c.Type, c => Catalog.Consumers.Where(consumer => consumer.Handles.Contains(c.DataType)).Select(consumer => consumer.Name).ToHashSet());

    /// <summary>Reads the flow of every order over HTTP; returns what is wrong.</summary>
    public static async Task<List<string>> ProblemsAsync(HttpClient http, IEnumerable<string> orders)
    {
        var problems = new List<string>();
        foreach (var order in orders)
        {
            var flow = await http.GetFromJsonAsync<JsonElement>($"api/flows/{order}");
            problems.AddRange(ProblemsOf([.. flow.GetProperty("steps").EnumerateArray()]).Select(p => $"{order}: {p}"));
        }

        return problems;
    }

    private static IEnumerable<string> ProblemsOf(List<JsonElement> steps)
    {
        var byId = steps.ToLookup(s => s.GetProperty("eventId").GetString()!, StringComparer.Ordinal);
        if (!steps.Any(s => s.GetProperty("type").GetString() == "PlaceOrder"))
            yield return "it does not begin with the command";
        foreach (var step in steps.Where(s => s.GetProperty("state").GetString() != "handled"))
            yield return $"{step} is not done";
        foreach (var message in byId)
        {
            var first = message.First();
            if (first.GetProperty("kind").GetString() == "http")
                continue;
            var handledBy = message.Select(s => s.GetProperty("consumer").GetString()!).ToHashSet(StringComparer.Ordinal);
            if (!handledBy.SetEquals(ConsumersOf[first.GetProperty("type").GetString()!]))
                yield return $"{message.Key} ({first.GetProperty("type")}) was handled by {string.Join(", ", handledBy)}";
            if (!byId.Contains(first.GetProperty("causationId").GetString()!))
                yield return $"{message.Key} was caused by {first.GetProperty("causationId")}, which is not shown";
            if (first.GetProperty("committedAt").ValueKind != JsonValueKind.String || first.GetProperty("handledAt").ValueKind != JsonValueKind.String)
                yield return $"{message.Key} does not say when";
        }

        // What nobody consumes is seen only as caused: here, that a customer was told.
        foreach (var caused in steps.SelectMany(s => s.GetProperty("caused").EnumerateArray().Select(c => c.GetString()!)))
        {
            if (!byId.Contains(caused) && !caused.StartsWith("notifications:", StringComparison.Ordinal))
                yield return $"{caused} was sent and is not shown";
        }
    }
}

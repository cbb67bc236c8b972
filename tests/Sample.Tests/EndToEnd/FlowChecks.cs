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

    /// <summary>
    /// Reads orders and reports over HTTP, and counts the orders anew; returns where the reports say something else. Within a
    /// report, what Ordering projects and what Analytics counts have to come to the same.
    /// </summary>
    public static async Task<List<string>> ReportProblemsAsync(HttpClient http, IEnumerable<string> orders)
    {
        var days = new Dictionary<string, (int Completed, int Cancelled, decimal Revenue)>(StringComparer.Ordinal);
        foreach (var id in orders)
        {
            var order = await http.GetFromJsonAsync<JsonElement>($"api/orders/{id}");
            var day = order.GetProperty("history").EnumerateArray().Last().GetProperty("time").GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var (isCompleted, before) = (order.GetProperty("status").GetString() == "completed", days.GetValueOrDefault(day));
            days[day] = (
                before.Completed + (isCompleted ? 1 : 0), before.Cancelled + (isCompleted ? 0 : 1), before.Revenue + (isCompleted ? order.GetProperty("total").GetDecimal() : 0));
        }

        var problems = new List<string>();
        foreach (var (day, expected) in days)
        {
            var report = await http.GetFromJsonAsync<JsonElement>($"api/reports/{day}");
            var part = report.GetProperty("orders");
            var found = (part.GetProperty("completed").GetInt32(), part.GetProperty("cancelled").EnumerateObject().Sum(c => c.Value.GetInt32()), RevenueOf(part));
            if (found != expected)
                problems.Add($"the report of {day} says {found}, its orders {expected}");
            if (RevenueOf(report) != expected.Revenue || report.GetProperty("quantity").GetInt64() != part.GetProperty("pieces").GetInt64())
                problems.Add(Invariant($"the articles of {day} come to {RevenueOf(report)} and {report.GetProperty("quantity")} pieces, its orders to {expected.Revenue} and {part.GetProperty("pieces")}"));
            if (part.GetProperty("meanMinutes").ValueKind != JsonValueKind.Number || part.GetProperty("meanMinutes").GetDouble() is <= 0 or > 60)
                problems.Add($"the report of {day} says that an order took {part.GetProperty("meanMinutes")} minutes");
        }

        return problems;
    }

    private static decimal RevenueOf(JsonElement part) => part.GetProperty("revenue").EnumerateObject().Sum(r => r.Value.GetDecimal());

    private static IEnumerable<string> ProblemsOf(List<JsonElement> steps)
    {
        if (!steps.Any(s => s.GetProperty("type").GetString() == "PlaceOrder"))
            yield return "it does not begin with the command";
        var unheard = steps.Where(s => s.GetProperty("state").GetString() == "published").ToList();
        foreach (var step in unheard.Where(s => s.GetProperty("type").GetString() is not ("com.contoso.notifications.notification-sent.v1" or "com.contoso.shipping.order-delivered.v1")))
            yield return $"{step} has consumers";
        foreach (var step in unheard.Where(s => s.GetProperty("publishedAt").ValueKind != JsonValueKind.String || s.GetProperty("consumer").ValueKind != JsonValueKind.Null))
            yield return $"{step} does not say when it was published, and that nobody listens";
        steps = [.. steps.Except(unheard)];
        var byId = steps.ToLookup(s => s.GetProperty("eventId").GetString()!, StringComparer.Ordinal);
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

        // What nobody consumes is shown too: here, that a customer was told.
        var shown = unheard.Select(s => s.GetProperty("eventId").GetString()!).ToHashSet(StringComparer.Ordinal);
        foreach (var caused in steps.SelectMany(s => s.GetProperty("caused").EnumerateArray().Select(c => c.GetString()!)))
        {
            if (!byId.Contains(caused) && !shown.Contains(caused))
                yield return $"{caused} was sent and is not shown";
        }
    }
}

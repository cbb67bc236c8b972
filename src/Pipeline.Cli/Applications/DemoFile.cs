using System.Text.Json;

namespace Pipeline.Cli.Applications;

/// <summary>What <c>pipeline demo</c> does with an application: the file demo.json beside topology.json.</summary>
/// <param name="Demo"><c>orders</c> for the demo of the sample; <see langword="null"/> for requests.</param>
/// <param name="Requests">The requests to send.</param>
internal sealed record DemoFile(string? Demo = null, IReadOnlyList<DemoRequest>? Requests = null)
{
    /// <summary>The name of the file.</summary>
    public const string Name = "demo.json";

    private const string Orders = "orders";
    private const int MaxRequests = 10_000;

    /// <summary>Whether the application in a folder is the sample, whose demo is built in.</summary>
    public static bool IsOrders(string root)
    {
        try
        {
            return Read(root) is { Demo: Orders };
        }
        catch (CliFailure)
        {
            return false; // The demo itself tells what is wrong with the file.
        }
    }

    /// <summary>Reads the requests of an application.</summary>
    /// <exception cref="CliFailure">There are none, or the file cannot be used; the message says what to change.</exception>
    public static IReadOnlyList<DemoRequest> RequestsOf(string root)
    {
        var path = Path.Combine(root, Name);
        var file = Read(root) ?? throw new CliFailure(
            $"There is no {path}. It says which requests the demo sends, such as: "
            + """{ "requests": [{ "method": "POST", "path": "api/invoices", "body": { "invoiceId": "{id}" }, "count": 100 }] }""");
        if (file.Demo is not null)
            throw Wrong(path, $"$.demo: is '{file.Demo}'. Only the sample has a demo of its own; list 'requests' instead");
        if (file.Requests is not { Count: > 0 } requests)
            throw Wrong(path, "$.requests: is missing or empty");
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Error is { } error)
                throw Wrong(path, string.Create(CultureInfo.InvariantCulture, $"$.requests[{i}].{error}"));
        }

        return requests.Sum(r => r.Count) <= MaxRequests
            ? requests
            : throw Wrong(path, string.Create(CultureInfo.InvariantCulture, $"$.requests: their counts are more than {MaxRequests} in all"));
    }

    private static DemoFile? Read(string root)
    {
        var path = Path.Combine(root, Name);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), DemoJson.Default.DemoFile) ?? throw Wrong(path, "$: is null");
        }
        catch (JsonException unreadable)
        {
            throw Wrong(path, $"{unreadable.Path ?? "$"}: cannot be read. {Wording.WithoutTypeNames(unreadable.Message)}");
        }
    }

    private static CliFailure Wrong(string path, string what) => new($"{path}: {what}.");
}

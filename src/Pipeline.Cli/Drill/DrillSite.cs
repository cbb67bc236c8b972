using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Cli.Broker;
using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Drill;

/// <summary>The pipeline of a drill, and the operations on it from outside.</summary>
internal sealed class DrillSite(PipelineClient client, TransientRetry retry, TimeProvider clock, string runId, int cosmosPort)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    /// <summary>Tells two drills apart.</summary>
    public string RunId => runId;

    public DateTimeOffset Now => clock.GetUtcNow();

    public Task<PipelineStatus> StatusAsync(CancellationToken cancellationToken) =>
        retry.RetryAsync(token => client.Monitoring.GetStatusAsync(token), cancellationToken);

    public Task<Order?> OrderAsync(string orderId, CancellationToken cancellationToken) =>
        retry.RetryAsync(token => client.FindAsync(PipelineClient.Path("orders", orderId), SampleJson.Default.Order, token), cancellationToken);

    public Task<JsonElement> ShipmentAsync(string orderId, CancellationToken cancellationToken) =>
        retry.RetryAsync(token => client.GetJsonAsync(PipelineClient.Path("shipments", orderId), token), cancellationToken);

    /// <summary>Places an order of one piece, after filling the stock.</summary>
    public async Task<string> PlaceAsync(string sku, int number, CancellationToken cancellationToken)
    {
        await retry.RetryAsync(
            token => client.SendAsync(
                HttpMethod.Put, PipelineClient.Path("stock", sku), new StockLevel(1000), SampleJson.Default.StockLevel, SampleJson.Default.Stock, null, token),
            cancellationToken);
        var key = string.Create(CultureInfo.InvariantCulture, $"drill-{runId}-{number}");
        var receipt = await retry.RetryAsync(
            token => client.SendAsync(
                HttpMethod.Post, "api/orders", new NewOrder($"drill-{runId}", "EUR", [new OrderLine(sku, 1, 9.5m)]),
                SampleJson.Default.NewOrder, SampleJson.Default.OrderReceipt, key, token),
            cancellationToken);
        return receipt.OrderId;
    }

    /// <summary>Makes the carrier fail for an article, or work again.</summary>
    public Task SetCarrierFaultAsync(string sku, bool isBroken, CancellationToken cancellationToken) =>
        client.SendAsync(isBroken ? HttpMethod.Put : HttpMethod.Delete, PipelineClient.Path("simulator", "carrier-faults", sku), cancellationToken);

    /// <summary>Sends a CloudEvent past its sender to one subscription, as another system or release might.</summary>
    public Task SendAsync(string topic, string subscription, JsonObject cloudEvent, CancellationToken cancellationToken) => client.PostAsync(
        $"admin/servicebus/messages?entity={Uri.EscapeDataString(topic)}",
        new SentMessage(
            cloudEvent.ToJsonString(),
            (string?)cloudEvent["subject"],
            (string?)cloudEvent["id"],
            "application/cloudevents+json",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["cloudEvents_type"] = (string)cloudEvent["type"]!, ["replayfor"] = $"{topic}/{subscription}" }),
        BrokerJson.Default.SentMessage,
        cancellationToken);

    /// <summary>Gets a CloudEvent with the common attributes.</summary>
    public JsonObject Event(string id, string source, string type, string subject, JsonObject data) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = source,
        ["type"] = type,
        ["subject"] = subject,
        ["time"] = Now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["datacontenttype"] = "application/json",
        ["correlationid"] = $"drill-{runId}",
        ["data"] = data,
    };

    /// <summary>Writes a document into a container, as another release could have left it.</summary>
    /// <exception cref="CliFailure">It was refused.</exception>
    public async Task WriteAsync(string container, JsonObject document, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"http://localhost:{cosmosPort}/dbs/pipeline/colls/{container}/docs"))
        {
            Content = new StringContent(document.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        var date = Now.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization($"dbs/pipeline/colls/{container}", date));
        request.Headers.Add("x-ms-version", "2018-12-31");
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-documentdb-partitionkey", $"[\"{(string)document["pk"]!}\"]");
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new CliFailure($"The drill could not write to Cosmos DB ({response.StatusCode}): {answer}");
        }
    }

    /// <summary>Gets the signature of a request that creates a document, with the well-known key of the emulators.</summary>
    private static string Authorization(string container, string date)
    {
        const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes($"post\ndocs\n{container}\n{date.ToLowerInvariant()}\n\n"));
        return Uri.EscapeDataString($"type=master&ver=1.0&sig={Convert.ToBase64String(signature)}");
    }

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="CliFailure">It is not met within a minute.</exception>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (!await condition())
        {
            if (clock.GetElapsedTime(begun) > Within)
                throw new CliFailure($"The drill waited a minute in vain: {what}. Look into the log of the pipeline.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
        }
    }

    public Task UntilFinalAsync(string orderId, CancellationToken cancellationToken) => UntilAsync(
        async () => await OrderAsync(orderId, cancellationToken) is { IsFinal: true }, $"order {orderId} is not final", cancellationToken);
}

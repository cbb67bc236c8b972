using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>The functions on the change feeds.</summary>
internal static class RelayCode
{
    private const int Awaited = 100;
    private const int Unhurried = 1000;

    /// <summary>Writes one function per service; <see langword="null"/> if there is no service.</summary>
    public static string? Write(
        IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers, JsonObject topology, JsonObject settings, string @namespace)
    {
        var services = consumers.Select(c => c.Service).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (services.Count == 0)
            return null;
        var cosmos = topology["cosmos"]!;
        var code = new StringBuilder(CodeText.Header("the services of the consumers and topology.json"))
            .Append("using System.Collections.Generic;\nusing System.Text.Json;\nusing System.Threading;\nusing System.Threading.Tasks;\n")
            .Append("using Microsoft.Azure.Functions.Worker;\nusing Pipeline.AzureFunctions.ChangeFeed;\n\n")
            .Append("namespace ").Append(@namespace).Append(";\n\n")
            .Append("/// <summary>\n")
            .Append("/// The outbox relay: one function on the change feed of each service's container. The retry is unbounded because the host goes\n")
            .Append("/// past a batch whose function threw; it only throws when nothing can be published at all.\n/// </summary>\n")
            .Append("public sealed class RelayFunctions(Relays relays)\n{\n")
            .AppendJoin('\n', services.Select(service =>
                $"""
                    [Function({CodeText.Literal("relay-" + service)})]
                    [ExponentialBackoffRetry(-1, RelayTiming.FirstRetry, RelayTiming.LongestRetry)]
                    public Task {CodeText.MethodNameOf(service)}(
                        [CosmosDBTrigger({CodeText.Literal(Text(cosmos, "database"))}, {CodeText.Literal(service)}, Connection = "Cosmos",
                            LeaseContainerName = {CodeText.Literal(Text(cosmos, "leases"))}, LeaseContainerPrefix = "relay-",
                            FeedPollDelay = {PollOf(service, contracts, consumers, topology, settings)},
                            LeaseExpirationInterval = RelayTiming.LeaseExpirationMilliseconds, LeaseRenewInterval = RelayTiming.LeaseRenewMilliseconds,
                            LeaseAcquireInterval = RelayTiming.LeaseAcquireMilliseconds, StartFromBeginning = true)]
                        IReadOnlyList<JsonElement> documents,
                        CancellationToken cancellationToken) =>
                        relays.OnFeedAsync({CodeText.Literal(service)}, documents, cancellationToken);

                """))
            .Append("}\n");
        return code.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>A look at a feed costs about 1 RU per physical partition, so it is often only where a consumer with an order waits.</summary>
    private static string PollOf(
        string service, IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers, JsonObject topology, JsonObject settings)
    {
        if (TopologyDocument.Find(settings["cosmos"]?["containers"], service)?[TopologyDocument.PollMilliseconds] is { } own)
            return own.GetValue<int>().ToString(CultureInfo.InvariantCulture);
        var sent = contracts.Where(c => c.Owner == service && !c.IsRetired).Select(c => c.DataType).ToHashSet();
        var isAwaited = consumers.Any(c =>
            !c.IsUnordered && TopologyDocument.HasSessions(topology, c.Name) && c.Handles.Any(sent.Contains));
        return (isAwaited ? Awaited : Unhurried).ToString(CultureInfo.InvariantCulture);
    }

    private static string Text(JsonNode cosmos, string name) =>
        (string?)cosmos[name] ?? throw new GenerationException($"{Workspace.SettingsFile} has no 'cosmos.{name}'; add it.");
}

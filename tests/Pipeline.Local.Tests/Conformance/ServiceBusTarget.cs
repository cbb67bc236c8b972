using System.Text.Json;
using System.Xml;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Hosting;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// What the conformance tests run against, with the official client over AMQP: the embedded broker, or the namespace in Azure or
/// the official emulator whose connection string is in CONFORMANCE_SERVICEBUS. Entities of ServiceBusEntities.json that it lacks are
/// created there, for which the key needs the Manage right; those that exist are taken as they are.
/// </summary>
internal sealed class ServiceBusTarget : IAsyncDisposable
{
    private const string Setting = "CONFORMANCE_SERVICEBUS";

    private static readonly string EntitiesPath = Path.Combine(AppContext.BaseDirectory, "Conformance", "ServiceBusEntities.json");

    private static readonly Lazy<Task<string>> Prepared = new(() => PrepareAsync(Environment.GetEnvironmentVariable(Setting) ?? ""));

    private readonly Broker? _broker;
    private readonly ServiceBusEndpoint? _endpoint;
    private readonly string _connectionString;

    private ServiceBusTarget(string connectionString, Broker? broker = null, ServiceBusEndpoint? endpoint = null) =>
        (_connectionString, _broker, _endpoint) = (connectionString, broker, endpoint);

    public static async Task<ServiceBusTarget> OpenAsync()
    {
        if (await Prepared.Value is { Length: > 0 } prepared)
            return new ServiceBusTarget(prepared);
        var broker = Broker.Open(BrokerTopology.Read(EntitiesPath), null, TimeProvider.System, NullLogger.Instance);
        var endpoint = ServiceBusEndpoint.Open(broker, 0, new LoopbackGuard([], null), NullLogger.Instance);
        return new ServiceBusTarget(endpoint.ConnectionString, broker, endpoint);
    }

    public ServiceBusClient CreateClient(ServiceBusClientOptions? options = null) => new(_connectionString, options ?? new ServiceBusClientOptions());

    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null)
            await _endpoint.DisposeAsync();
        _broker?.Dispose();
    }

    private static async Task<string> PrepareAsync(string connectionString)
    {
        if (connectionString.Length == 0)
            return "";
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(EntitiesPath));
        var topology = document.RootElement.GetProperty("serviceBus");
        var admin = new ServiceBusAdministrationClient(connectionString);
        var lockDuration = XmlConvert.ToTimeSpan(topology.GetProperty("lockDuration").GetString()!);
        var maxDeliveryCount = topology.GetProperty("maxDeliveryCount").GetInt32();
        foreach (var queue in topology.GetProperty("queues").EnumerateArray())
            await CreateQueueAsync(admin, queue, lockDuration, maxDeliveryCount);
        foreach (var topic in topology.GetProperty("topics").EnumerateArray())
        {
            var name = topic.GetProperty("name").GetString()!;
            if (!await admin.TopicExistsAsync(name))
                await admin.CreateTopicAsync(name);
            foreach (var subscription in topic.GetProperty("subscriptions").EnumerateArray())
                await CreateSubscriptionAsync(admin, name, subscription, lockDuration, maxDeliveryCount);
        }

        return connectionString;
    }

    private static async Task CreateQueueAsync(ServiceBusAdministrationClient admin, JsonElement queue, TimeSpan lockDuration, int maxDeliveryCount)
    {
        var name = queue.GetProperty("name").GetString()!;
        if (await admin.QueueExistsAsync(name))
            return;
        var options = new CreateQueueOptions(name)
        {
            LockDuration = lockDuration,
            MaxDeliveryCount = maxDeliveryCount,
            RequiresSession = Flag(queue, "requiresSession"),
            DeadLetteringOnMessageExpiration = Flag(queue, "deadLetteringOnMessageExpiration"),
            ForwardTo = Text(queue, "forwardTo"),
            ForwardDeadLetteredMessagesTo = Text(queue, "forwardDeadLetteredMessagesTo"),
        };
        if (Text(queue, "defaultMessageTimeToLive") is { } lifetime)
            options.DefaultMessageTimeToLive = XmlConvert.ToTimeSpan(lifetime);
        if (Text(queue, "duplicateDetectionWindow") is { } window)
        {
            options.RequiresDuplicateDetection = true;
            options.DuplicateDetectionHistoryTimeWindow = XmlConvert.ToTimeSpan(window);
        }

        await admin.CreateQueueAsync(options);
    }

    private static async Task CreateSubscriptionAsync(
        ServiceBusAdministrationClient admin, string topic, JsonElement subscription, TimeSpan lockDuration, int maxDeliveryCount)
    {
        var name = subscription.GetProperty("name").GetString()!;
        if (await admin.SubscriptionExistsAsync(topic, name))
            return;
        var options = new CreateSubscriptionOptions(topic, name)
        {
            LockDuration = lockDuration,
            MaxDeliveryCount = maxDeliveryCount,
            RequiresSession = Flag(subscription, "requiresSession"),
            EnableDeadLetteringOnFilterEvaluationExceptions = true,
        };
        var rules = subscription.GetProperty("rules").EnumerateArray().Select(Rule).ToList();
        await admin.CreateSubscriptionAsync(options, rules[0]);
        foreach (var rule in rules.Skip(1))
            await admin.CreateRuleAsync(topic, name, rule);
    }

    private static CreateRuleOptions Rule(JsonElement rule)
    {
        RuleFilter filter;
        if (Text(rule, "sqlFilter") is { } sql)
        {
            filter = new SqlRuleFilter(sql);
        }
        else
        {
            var values = rule.GetProperty("correlationFilter");
            var correlation = new CorrelationRuleFilter { Subject = Text(values, "subject") };
            foreach (var property in values.GetProperty("properties").EnumerateObject())
                correlation.ApplicationProperties.Add(property.Name, property.Value.GetString());
            filter = correlation;
        }

        return new CreateRuleOptions(rule.GetProperty("name").GetString(), filter)
        {
            Action = Text(rule, "sqlAction") is { } action ? new SqlRuleAction(action) : null,
        };
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>As the embedded broker reads it: true unless the file says otherwise.</summary>
    private static bool Flag(JsonElement element, string name) => !element.TryGetProperty(name, out var value) || value.GetBoolean();
}

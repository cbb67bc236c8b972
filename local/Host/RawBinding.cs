using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>A binding of a function as its app describes it: a JSON object, the same as in a function.json.</summary>
internal sealed class RawBinding
{
    private readonly JsonElement _json;

    private RawBinding(JsonElement json) => _json = json;

    /// <summary>Name of the parameter; <c>$return</c> for what the function returns.</summary>
    public string Name => Text("name") ?? "";

    /// <summary>Such as <c>serviceBusTrigger</c>.</summary>
    public string Type => Text("type") ?? "";

    public bool IsTrigger => Type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase);

    /// <summary>What an HTTP function answers; the host hands it on.</summary>
    public bool IsHttpAnswer => Type.Equals("http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the parameter takes many messages or events.</summary>
    public bool IsBatched => Text("cardinality")?.Equals("Many", StringComparison.OrdinalIgnoreCase) ?? Flag("isBatched") ?? false;

    /// <summary>Whether the parameter is made from a whole message rather than from its body.</summary>
    public bool IsDeferred => _json.TryGetProperty("properties", out var properties)
        && properties.TryGetProperty("supportsDeferredBinding", out var value)
        && value.ToString().Equals("True", StringComparison.OrdinalIgnoreCase);

    public bool IsBinary => Text("dataType")?.Equals("Binary", StringComparison.OrdinalIgnoreCase) == true;

    public static RawBinding Parse(string json) => new(JsonSerializer.Deserialize<JsonElement>(json));

    public BindingInfo ToInfo()
    {
        var info = new BindingInfo
        {
            Type = Type,
            Direction = Text("direction")?.ToUpperInvariant() switch
            {
                "OUT" => BindingInfo.Types.Direction.Out,
                "INOUT" => BindingInfo.Types.Direction.Inout,
                _ => BindingInfo.Types.Direction.In,
            },
            DataType = Text("dataType")?.ToUpperInvariant() switch
            {
                "STRING" => BindingInfo.Types.DataType.String,
                "BINARY" => BindingInfo.Types.DataType.Binary,
                "STREAM" => BindingInfo.Types.DataType.Stream,
                _ => BindingInfo.Types.DataType.Undefined,
            },
        };
        if (_json.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
                info.Properties[property.Name] = property.Value.ToString();
        }

        return info;
    }

    /// <summary>The trigger's declaration; <see langword="null"/> if this host knows no such trigger.</summary>
    public TriggerBindingAttribute? ToTrigger() => Type.ToUpperInvariant() switch
    {
        "SERVICEBUSTRIGGER" => ServiceBus(),
        "COSMOSDBTRIGGER" => CosmosDB(),
        "TIMERTRIGGER" => new TimerTriggerAttribute(Text("schedule") ?? "") { UseMonitor = Flag("useMonitor") ?? true, RunOnStartup = Flag("runOnStartup") ?? false },
        "EVENTGRIDTRIGGER" => new EventGridTriggerAttribute { IsBatched = IsBatched },
        "HTTPTRIGGER" => Http(),
        _ => null,
    };

    private ServiceBusTriggerAttribute ServiceBus()
    {
        var trigger = Text("topicName") is { Length: > 0 } topic
            ? new ServiceBusTriggerAttribute(topic, Text("subscriptionName") ?? "")
            : new ServiceBusTriggerAttribute(Text("queueName") ?? "");
        trigger.Connection = Text("connection");
        trigger.IsSessionsEnabled = Flag("isSessionsEnabled") ?? false;
        trigger.IsBatched = IsBatched;
        if (Flag("autoCompleteMessages") is { } completes)
            trigger.AutoCompleteMessages = completes;
        return trigger;
    }

    private CosmosDBTriggerAttribute CosmosDB() => new(Text("databaseName") ?? "", Text("containerName") ?? "")
    {
        Connection = Text("connection"),
        LeaseContainerName = Text("leaseContainerName"),
        LeaseDatabaseName = Text("leaseDatabaseName"),
        LeaseConnection = Text("leaseConnection"),
        LeaseContainerPrefix = Text("leaseContainerPrefix"),
        CreateLeaseContainerIfNotExists = Flag("createLeaseContainerIfNotExists") ?? false,
        FeedPollDelay = Number("feedPollDelay"),
        LeaseAcquireInterval = Number("leaseAcquireInterval"),
        LeaseExpirationInterval = Number("leaseExpirationInterval"),
        LeaseRenewInterval = Number("leaseRenewInterval"),
        MaxItemsPerInvocation = Number("maxItemsPerInvocation"),
        StartFromBeginning = Flag("startFromBeginning") ?? false,
        StartFromTime = Text("startFromTime"),
    };

    private HttpTriggerAttribute Http()
    {
        string[] methods = _json.TryGetProperty("methods", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(method => method.GetString() ?? "")]
            : [];
        var level = Enum.TryParse<AuthorizationLevel>(Text("authLevel"), ignoreCase: true, out var given) ? given : AuthorizationLevel.Function;
        return new HttpTriggerAttribute(level, methods) { Route = Text("route") };
    }

    private string? Text(string name) =>
        _json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private bool? Flag(string name) =>
        _json.TryGetProperty(name, out var value) && bool.TryParse(value.ToString(), out var flag) ? flag : null;

    private int Number(string name) =>
        _json.TryGetProperty(name, out var value) && int.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

using System.Text.Json;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>A binding of a function as its app describes it: a JSON object, the same as in a function.json.</summary>
internal sealed class RawBinding
{
    public const string ServiceBus = "SERVICEBUSTRIGGER";
    public const string CosmosDB = "COSMOSDBTRIGGER";
    public const string Timer = "TIMERTRIGGER";
    public const string EventGrid = "EVENTGRIDTRIGGER";
    public const string Http = "HTTPTRIGGER";

    private readonly JsonElement _json;

    private RawBinding(JsonElement json)
    {
        _json = json;
        Name = Text("name") ?? "";
        Type = Text("type") ?? "";
        IsBatched = Text("cardinality")?.Equals("Many", StringComparison.OrdinalIgnoreCase) ?? Flag("isBatched") ?? false;
        IsDeferred = json.TryGetProperty("properties", out var properties)
            && properties.TryGetProperty("supportsDeferredBinding", out var value)
            && value.ToString().Equals("True", StringComparison.OrdinalIgnoreCase);
        IsBinary = Text("dataType")?.Equals("Binary", StringComparison.OrdinalIgnoreCase) == true;
    }

    /// <summary>Name of the parameter; <c>$return</c> for what the function returns.</summary>
    public string Name { get; }

    /// <summary>Such as <c>serviceBusTrigger</c>.</summary>
    public string Type { get; }

    /// <summary>The type, to be compared.</summary>
    public string Kind => Type.ToUpperInvariant();

    public bool IsTrigger => Type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase);

    /// <summary>What an HTTP function answers; the host hands it on.</summary>
    public bool IsHttpAnswer => Type.Equals("http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the parameter takes many messages or events.</summary>
    public bool IsBatched { get; }

    /// <summary>Whether the parameter is made from a whole message rather than from its body.</summary>
    public bool IsDeferred { get; }

    /// <summary>The topic of a Service Bus trigger; <see langword="null"/>: it is of a queue.</summary>
    public string? Topic => Text("topicName") is { Length: > 0 } topic ? topic : null;

    /// <summary>What a Service Bus trigger receives from.</summary>
    public string? QueueOrSubscription => Text(Topic is null ? "queueName" : "subscriptionName");

    public bool IsBinary { get; }

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

    /// <summary>Text of a property; <see langword="null"/> if it is not set.</summary>
    public string? Text(string name) =>
        _json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A property that is true or false; <see langword="null"/> if it is not set.</summary>
    public bool? Flag(string name) =>
        _json.TryGetProperty(name, out var value) && bool.TryParse(value.ToString(), out var flag) ? flag : null;

    /// <summary>A number; 0 if it is not set.</summary>
    public int Number(string name) =>
        _json.TryGetProperty(name, out var value) && int.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Texts of a list.</summary>
    public IEnumerable<string> Texts(string name) => _json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().Select(text => text.GetString() ?? "")
        : [];
}

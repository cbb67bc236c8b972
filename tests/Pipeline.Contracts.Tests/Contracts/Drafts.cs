using System.Text.Json.Nodes;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;

namespace Pipeline.Tests.ContractRules;

/// <summary>A contract on paper, made of a record and then changed, to see what the change would break.</summary>
internal sealed class Draft
{
    public const string Type = "com.contoso.tests.placed.v1";

    public Draft(bool isPublic) => IsPublic = isPublic;

    public bool IsGone { get; set; }

    public bool IsPublic { get; set; }

    public ContractKind Kind { get; set; } = ContractKind.DomainEvent;

    public string Destination { get; set; } = "tests";

    public string SubjectRule { get; set; } = "{id}";

    public JsonObject Schema { get; set; } = SchemaOf<Placed>();

    public List<ContractSurface> Others { get; } = [];

    public List<Migration> Migrations { get; } = [];

    public Surface Surface => SurfaceText.Read(SurfaceText.Write(new Surface(
        [.. IsGone ? [] : new[] { new ContractSurface(Type, Kind, IsPublic, Destination, SubjectRule, ContractSurface.FieldsOf(Schema)) }, .. Others], Migrations)));

    public static JsonObject SchemaOf<T>() => SchemaExport.Of(Records.Options.GetTypeInfo(typeof(T)), RecordDocumentation.None);

    /// <summary>The schema of a field: <c>lines[].sku</c>.</summary>
    public JsonObject this[string path] => path.Length == 0
        ? Schema
        : path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.')
            .Aggregate(Schema, (schema, step) => (step == "[]" ? schema["items"] : schema["properties"]![step])!.AsObject());

    public void Set(string path, string keyword, string? json)
    {
        if (json is null)
            this[path].Remove(keyword);
        else
            this[path][keyword] = JsonNode.Parse(json);
    }

    public void Add(string parent, string name, string schema, bool isRequired = false)
    {
        this[parent]["properties"]!.AsObject().Add(name, JsonNode.Parse(schema));
        if (isRequired)
            Require(parent, name);
    }

    public void Remove(string parent, string name)
    {
        this[parent]["properties"]!.AsObject().Remove(name);
        Release(parent, name);
    }

    public void Rename(string parent, string from, string to)
    {
        var schema = this[parent]["properties"]![from]!.ToJsonString();
        var isRequired = this[parent]["required"]!.AsArray().Any(n => (string)n! == from);
        Remove(parent, from);
        Add(parent, to, schema, isRequired);
    }

    public void Require(string parent, string name) => (this[parent]["required"] ??= new JsonArray()).AsArray().Add(name);

    public void Release(string parent, string name)
    {
        if (this[parent]["required"] is JsonArray required && required.FirstOrDefault(n => (string)n! == name) is { } there)
            required.Remove(there);
    }

    public sealed record Placed(
        [Text(1, 80, "A-Za-z0-9-")] string Id,
        [Number(0, 1000)] decimal Total,
        [Number(1, 10)] int Count,
        [OneOf("EUR", "USD")] string Currency,
        bool Flag,
        DateTimeOffset At,
        [Items(1, 5)] IReadOnlyList<Line> Lines,
        Customer Customer,
        [Text(0, 100)] string? Note = null,
        [Items(0, 3)][Text(1, 10)] IReadOnlyList<string>? Tags = null,
        [Number(0, 9)] int Priority = 5);

    public sealed record Line([Text(1, 64)] string Sku, [Number(1, 100)] int Quantity, [Text(0, 20)] string? Hint = null);

    public sealed record Customer([Text(1, 64)] string Name, [Text(0, 64)] string? City = null);

    /// <summary>The same with other fields, as a developer would change the record.</summary>
    public sealed record PlacedWithMore(
        [Text(1, 80, "A-Za-z0-9-")] string Id,
        [Number(0, 1000)] decimal Total,
        [Number(1, 10)] int Count,
        [OneOf("EUR", "USD")] string Currency,
        bool Flag,
        DateTimeOffset At,
        [Items(1, 5)] IReadOnlyList<Line> Lines,
        Customer Customer,
        [Text(0, 100)] string? Note = null,
        [Items(0, 3)][Text(1, 10)] IReadOnlyList<string>? Tags = null,
        [Number(0, 9)] int Priority = 5,
        Customer? Payer = null,
        [Items(0, 9)] IReadOnlyList<Line>? Extras = null,
        DateTimeOffset? Due = null);

    /// <summary>The same with a field that everybody has to send.</summary>
    public sealed record PlacedWithMust(
        [Text(1, 80, "A-Za-z0-9-")] string Id,
        [Number(0, 1000)] decimal Total,
        [Number(1, 10)] int Count,
        [OneOf("EUR", "USD")] string Currency,
        bool Flag,
        DateTimeOffset At,
        [Items(1, 5)] IReadOnlyList<Line> Lines,
        Customer Customer,
        [Text(1, 9)] string Channel,
        [Text(0, 100)] string? Note = null,
        [Items(0, 3)][Text(1, 10)] IReadOnlyList<string>? Tags = null,
        [Number(0, 9)] int Priority = 5);
}

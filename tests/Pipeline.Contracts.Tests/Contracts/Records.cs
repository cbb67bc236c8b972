using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>Records that are contracts of these tests only.</summary>
internal static class Records
{
    /// <summary>As contracts are read and written, without a source generator.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new Int32Converter(), new Int64Converter(), new DecimalConverter(), new TimestampConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static Contract<T> Contract<T>(string type, bool isPublic = true)
        where T : class =>
        new(type, ContractKind.DomainEvent, "tests", (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)), "{id}", _ => "key", isPublic);

    public sealed record Small([Text(1, 10)] string Id);

    public sealed record WithoutLimits(string Text);

    public sealed record NumberWithoutLimits(int Count);

    public sealed record ListWithoutLimits([Text(1, 10)] IReadOnlyList<string> Items);

    public sealed record WithDouble(double Number);

    public sealed record WithDay(DateOnly Day);

    public sealed record WithDictionary(IReadOnlyDictionary<string, string> Map);

    public sealed record Endless([Number(0, 1)] int Depth, Endless? Next = null);

    public sealed record LimitsOfAnotherType([Number(1, 2)] string Text);

    /// <summary>Every type and constraint that contracts can have.</summary>
    public sealed record Everything(
        [Text(2, 4)] string Text,
        [Text(0, 5, "a-z")] string Letters,
        [Text(0, 9, pattern: "^[a-z]+-[0-9]$")] string Pattern,
        [OneOf("red", "green")] string Word,
        [Day] string Day,
        [Number(-5, 5)] int Whole,
        [Number(-9007199254740991, 9007199254740991)] long Large,
        [Number(0, 1.5)] decimal Amount,
        bool Flag,
        DateTimeOffset At,
        [Items(0, 2)] IReadOnlyList<Small> Records,
        [Items(1, 3)][Number(0, 9)] IReadOnlyList<int> Numbers,
        Small Inner,
        [Text(1, 3)] string? RequiredOrNull,
        [OneOf("up", "down")] string? OptionalWord = null,
        [Number(0, 9)] int? OptionalNumber = null,
        DateTimeOffset? OptionalTime = null,
        Small? OptionalInner = null,
        [Number(0, 9)] int WithDefault = 7);
}

using System.Text.Json.Serialization;
using Pipeline.BookingApp;
using Pipeline.Contracts;

namespace Pipeline.Tests.Abstractions;

/// <summary>A service that leaves its JSON to reflection, and the source-generated metadata that it would have otherwise.</summary>
internal static partial class Invoices
{
    internal enum Standing
    {
        Open,
        Paid,
    }

    internal sealed record Line(string Article, int Pieces, decimal Price, string? Note = null);

    internal sealed record Invoice(
        string InvoiceId,
        decimal Total,
        long Number,
        DateTimeOffset At,
        DateTimeOffset? PaidAt,
        [property: JsonConverter(typeof(JsonStringEnumConverter<Standing>))] Standing Standing,
        IReadOnlyList<Line> Lines,
        IReadOnlyDictionary<string, decimal> Taxes)
    {
        public bool IsUrgent { get; init; }
    }

    [JsonDerivedType(typeof(Raised), "raised")]
    [JsonDerivedType(typeof(Settled), "settled")]
    internal abstract record InvoiceEvent;

    internal sealed record Raised(decimal Amount) : InvoiceEvent;

    internal sealed record Settled(DateTimeOffset At) : InvoiceEvent;

    /// <summary>An event that does not name its derived types.</summary>
    internal record Nameless;

    /// <summary>An event that is the only one.</summary>
    internal sealed record Only(int Pieces);

    /// <summary>What Invoicing reads of a booking.</summary>
    internal sealed record Made(string BookingId, Amount Total, string? Note = null);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        AllowOutOfOrderMetadataProperties = true,
        Converters = [typeof(DecimalConverter)])]
    [JsonSerializable(typeof(Invoice))]
    [JsonSerializable(typeof(InvoiceEvent))]
    internal sealed partial class InvoiceJson : JsonSerializerContext;

    /// <summary>With options of its own, which do not count for messages.</summary>
    [JsonSerializable(typeof(Made))]
    internal sealed partial class MadeJson : JsonSerializerContext;
}

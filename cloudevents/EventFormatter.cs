using System.Text.Encodings.Web;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;

namespace Pipeline.CloudEvents;

/// <summary>
/// Writes events in structured mode as the SDK does, except that JSON data stays as it is, byte for byte: the SDK would write its
/// texts anew. Such data is a <see cref="ReadOnlyMemory{T}"/> of bytes; it has to be JSON.
/// </summary>
public sealed class EventFormatter : JsonEventFormatter
{
    private EventFormatter(JavaScriptEncoder? encoder)
        : base(new JsonSerializerOptions { Encoder = encoder }, default)
    {
    }

    /// <summary>Escapes all that is not ASCII.</summary>
    public static EventFormatter Ascii { get; } = new(null);

    /// <summary>Escapes no more than JSON asks for: what is not ASCII would become twice as long.</summary>
    public static EventFormatter Short { get; } = new(JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    /// <summary>Writes an event.</summary>
    /// <param name="cloudEvent">The event, which has all that the specification asks for.</param>
    /// <returns>It, as UTF-8 JSON.</returns>
    public ReadOnlyMemory<byte> Write(CloudEvent cloudEvent) => EncodeStructuredModeMessage(cloudEvent, out _);

    /// <inheritdoc/>
    protected override void EncodeStructuredModeData(CloudEvent cloudEvent, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(cloudEvent);
        ArgumentNullException.ThrowIfNull(writer);
        if (cloudEvent.Data is not ReadOnlyMemory<byte> json)
        {
            base.EncodeStructuredModeData(cloudEvent, writer);
            return;
        }

        writer.WritePropertyName(DataPropertyName);
        writer.WriteRawValue(json.Span, skipInputValidation: true); // It has been parsed before.
    }

    /// <inheritdoc/>
    protected override string? InferDataContentType(object data) => null;
}

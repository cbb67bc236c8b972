using System.Text.Encodings.Web;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;

namespace Pipeline.CloudEvents;

/// <summary>
/// Writes events in structured mode as the SDK does, but for their data. A <see cref="ReadOnlyMemory{T}"/> of bytes is JSON and stays as
/// it is, byte for byte: the SDK would write its texts anew. Otherwise it is a text, or an array of bytes.
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
        switch (cloudEvent.Data)
        {
            case ReadOnlyMemory<byte> json:
                writer.WritePropertyName(DataPropertyName);
                writer.WriteRawValue(json.Span, skipInputValidation: true); // It has been parsed before.
                break;
            case string text:
                writer.WriteString(DataPropertyName, text);
                break;
            case byte[] bytes:
                writer.WriteBase64String(DataBase64PropertyName, bytes);
                break;
            default:
                throw new ArgumentException($"Data cannot be a {cloudEvent.Data?.GetType()}: bytes of JSON, a text or an array of bytes is expected.", nameof(cloudEvent));
        }
    }

    /// <inheritdoc/>
    protected override string? InferDataContentType(object data) => null;
}

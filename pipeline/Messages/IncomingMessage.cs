using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Azure.Messaging;

namespace Pipeline.Messages;

/// <summary>A CloudEvent as a consumer gets it, with the attributes that the pipeline relies on.</summary>
public sealed class IncomingMessage
{
    /// <summary>The longest CloudEvents id, in characters: it must fit a Service Bus message id.</summary>
    public const int MaxIdLength = 128;

    /// <summary>The longest CloudEvents source, and the longest subject, in characters.</summary>
    public const int MaxNameLength = 1024;

    private IncomingMessage(CloudEvent cloudEvent, long? sequence)
    {
        CloudEvent = cloudEvent;
        Sequence = sequence;
    }

    /// <summary>The event itself.</summary>
    public CloudEvent CloudEvent { get; }

    /// <summary>CloudEvents <c>id</c>.</summary>
    public string Id => CloudEvent.Id;

    /// <summary>CloudEvents <c>source</c>: the service that sent it.</summary>
    public string Source => CloudEvent.Source;

    /// <summary>CloudEvents <c>type</c>.</summary>
    public string Type => CloudEvent.Type;

    /// <summary>CloudEvents <c>subject</c>: what it is about; <see langword="null"/> where the sender gave none.</summary>
    public string? Subject => CloudEvent.Subject;

    /// <summary>CloudEvents <c>time</c>: when the sender committed it.</summary>
    public DateTimeOffset? Time => CloudEvent.Time;

    /// <summary>CloudEvents <c>sequence</c>, the sender's outgoing number; <see langword="null"/> for commands and replies.</summary>
    public long? Sequence { get; }

    /// <summary>The conversation that this message belongs to; its own id where the sender named none.</summary>
    public string CorrelationId => Extension("correlationid") ?? Id;

    /// <summary>Id of the message that caused this one.</summary>
    public string? CausationId => Extension("causationid");

    /// <summary>Where the data is, for an event that does not carry it itself (extension "Dataref (Claim Check Pattern)").</summary>
    public string? DataRef => Extension("dataref");

    /// <summary>W3C trace context of the sender.</summary>
    public string? TraceParent => Extension("traceparent");

    /// <summary>Attribute of an event that was edited in the ledger: the edit.</summary>
    internal const string EditIdAttribute = "editid";

    /// <summary>Attribute of an event that was edited in the ledger: who did it.</summary>
    internal const string EditedByAttribute = "editedby";

    /// <summary>The edit that made the event what it is. Only to be believed of what comes from our own ledger.</summary>
    internal string? EditId => Extension(EditIdAttribute);

    internal string? EditedBy => Extension(EditedByAttribute);

    /// <summary>Reads a structured-mode CloudEvent (<c>application/cloudevents+json</c>, CloudEvents JSON format 1.0.2, section 3).</summary>
    /// <param name="body">The message body.</param>
    /// <param name="message">The event, if it could be read.</param>
    /// <param name="reason">One of the <c>Ledger.Reasons</c>, if not.</param>
    /// <param name="description">What exactly is wrong.</param>
    internal static bool TryRead(
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out IncomingMessage? message,
        out string reason,
        out string description)
    {
        message = null;
        CloudEvent? cloudEvent;
        try
        {
            cloudEvent = CloudEvent.Parse(BinaryData.FromBytes(body));
        }
        catch (JsonException e)
        {
            reason = Ledger.Reasons.NotJson;
            description = "The body is not JSON: " + e.Message;
            return false;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            reason = Ledger.Reasons.NotACloudEvent;
            description = "The body is JSON, but not a CloudEvent 1.0: " + e.Message;
            return false;
        }

        reason = Ledger.Reasons.NotACloudEvent;
        if (cloudEvent is null)
        {
            description = "The body is the JSON value null, not a CloudEvent.";
            return false;
        }

        // The SDK takes the moment of reading for the time of an event that has none: another one at each delivery.
        if (!HasTime(body.Span))
            cloudEvent.Time = null;
        if (WhyTooLong(cloudEvent) is { } tooLong)
        {
            (reason, description) = (Ledger.Reasons.IdTooLong, tooLong);
            return false;
        }

        long? sequence = null;
        if (cloudEvent.ExtensionAttributes.TryGetValue("sequence", out var value))
        {
            if (!long.TryParse(value?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                description = $"The attribute 'sequence' is '{value}', not a whole number.";
                return false;
            }

            sequence = number;
        }

        message = new IncomingMessage(cloudEvent, sequence);
        description = "";
        return true;
    }

    private static string? WhyTooLong(CloudEvent cloudEvent) =>
        WhyTooLong("id", cloudEvent.Id, MaxIdLength) ?? WhyTooLong("source", cloudEvent.Source, MaxNameLength) ?? WhyTooLong("subject", cloudEvent.Subject, MaxNameLength);

    private static string? WhyTooLong(string attribute, string? value, int most) =>
        value?.Length > most ? $"The event's {attribute} has {value.Length} characters; at most {most} are allowed." : null;

    /// <summary>Whether an event, which is known to be a JSON object or an array of just one, has the attribute <c>time</c>.</summary>
    private static bool HasTime(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTime = reader.ValueTextEquals("time"u8);
            reader.Read();
            if (isTime)
                return reader.TokenType != JsonTokenType.Null;
            reader.Skip();
        }

        return false;
    }

    private string? Extension(string name) =>
        CloudEvent.ExtensionAttributes.TryGetValue(name, out var value) ? value?.ToString() : null;
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>Name and content of a dead letter's blob. Both follow from the delivery, so that writing it twice leaves one.</summary>
internal static class DeadLetterBlob
{
    public const string MaxDeliveryAttemptsExceeded = nameof(MaxDeliveryAttemptsExceeded);
    public const string TimeToLiveExceeded = nameof(TimeToLiveExceeded);

    /// <summary>Why an event is given up at once after this answer.</summary>
    public static string UndeliverableBecauseOf(string outcome) => $"UndeliverableDueToHttp{outcome}";

    /// <summary><c>CONTAINER/SUBSCRIPTION-NAME/yyyy/M/d/H/GUID.json</c>, in UTC.</summary>
    public static string NameOf(string container, Delivery delivery)
    {
        var time = new DateTime(delivery.GivenUpTicks, DateTimeKind.Utc);
        var identity = string.Create(
            CultureInfo.InvariantCulture, $"{delivery.Subscription.WireName}/{delivery.Event.Number}/{delivery.Event.PublishedTicks}");
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{container}/{delivery.Subscription.WireName}/{time.Year}/{time.Month}/{time.Day}/{time.Hour}/{id}.json");
    }

    /// <summary>An array with the event and, in lower case, what became of it.</summary>
    public static ReadOnlyMemory<byte> ContentOf(Delivery delivery)
    {
        var buffer = new ArrayBufferWriter<byte>(delivery.Event.Json.Length + 256);
        using var document = JsonDocument.Parse(delivery.Event.Json);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                // An event that was a dead letter before brings these with it.
                if (property.Name is "deadletterreason" or "deliveryattempts" or "lastdeliveryoutcome" or "publishtime")
                    continue;

                // As it came: what has been taken can be written, whatever is in it.
                json.WritePropertyName(property.Name);
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(property.Value), skipInputValidation: true);
            }

            json.WriteString("deadletterreason", delivery.DeadLetterReason);
            json.WriteNumber("deliveryattempts", delivery.FailedAttempts);
            json.WriteString("lastdeliveryoutcome", delivery.LastOutcome ?? "");
            json.WriteString("publishtime", new DateTime(delivery.Event.PublishedTicks, DateTimeKind.Utc));
            json.WriteEndObject();
            json.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }
}

using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Poison on arrival: each kind has a reason of its own, through the broker and its dead-letter queue, without any retry.</summary>
public sealed class PoisonReasonTests
{
    /// <summary>What the rule of the subscription takes; the body says something else.</summary>
    private const string Routed = "com.contoso.bookings.booking-made.v2";

    private const string Type = "com.contoso.bookings.booking-made.v1";

    public static TheoryData<string, string, string> Poison => new()
    {
        { DeadLetterReasons.NotJson, "this is not JSON", "not JSON" },
        { DeadLetterReasons.NotACloudEvent, """{"hello":1}""", "not a CloudEvent" },
        { DeadLetterReasons.UnknownType, Event("x", "com.contoso.bookings.booking-moved.v1", "{}"), "booking-moved.v1" },
        { DeadLetterReasons.UnsupportedVersion, Event("x", "com.contoso.bookings.booking-made.v9", "{}"), Type },
        { DeadLetterReasons.ContractViolation, Event("x", Type, """{"bookingId":"b-1","guestId":"c","currency":"EUR","total":1,"rooms":[{"room":"a","count":0,"price":1}]}"""), "$.rooms[0].count" },
        { DeadLetterReasons.ContractViolation, Event("x", Type, """{"bookingId":"b-1","guestId":"c","currency":"EUR","total":"much","rooms":[]}"""), "$.total" },
        { DeadLetterReasons.IdTooLong, Event(new string('i', 129), Type, "{}"), "id has 129 characters" },
        { DeadLetterReasons.IdTooLong, Event("x", Type, "{}", subject: new string('s', 1025)), "subject has 1025 characters" },
        { DeadLetterReasons.IdTooLong, Event("x", Type, "{}", source: new string('s', 1025)), "source has 1025 characters" },
        { DeadLetterReasons.PayloadMissing, $$"""{"specversion":"1.0","id":"x","source":"bookings","type":"{{Type}}","subject":"b-1","dataref":"{{InMemoryPayloads.Address}}/bookings/b-1/1/gone"}""", "gone" },
    };

    [Theory]
    [MemberData(nameof(Poison))]
    public async Task G5_G6_Poison_has_a_reason_of_its_own_and_no_retries(string reason, string body, string says)
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        await using (var sender = process.Services.GetRequiredService<ServiceBusClient>().CreateSender(Names.Bookings))
        {
            var message = new ServiceBusMessage(body) { SessionId = "b-1", MessageId = "poison" };
            message.ApplicationProperties["cloudEvents_type"] = Routed;
            message.ApplicationProperties["replayfor"] = "all";
            await sender.SendMessageAsync(message);
        }

        await process.RunUntilQuietAsync();

        var record = Assert.Single(await Invariants.AllAsync(process.Container(Names.Charges), RecordKinds.DeadLetter));
        var entry = record.Deserialize(DeadLetterJson.Default.DeadLetter)!;
        Assert.Equal((reason, "b-1", true, null, 1), (entry.Reason, entry.Partition.Value, entry.Open, entry.RetryAt, entry.DeliveryCount));
        Assert.Contains(says, entry.Description, StringComparison.Ordinal);
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(entry.Body));
        Assert.Empty(await Invariants.AllAsync(process.Container(Names.Charges), RecordKinds.Replay));
        Assert.Equal(0, simulation.Broker.Counts("bookings/charges").DeadLettered);
    }

    private static string Event(string id, string type, string data, string subject = "b-1", string source = "bookings") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","type":"{{type}}","subject":"{{subject}}","data":{{data}}}""";
}

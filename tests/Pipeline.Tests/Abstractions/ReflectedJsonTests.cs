using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.BookingApp;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Decisions;
using Pipeline.State;
using Pipeline.Storage;
using static Pipeline.Tests.Abstractions.Invoices;

namespace Pipeline.Tests.Abstractions;

/// <summary>Definitions without source-generated metadata read and write what those with it read and write.</summary>
public sealed class ReflectedJsonTests
{
    private const string Whole = """{"invoiceId":"i-1","total":12.5,"number":7,"at":"2026-08-01T09:30:00+02:00","paidAt":null,"standing":"Paid","lines":[{"article":"a","pieces":2,"price":6.25,"note":"n"}],"taxes":{"vat":2.5},"isUrgent":true}""";

    [Fact]
    public void A_state_is_written_as_by_source_generated_metadata()
    {
        var at = new DateTimeOffset(2026, 8, 1, 9, 30, 0, 123, TimeSpan.FromHours(2));
        foreach (var invoice in new[]
        {
            new Invoice("i-1", 13.50m, long.MaxValue, at, at.ToUniversalTime(), Standing.Paid, [new Line("ä<", -1, -0.0m), new Line("b", 2, 1e-9m, "n")], new Dictionary<string, decimal> { ["VAT"] = 2.50m }) { IsUrgent = true },
            new Invoice("", 0, 0, default, null, Standing.Open, [], new Dictionary<string, decimal>()),
        })
        {
            var written = JsonSerializer.Serialize(invoice, new DocumentState<Invoice>().Json);
            Assert.Equal(JsonSerializer.Serialize(invoice, InvoiceJson.Default.Invoice), written);
            Assert.Equal(written, JsonSerializer.Serialize(JsonSerializer.Deserialize(written, new DocumentState<Invoice>().Json), InvoiceJson.Default.Invoice));
        }
    }

    /// <summary>What is missing, null, of another type, twice or unknown; numbers and times in other forms.</summary>
    [Theory]
    [InlineData(Whole)]
    [InlineData("""{"invoiceId":"i-1"}""")]
    [InlineData("""{"invoiceId":null,"lines":null,"unknown":{"a":[1]}}""")]
    [InlineData("""{"InvoiceId":"i-1"}""")]
    [InlineData("""{"invoiceId":"i-1","invoiceId":"i-2"}""")]
    [InlineData("""{"number":1e2,"lines":[{"article":"a","pieces":2.0,"price":1}]}""")]
    [InlineData("""{"number":"7"}""")]
    [InlineData("""{"total":0.1234567890123456789012345678901}""")]
    [InlineData("""{"at":"2026-08-01T09:30:00"}""")]
    [InlineData("""{"at":"2026-08-01"}""")]
    [InlineData("""{"standing":"Lost"}""")]
    [InlineData("""{"lines":[{"article":7}]}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_state_is_read_as_by_source_generated_metadata(string json) =>
        Assert.Equal(Read(json, InvoiceJson.Default.Invoice), Read(json, new DocumentState<Invoice>().Json));

    [Theory]
    [InlineData("""{"$type":"raised","amount":1.50}""")]
    [InlineData("""{"at":"2026-08-01T09:30:00Z","$type":"settled"}""")]
    [InlineData("""{"$type":"forgotten"}""")]
    [InlineData("{}")]
    public void Domain_events_are_read_and_written_as_by_source_generated_metadata(string json)
    {
        var events = new StreamState<Invoice, InvoiceEvent>((_, _, _) => null!).Events;
        Assert.Equal(Read(json, InvoiceJson.Default.InvoiceEvent), Read(json, events));
        foreach (var domainEvent in new InvoiceEvent[] { new Raised(1.50m), new Settled(DateTimeOffset.UnixEpoch) })
            Assert.Equal(JsonSerializer.Serialize(domainEvent, InvoiceJson.Default.InvoiceEvent), JsonSerializer.Serialize(domainEvent, events));
    }

    [Fact]
    public void Events_that_could_not_be_read_again_are_refused_with_what_is_missing()
    {
        var refused = Assert.Throws<ArgumentException>(() => new StreamState<Invoice, Nameless>((_, _, _) => null!));
        Assert.Contains("JsonDerivedType", refused.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(Nameless).ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Equal("""{"pieces":1}""", JsonSerializer.Serialize(new Only(1), new StreamState<Invoice, Only>((_, _, _) => null!).Events));
    }

    [Theory]
    [InlineData("""{"bookingId":"b-1","total":{"value":1.50,"currency":"EUR"}}""")]
    [InlineData("""{"bookingId":"b-1"}""")]
    [InlineData("""{"bookingId":null,"total":{"value":1,"currency":"EUR"}}""")]
    [InlineData("""{"bookingId":"b-1","bookingId":"b-1","total":{"value":1,"currency":"EUR"}}""")]
    [InlineData("""{"bookingId":"b-1","total":{"value":0.1234567890123456789012345678901,"currency":"EUR"}}""")]
    public void A_consumed_message_is_read_as_by_source_generated_metadata(string json) => Assert.Equal(
        Read(json, ConsumedMessage.Of<BookingMadeV2, Made>(MadeJson.Default).Json),
        Read(json, ConsumedMessage.Of<BookingMadeV2, Made>().Json));

    /// <summary>Contracts have their options in an attribute of the application, which no code can share.</summary>
    [Fact]
    public void Consumed_messages_have_the_options_of_the_contracts() => Assert.All(
        [ConsumedMessage.Of<BookingMadeV2, Made>().Json.Options, ConsumedMessage.Of<BookingMadeV2, Made>(MadeJson.Default).Json.Options],
        options => Assert.Equal(OptionsOf(BookingJson.Default.Options), OptionsOf(options)));

    [Fact]
    public void A_context_without_the_record_is_refused_with_what_is_missing() => Assert.Contains(
        "[JsonSerializable(typeof(Made))]",
        Assert.Throws<ArgumentException>(() => ConsumedMessage.Of<BookingMadeV2, Made>(InvoiceJson.Default)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Metadata_is_made_once()
    {
        Assert.Same(new DocumentState<Invoice>().Json, new DocumentState<Invoice>().Json);
        Assert.Same(new DocumentState<Invoice>().Json, new StreamState<Invoice, InvoiceEvent>((_, _, _) => null!).Snapshots);
        Assert.Same(ConsumedMessage.Of<BookingMadeV2, Made>().Json, ConsumedMessage.Of<BookingMadeV2, Made>().Json);
    }

    [Fact]
    public async Task A_consumer_without_source_generated_metadata_handles_messages()
    {
        var stream = new StreamState<Invoice, InvoiceEvent>(Fold, snapshotEvery: 2);
        var consumer = Consumer.Of("bookings/invoicing", "invoicing", stream)
            .On(ConsumedMessage.Of<BookingMadeV2, Made>(), (_, booking, _) => Decision<Invoice>.Append(new Raised(booking.Total.Value)));
        await using var simulation = new Simulation();
        simulation.Cosmos.EnsureContainer(Names.Database, "invoicing");
        await using var process = simulation.Start();
        var store = new CosmosPartitionStore(process.Container("invoicing"), simulation.Clock, new Random(1));
        var services = process.Services.GetRequiredService<ConsumerServices>();
        var runner = new ConsumerRunner(consumer, store, services, NullLogger<ConsumerRunner>.Instance);

        for (var number = 1; number <= 3; number++)
        {
            var booking = new BookingMadeV2("b-1", "g-1", new Amount(1.25m, "EUR"), [new BookedRoomV2("a", 1, new Amount(1.25m, "EUR"))]);
            Assert.Equal(SettlementKind.Complete, (await runner.HandleAsync(Deliveries.Of(booking, number), default)).Kind);
        }

        var (invoice, _) = await new CommandRunner<Invoice>(store, stream, services).ReadAsync("b-1", default);
        Assert.Equal((3.75m, 3L), (invoice!.Total, invoice.Number));

        static Invoice Fold(Invoice? invoice, InvoiceEvent happened, DateTimeOffset at) =>
            (invoice ?? new Invoice("i-1", 0, 0, at, null, Standing.Open, [], new Dictionary<string, decimal>())) is var before && happened is Raised raised
                ? before with { Total = before.Total + raised.Amount, Number = before.Number + 1 }
                : before;
    }

    /// <summary>What was read, as JSON; or how it was refused.</summary>
    private static string Read<T>(string json, JsonTypeInfo<T> metadata) => Read(json, (JsonTypeInfo)metadata);

    private static string Read(string json, JsonTypeInfo metadata)
    {
        try
        {
            return JsonSerializer.Serialize(JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), metadata), metadata);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private static string OptionsOf(JsonSerializerOptions options) => string.Join(
        '\n',
        [
            .. typeof(JsonSerializerOptions).GetProperties()
                .Where(p => p.PropertyType == typeof(bool) || p.PropertyType.IsEnum || p.PropertyType == typeof(JsonNamingPolicy) || p.PropertyType == typeof(int))
                .Select(p => $"{p.Name}: {p.GetValue(options)}"),
            .. options.Converters.Select(c => c.GetType().Name),
        ]);
}

using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Data that not everybody reads alike is a dead letter that says where, keeps its identity, and can be given other data.</summary>
public sealed class AmbiguousDataTests : IAsyncLifetime
{
    private const string Charger = "bookings/charges";
    private const string Type = "com.contoso.bookings.booking-made.v1";
    private const string Good = """{"bookingId":"b-1","guestId":"c","currency":"EUR","total":1,"rooms":[{"room":"a","count":1,"price":1}]}""";

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    public Task InitializeAsync()
    {
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Theory]
    [InlineData("\"\\ud83d\"", "$.more: has half a surrogate pair in it")]
    [InlineData("{\"\\ud83d\":1}", @"$.more['\ud83d']: has half a surrogate pair in its name")]
    [InlineData("[{\"a\":1,\"a\":2}]", "$.more[0].a: is there twice")]
    public async Task G6_It_is_a_dead_letter_with_the_path_that_can_be_given_other_data(string value, string says)
    {
        var entry = await HandleAsync(Event(Good.Replace("\"total\"", $"\"more\":{value},\"total\"", StringComparison.Ordinal)));

        Assert.Equal((DeadLetterReasons.ContractViolation, says), (entry.Reason, entry.Description));
        Assert.Equal((Type, "bookings:b-1:1", 1L), (entry.Type, entry.EventId?.Value, entry.Sequence));
        var patched = await EditAsync(entry, """[{"op":"remove","path":"/more"}]""", null);
        Assert.Equal(EditOutcome.Refused, patched.Outcome);
        Assert.Contains($"cannot be patched ({says})", patched.Reason, StringComparison.Ordinal);
        Assert.Equal((EditOutcome.Edited, null), ((await EditAsync(entry, null, Good)).Outcome, (await EditAsync(entry, null, Good)).Reason));
        var shown = await DeadLetterQueries.ShowAsync(_process.Store(Names.Charges), entry.Partition, entry.Id, default);
        Assert.Contains(value, shown!.Original, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_envelope_that_not_everybody_reads_alike_is_no_event()
    {
        var entry = await HandleAsync(Event(Good).Replace("\"source\"", "\"id\":\"other\",\"source\"", StringComparison.Ordinal));
        Assert.Equal(DeadLetterReasons.NotACloudEvent, entry.Reason);
        Assert.Contains("$.id: is there twice", entry.Description, StringComparison.Ordinal);
        Assert.Contains("whole CloudEvent", (await EditAsync(entry, "[]", null)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, """{"a":"\ud83d"}""", "'replacement' cannot be taken: $.a: has half a surrogate pair in it.")]
    [InlineData("""[{"op":"add","path":"/a","value":{"\ud83d":1}}]""", null, @"'patch' cannot be taken: $[0].value['\ud83d']: has half a surrogate pair in its name.")]
    [InlineData(null, """{"a":1,"a":2}""", "'replacement' cannot be taken: $.a: is there twice.")]
    public void An_edit_that_no_event_can_have_in_it_is_refused_with_its_path(string? patch, string? replacement, string says)
    {
        Assert.Null(EditingOf(patch, replacement, out var wrong));
        Assert.Equal(says, wrong);
    }

    private static string Event(string data) =>
        $$"""{"specversion":"1.0","id":"bookings:b-1:1","source":"bookings","type":"{{Type}}","subject":"b-1","sequence":"1","partitionkey":"b-1","data":{{data}}}""";

    private async Task<DeadLetter> HandleAsync(string body)
    {
        var delivery = new ReceivedMessage { Body = Encoding.UTF8.GetBytes(body), SessionId = "b-1", MessageId = "m-1", DeliveryCount = 1 };
        var settlement = await _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Charger).HandleAsync(delivery, default);
        Assert.Equal(SettlementKind.DeadLetter, settlement.Kind);
        return Assert.Single(await Invariants.AllAsync(_process.Container(Names.Charges), RecordKinds.DeadLetter)).Deserialize(DeadLetterJson.Default.DeadLetter)!;
    }

    private Task<EditResult> EditAsync(DeadLetter entry, string? patch, string? replacement) => _process.Services.GetRequiredService<DeadLetterEditor>().EditAsync(
        _process.Store(Names.Charges), entry.Partition, entry.Id, EditingOf(patch, replacement, out _)!, default);

    private static MessageEdit? EditingOf(string? patch, string? replacement, out string? wrong) => MessageEdit.Create(
        patch is null ? null : JsonDocument.Parse(patch).RootElement, replacement is null ? null : JsonDocument.Parse(replacement).RootElement, "why", "ann", null, out wrong);
}

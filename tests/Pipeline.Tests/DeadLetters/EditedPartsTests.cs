using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>
/// A message that concerns several partitions has an entry in each that could not handle it, and the replay of an entry goes to that
/// partition alone: an edit must not promise an effect in another one.
/// </summary>
public sealed class EditedPartsTests : IAsyncLifetime
{
    private const string Consumer = "bookings/statistics";

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

    [Fact]
    public async Task G2_An_edit_that_would_need_an_effect_in_a_partition_without_an_entry_is_refused()
    {
        var store = _process.Store(Names.Statistics);
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var completed = Deliveries.Of(new BookingCompleted("b-1", "g-1", "EUR", 30m, [new BookedRoom("a", 1, 10m), new BookedRoom("b", 2, 10m)]), 1, time: at);
        await _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(Consumer).HandleAsync(completed.DeadLettered(), default);
        var entry = (await DeadLetterQueries.ListAsync(store, new DeadLetterFilter { Open = true }, 10, null, default)).Items.First(e => e.Partition.EndsWith('a'));

        var refused = await EditAsync("""[{"op":"add","path":"/rooms/-","value":{"room":"c","count":1,"price":10}}]""");
        Assert.Equal(EditOutcome.Refused, refused.Outcome);
        Assert.Contains("would concern", refused.Reason);

        // In the partitions that it concerns already, an edit is each entry's own.
        Assert.Equal(EditOutcome.Edited, (await EditAsync("""[{"op":"replace","path":"/rooms/0/count","value":5}]""")).Outcome);

        Task<EditResult> EditAsync(string patch) => _process.Services.GetRequiredService<DeadLetterEditor>().EditAsync(
            store, new Partition(entry.Partition), new DeadLetterId(entry.Id), MessageEdit.Create(JsonSerializer.Deserialize<JsonElement>(patch), null, "A line was lost.", "ann", null, out _)!, default);
    }
}

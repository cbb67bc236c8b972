using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>What the app brings to the pipeline.</summary>
public static class App
{
    private static readonly IReadOnlyList<Consumer> Consumers =
    [
        Charge.OnBookings,
        RoomKey.OnBookings,
        DailyBookings.OnBookings,
        Reservation.OnBookings,
        RoomStatistics.OnBookings,
        BookingDecisions.OnCharges,
        RoomKey.OnCharges,
        BookingDecisions.OnKeys,
        GuestMails.Mail,
        Reservation.Replies,
        BookingDecisions.OnRooms,
        Charge.OnRooms,
        DailyReport.OnStatistics,
        Vacancy.Commands,
        OpenedDoor.OnLocks,
    ];

    public static PipelineDefinition Definition { get; } = new(BookingContracts.All, ReadTopology(), Consumers) { Functions = typeof(App).Assembly };

    public static void Configure(PipelineBuilder pipeline) => pipeline
        .AddCommandRunner(Booking.Stream, Names.Bookings)
        .AddCommandRunner(RoomStatistics.Document, Names.Statistics)
        .AddCommandRunner(Vacancy.Document, Names.Rooms)
        .AddGateway<IChargeGateway>(
            provider => new SimulatedChargeGateway(ContainerOf(provider), ClockOf(provider)),
            (real, calls, provider) => new DryRunChargeGateway(real, calls, ClockOf(provider)))
        .AddGateway<ILockGateway>(
            provider => new SimulatedLockGateway(ContainerOf(provider)),
            (real, calls, _) => new DryRunLockGateway(real, calls))
        .AddGateway<IMailGateway>(
            provider => new SimulatedMailGateway(ContainerOf(provider)),
            (real, calls, _) => new DryRunMailGateway(real, calls))
        .AddGateway<IFigureSource>(
            provider => new StoredFigures(provider.GetRequiredService<CommandRunner<RoomStatistics>>()),
            (real, calls, _) => new DryRunFigureSource(real, calls));

    private static Container ContainerOf(IServiceProvider provider) =>
        provider.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways);

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();

    private static Topology ReadTopology()
    {
        using var stream = typeof(App).Assembly.GetManifestResourceStream("topology.json")!;
        return Topology.Read(JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(stream).RootElement), BookingContracts.All, Readers.Unknown);
    }
}

using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.BookingApp;
using Pipeline.Messages;

namespace Pipeline.Tests;

/// <summary>The app of these tests: bookings.</summary>
internal static class TestedApp
{
    /// <summary>The source of events, if a test names none.</summary>
    public const string Source = Names.Bookings;

    public const string TopologyFile = "bookings-topology.json";

    public static PipelineDefinition Definition => App.Definition;

    /// <summary>Its messages as it knows them; their events say nothing of a schema.</summary>
    public static MessageCatalog Messages { get; } = MessageCatalog.Of(App.Definition.Contracts, null);

    public static void Configure(PipelineBuilder pipeline) => App.Configure(pipeline);

    /// <summary>All that it needs runs in a simulation.</summary>
    public static void Replace(IServiceCollection services)
    {
    }
}

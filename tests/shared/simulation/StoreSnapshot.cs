namespace Pipeline.Tests;

/// <summary>Everything that a simulation keeps, byte for byte: to show that something wrote nothing.</summary>
internal static class StoreSnapshot
{
    public static async Task<IReadOnlyList<string>> TakeAsync(Simulation simulation, SimulatedProcess process)
    {
        var lines = new List<string>();
        foreach (var name in TestedApp.Definition.Topology.Containers)
        {
            // With etags and timestamps: writing the same once more shows, too.
            lines.AddRange((await Invariants.AllAsync(process.Container(name), null)).Select(d => $"{name} {d.GetRawText()}").Order(StringComparer.Ordinal));
        }

        lines.AddRange(TestedApp.Definition.Consumers.Select(c => $"{c.Name} {simulation.Broker.Counts(c.Name)}").Order(StringComparer.Ordinal));
        lines.AddRange(simulation.Payloads.Names.Prepend(Invariant($"{simulation.Payloads.Puts} payloads written")));
        lines.AddRange(simulation.EventGrid.Waiting().Select(e => "event grid " + e.Event.Id));
        return lines;
    }
}

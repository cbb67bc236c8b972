using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

public sealed class GridFunctions(Probe probe)
{
    [Function("GridSingle")]
    public Task Single([EventGridTrigger] CloudEvent cloudEvent) => probe.SeeAsync(cloudEvent.Id);

    [Function("GridBatch")]
    public Task Batch([EventGridTrigger(IsBatched = true)] CloudEvent[] events) => probe.SeeAsync(string.Join(',', events.Select(e => e.Id)));
}

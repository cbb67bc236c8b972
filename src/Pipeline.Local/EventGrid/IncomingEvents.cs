using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>The events of one request, checked.</summary>
internal sealed class IncomingEvents(IReadOnlyList<JsonDocument> documents, IReadOnlyList<IncomingEvent> events) : IDisposable
{
    public IReadOnlyList<IncomingEvent> Events => events;

    public void Dispose()
    {
        foreach (var document in documents)
            document.Dispose();
    }
}

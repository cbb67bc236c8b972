// The example of docs/guide/testing.md. A test holds the two against each other, so that it compiles and works.
using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

// DOCS: functions
public sealed class ParcelFunctions(ParcelStations stations, TimeProvider time)
{
    [Function("scan")]
    public void Scan(
        [ServiceBusTrigger("scans", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message) =>
        stations.Add(message.SessionId!, message.Body.ToString());

    [Function("report")]
    [FixedDelayRetry(3, "00:10:00")]
    public void Report([TimerTrigger("0 0 8 * * *")] TimerInfo timer) =>
        stations.Report(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():HH:mm}: {stations.Parcels} parcels"));
}

public sealed class ParcelStations
{
    private readonly ConcurrentDictionary<string, string[]> _stations = new();
    private readonly ConcurrentQueue<string> _reports = new();

    public int Parcels => _stations.Count;

    public IReadOnlyCollection<string> Reports => _reports;

    public void Add(string parcel, string station) => _stations.AddOrUpdate(parcel, [station], (_, before) => [.. before, station]);

    public string WayOf(string parcel) => string.Join(" > ", _stations[parcel]);

    public void Report(string line) => _reports.Enqueue(line);
}

// DOCS: end

using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <summary>Keeps the notes of problems in their partitions.</summary>
internal sealed class ProblemNotes(Container container, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Writes a note, or renews it. One attempt within a short time: a session is held meanwhile, and the problem occurs again.</summary>
    public async Task WriteAsync(HandlingProblem problem, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var key = new PartitionKey(problem.Partition.Value);
            using var read = await container.ReadItemStreamAsync(problem.Id, key, null, either.Token);
            var before = read.IsSuccessStatusCode ? await JsonSerializer.DeserializeAsync(read.Content, StorageJson.Default.HandlingProblem, either.Token) : null;
            var record = before is null ? problem : problem with { Since = before.Since, Times = before.Times + 1 };
            using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(record, StorageJson.Default.HandlingProblem), writable: false);
            using var written = await container.UpsertItemStreamAsync(body, key, new ItemRequestOptions { EnableContentResponseOnWrite = false }, either.Token);
        }
        catch (Exception)
        {
            // Not noted: the caller deals with the problem itself, whatever happens here.
        }
    }
}

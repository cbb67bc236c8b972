using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>Finds dead letters by their id, or by the subject that <c>blocked</c> shows.</summary>
internal static class DeadLetterSearch
{
    private const string EntryPrefix = "dl:";

    /// <summary>The name of an argument that takes either.</summary>
    public const string IdOrSubject = "ID|SUBJECT";

    /// <summary>Finds one by its id; its address is container, partition and id.</summary>
    public static async Task<DeadLetterDetails> FindAsync(PipelineClient client, string id, CancellationToken cancellationToken)
    {
        await foreach (var entry in client.DeadLetters.ListAsync(new DeadLetterQuery { Status = "all", Id = id }, cancellationToken: cancellationToken))
        {
            if (entry.Id == id)
                return entry;
        }

        throw new CliFailure($"There is no dead letter '{id}', neither open nor closed. '{Wording.Tool} dead-letters list' shows the open ones.");
    }

    /// <summary>
    /// Finds one by id; by subject the blocking one at each consumer, and those of unordered consumers. At least one.
    /// </summary>
    public static async Task<IReadOnlyList<DeadLetterDetails>> FindBlockingAsync(
        PipelineClient client, string target, string? consumer, CancellationToken cancellationToken)
    {
        if (target.StartsWith(EntryPrefix, StringComparison.Ordinal))
            return [await FindAsync(client, target, cancellationToken)];
        var found = new List<DeadLetterDetails>();
        var open = await client.DeadLetters.ListAsync(new DeadLetterQuery { Status = "open", Subject = target, Consumer = consumer }, cancellationToken: cancellationToken)
            .Where(e => e.Partition == target).ToListAsync(cancellationToken);
        foreach (var line in open.Where(e => e.InOrder).GroupBy(e => (e.Container, e.Consumer)))
        {
            var first = line.First();
            var document = await client.DeadLetters.GetAsync(DeadLetterText.AddressOf(first), cancellationToken);
            found.Add(line.FirstOrDefault(e => e.Id == document.WaitsBehind) ?? first);
        }

        found.AddRange(open.Where(e => !e.InOrder));
        return found.Count > 0 ? found : throw new CliFailure(
            $"No message of the subject '{target}' waits{(consumer is null ? "" : $" at {consumer}")}. Its closed dead letters: {Wording.Tool} dead-letters list --subject {target} --status closed");
    }

    /// <summary>As <see cref="FindBlockingAsync"/>, but exactly one.</summary>
    public static async Task<DeadLetterDetails> FindOneBlockingAsync(PipelineClient client, string target, string? consumer, CancellationToken cancellationToken)
    {
        var found = await FindBlockingAsync(client, target, consumer, cancellationToken);
        return found.Count == 1 ? found[0] : throw new CliFailure(
            $"{Wording.Number(found.Count)} dead letters block the subject '{target}' or wait in it: give the id of one ({string.Join(", ", found.Take(5).Select(e => $"{e.Id} at {e.Consumer}"))})"
            + (consumer is null ? ", or filter with --consumer." : "."));
    }
}

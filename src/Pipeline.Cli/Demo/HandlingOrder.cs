using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Checks the order of handling (G3): the events of one subject at one consumer, in the order of commits.</summary>
internal sealed class HandlingOrder
{
    private readonly Dictionary<Line, List<(long Commit, long Sequence)>> lines = [];

    public void Add(HandledMessageSummary handled)
    {
        // Commands and replies have no sequence and therefore no order. Unordered consumers have none either.
        if (handled.Unordered || handled.Sequence is not { } sequence)
            return;

        var line = new Line(handled.Container, handled.Partition, handled.Consumer, handled.Source, handled.Subject);
        if (!lines.TryGetValue(line, out var entries))
            lines.Add(line, entries = []);

        entries.Add((handled.Commit, sequence));
    }

    /// <summary>Every pair of successive handlings whose sequence does not rise.</summary>
    public IReadOnlyList<string> Violations()
    {
        var found = new List<string>();
        foreach (var (line, entries) in lines)
        {
            entries.Sort();
            for (var i = 1; i < entries.Count; i++)
            {
                if (entries[i].Sequence <= entries[i - 1].Sequence)
                {
                    found.Add(
                        string.Create(CultureInfo.InvariantCulture,
                            $"{line.Consumer} handled no. {entries[i].Sequence} of {line.Subject} after no. {entries[i - 1].Sequence} "
                            + $"({line.Container}/{line.Partition}, commits {entries[i - 1].Commit} and {entries[i].Commit})"));
                }
            }
        }

        return found;
    }

    private readonly record struct Line(string Container, string Partition, string Consumer, string Source, string? Subject);
}

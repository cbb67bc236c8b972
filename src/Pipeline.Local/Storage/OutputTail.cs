namespace Pipeline.Local.Storage;

/// <summary>The last lines that a process wrote, for the message that tells why it failed.</summary>
internal sealed class OutputTail
{
    private const int MaxLines = 15;

    private readonly Queue<string> _lines = new();

    /// <summary>Reads to the end, handing on each line.</summary>
    public async Task ReadAsync(StreamReader reader, Action<string>? onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Enqueue(line);
                if (_lines.Count > MaxLines)
                    _lines.Dequeue();
            }

            onLine?.Invoke(line);
        }
    }

    public override string ToString()
    {
        lock (_lines)
            return string.Join('\n', _lines);
    }
}

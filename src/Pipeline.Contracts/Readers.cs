using System.Text;

namespace Pipeline.Contracts;

/// <summary>
/// Which fields each consumer reads: made of the consumers' own records, and kept in git as a text file, so that tools that
/// have no consumers know it too, and a change is a line in a review. <c>pipeline generate</c> writes it.
/// </summary>
public sealed class Readers
{
    /// <summary>The file in the repository.</summary>
    public const string Path = "contracts/readers.txt";

    private const string Everything = "*";

    private readonly Dictionary<(string Consumer, string Type), HashSet<string>?> _paths;

    private Readers(Dictionary<(string Consumer, string Type), HashSet<string>?> paths) => _paths = paths;

    /// <summary>Without information: every consumer is assumed to read everything.</summary>
    public static Readers Unknown { get; } = new([]);

    /// <summary>
    /// Whether a consumer reads a field or a part of it; <c>$</c> is the message itself, which every receiver reads. A consumer
    /// without information is assumed to read everything.
    /// </summary>
    public bool Reads(string consumer, string type, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path == "$"
            || _paths.GetValueOrDefault((consumer, type)) is not { } paths
            || paths.Any(p => p == path || (p.StartsWith(path, StringComparison.Ordinal) && p[path.Length] is '.' or '['));
    }

    /// <summary>Writes the file: a line for each consumer and message.</summary>
    /// <param name="reads">Each with the paths that it reads; <see langword="null"/> for all, empty for none.</param>
    /// <param name="tool">How the tool is called where the file is.</param>
    public static string Write(IEnumerable<(string Consumer, string Type, IReadOnlyList<string>? Paths)> reads, string tool = ContractFiles.Tool)
    {
        var text = new StringBuilder($"# Which fields each consumer reads, by its own records; * is all of them. Not to be edited: {tool} generate\n");
        foreach (var (consumer, type, paths) in reads.OrderBy(r => r.Consumer, StringComparer.Ordinal).ThenBy(r => r.Type, StringComparer.Ordinal))
            text.Append(string.Join(' ', [consumer, type, .. paths ?? [Everything]])).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">A line does not begin with consumer and type; the message has it.</exception>
    public static Readers Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var paths = new Dictionary<(string, string), HashSet<string>?>();
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var words = line.Split(' ');
            if (words.Length < 2)
                throw new FormatException($"'{line}' of {Path} does not name a consumer and a type. Write the file anew with: {ContractFiles.GenerateCommand}");
            paths[(words[0], words[1])] = words is [_, _, Everything] ? null : words.Skip(2).ToHashSet(StringComparer.Ordinal);
        }

        return new Readers(paths);
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.DeadLetters;

/// <summary>
/// What failures with one cause have in common: the reason, the exception with its message but without what differs from
/// message to message (quoted names, ids, numbers, dates), and the frames of our own code that are nearest to it.
/// </summary>
/// <param name="Id">Short, and the same for the same cause, whatever the process, machine or time.</param>
/// <param name="Summary">The failure in its own words, at most <see cref="MaxSummaryLength"/> characters: of a group it is an example.</param>
public sealed partial record Fingerprint(string Id, string Summary)
{
    /// <summary>The group of entries that were made before there were fingerprints.</summary>
    public const string Unknown = "unknown";

    /// <summary>The longest summary, in characters.</summary>
    public const int MaxSummaryLength = 300;

    /// <summary>How much of a message is looked at, in characters; what is longer quotes data.</summary>
    private const int MaxMessageLength = 2000;
    private const int MaxFrames = 3;

    private static readonly string[] FrameworkPrefixes = ["System.", "Microsoft.", "Azure.", "Polly.", "Grpc."];

    /// <summary>The fingerprint of a failure.</summary>
    /// <param name="reason">One of <see cref="DeadLetterReasons"/>, or what the broker gave.</param>
    /// <param name="description">What happened; of an exception its type, message and stack trace as the runtime writes them.</param>
    public static Fingerprint Of(string reason, string description)
    {
        var (message, stack) = Split(description);
        var what = Normalize(message);
        var frames = FramesOf(stack);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{reason}\n{what}\n{string.Join('\n', frames)}"));
        var words = Spaces().Replace(message.Length <= MaxMessageLength ? message : message[..MaxMessageLength], " ").Trim();
        var summary = $"{reason}: {words}" + (frames.Count == 0 ? "" : $" (at {frames[0]})");
        return new Fingerprint(
            Convert.ToHexStringLower(hash.AsSpan(0, 6)), summary.Length <= MaxSummaryLength ? summary : summary[..(MaxSummaryLength - 3)] + "...");
    }

    /// <summary>Whether a text from outside can be a fingerprint.</summary>
    public static bool IsFingerprint(string text) => text == Unknown || (text.Length == 12 && text.All(char.IsAsciiHexDigitLower));

    /// <summary>The exception in a description, if it tells of one.</summary>
    public static ExceptionDetails? ExceptionOf(string description)
    {
        var (message, stack) = Split(description);
        return ExceptionMessage().Match(message) is { Success: true } match
            ? new ExceptionDetails(match.Groups["type"].Value, match.Groups["message"].Value.Trim(), [.. stack.Select(line => line.Trim())])
            : null;
    }

    /// <summary>A message without what differs from one failure of the kind to the next.</summary>
    public static string Normalize(string message)
    {
        var text = message.Length <= MaxMessageLength ? message : message[..MaxMessageLength];
        text = Quoted().Replace(text, "'?'");
        text = Word().Replace(text, match => match.Value.Any(char.IsAsciiDigit) ? "#" + Ending(match.Value) : match.Value);
        text = Repeated().Replace(text, "#");
        return Spaces().Replace(text, " ").Trim();
    }

    private static (string Message, string[] Stack) Split(string description)
    {
        var lines = description.Split('\n');
        var first = Array.FindIndex(lines, line => Frame().IsMatch(line));
        return first < 0 ? (description, []) : (string.Join('\n', lines[..first]), lines[first..]);
    }

    /// <summary>Methods of our own, without arguments, files and what the compiler numbers anew with every build.</summary>
    private static List<string> FramesOf(string[] stack)
    {
        var frames = new List<string>(MaxFrames);
        foreach (var line in stack)
        {
            if (frames.Count == MaxFrames)
                break;
            if (Frame().Match(line) is not { Success: true } match)
                continue;
            var method = match.Groups["method"].Value;
            if (!FrameworkPrefixes.Any(prefix => method.StartsWith(prefix, StringComparison.Ordinal)))
                frames.Add(Generated().Replace(method, "${name}"));
        }

        return frames;
    }

    /// <summary>What a word with a digit in it carries with it of the sentence.</summary>
    private static string Ending(string word) => word[^1] is '.' or ':' ? word[^1].ToString() : "";

    [GeneratedRegex("""(?<!\w)'[^'\n]*'(?!\w)|"[^"\n]*"|`[^`\n]*`""")]
    private static partial Regex Quoted();

    [GeneratedRegex("""(?:(?<![\w.])[-+](?=[0-9]))?[A-Za-z0-9_][A-Za-z0-9_\-./:@+~]*""")]
    private static partial Regex Word();

    [GeneratedRegex("""#(?:[ ,;]+#)+""")]
    private static partial Regex Repeated();

    [GeneratedRegex("""\s+""")]
    private static partial Regex Spaces();

    [GeneratedRegex("""^\s+at (?<method>[^\s(][^(]*)\(""", RegexOptions.ExplicitCapture)]
    private static partial Regex Frame();

    [GeneratedRegex("""<(?<name>\w*)>\w*""", RegexOptions.ExplicitCapture)]
    private static partial Regex Generated();

    [GeneratedRegex("""^(?<type>[A-Z][\w.+`]*Exception): (?<message>.*)""", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex ExceptionMessage();
}

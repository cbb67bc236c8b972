using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Failures;

/// <summary>
/// Identifies failures with one cause: the reason, the exception with its message but without what differs from message to message
/// (quoted names, ids, numbers, dates), and the application's method that the pipeline called: the handler. What the handler called is
/// left out, because the JIT compiler inlines it sooner or later, and so is the pipeline's own code, which changes with its version.
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

    /// <summary>Namespaces of frames that are not the application's, with those of the pipeline that may be above the handler or in its place.</summary>
    private static readonly string[] OthersPrefixes =
    [
        "System.", "Microsoft.", "Azure.", "Polly.", "Grpc.", "Pipeline.Decisions.", "Pipeline.Effects.", "Pipeline.Failures.", "Pipeline.Messages.", "Pipeline.Payloads.",
        "Pipeline.State.", "Pipeline.Storage.",
    ];

    /// <summary>Namespace of what calls handlers: the frames of the application end where it begins.</summary>
    private const string CallerPrefix = "Pipeline.Consumers.";

    /// <summary>The fingerprint of a failure.</summary>
    internal static Fingerprint Of(Failure failure)
    {
        var frames = failure.Exception is { } exception ? FramesOf(exception.Stack) : [];
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{failure.Reason}\n{Normalize(failure.Description)}\n{frames.LastOrDefault()}"));
        var text = failure.Description.Length <= MaxMessageLength ? failure.Description : failure.Description[..MaxMessageLength];
        var summary = $"{failure.Reason}: {Spaces().Replace(text, " ").Trim()}" + (frames.Count == 0 ? "" : $" (at {frames[0]})");
        return new Fingerprint(
            Convert.ToHexStringLower(hash.AsSpan(0, 6)), summary.Length <= MaxSummaryLength ? summary : summary[..(MaxSummaryLength - 3)] + "...");
    }

    /// <summary>Whether a text from outside can be a fingerprint.</summary>
    public static bool IsFingerprint(string text) => text == Unknown || (text.Length == 12 && text.All(char.IsAsciiHexDigitLower));

    /// <summary>A message without what differs from one failure of the kind to the next.</summary>
    public static string Normalize(string message)
    {
        var text = message.Length <= MaxMessageLength ? message : message[..MaxMessageLength];
        text = Quoted().Replace(text, "'?'");
        text = Word().Replace(text, match => match.Value.Any(char.IsAsciiDigit) ? "#" + Ending(match.Value) : match.Value);
        text = Repeated().Replace(text, "#");
        return Spaces().Replace(text, " ").Trim();
    }

    /// <summary>Methods of the application, the innermost first, without arguments, files and what the compiler numbers anew with every build.</summary>
    private static List<string> FramesOf(IReadOnlyList<string> stack)
    {
        var frames = new List<string>();
        foreach (var line in stack)
        {
            if (Frame().Match(line) is not { Success: true } match)
                continue;
            var method = match.Groups["method"].Value;
            if (method.StartsWith(CallerPrefix, StringComparison.Ordinal))
                break;
            if (!OthersPrefixes.Any(prefix => method.StartsWith(prefix, StringComparison.Ordinal)))
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

    [GeneratedRegex("""^\s*at (?<method>[^\s(][^(]*)\(""", RegexOptions.ExplicitCapture)]
    private static partial Regex Frame();

    [GeneratedRegex("""<(?<name>\w*)>\w*""", RegexOptions.ExplicitCapture)]
    private static partial Regex Generated();
}

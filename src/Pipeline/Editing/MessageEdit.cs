using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.CloudEvents;
using Pipeline.DeadLetters;

namespace Pipeline.Editing;

/// <summary>What is to become of a dead-lettered message: a JSON Patch of its data, or something in its place.</summary>
public sealed class MessageEdit
{
    /// <summary>The longest text of why, in characters.</summary>
    public const int MaxWhyLength = DiscardReason.MaxReasonLength;

    private MessageEdit(JsonElement? patch, JsonElement? replacement, string why, string by)
    {
        Patch = patch;
        Replacement = replacement;
        Why = why;
        By = by;
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{patch?.GetRawText()}\n{replacement?.GetRawText()}\n{why}\n{by}")).AsSpan(0, 12));
    }

    /// <summary>The JSON Patch (RFC 6902) of the event's data; <see langword="null"/> for a replacement.</summary>
    public JsonElement? Patch { get; }

    /// <summary>What stands in place of the event's data, or of a body that is no event; <see langword="null"/> for a patch.</summary>
    public JsonElement? Replacement { get; }

    /// <summary>Why.</summary>
    public string Why { get; }

    /// <summary>Who.</summary>
    public string By { get; }

    /// <summary>How many edits the caller has seen on the entry; <see langword="null"/> if that does not matter.</summary>
    public int? From { get; private init; }

    internal string Digest { get; }

    /// <summary>Builds it, or says what is wrong.</summary>
    /// <param name="patch">A JSON Patch, as an array.</param>
    /// <param name="replacement">Any JSON.</param>
    /// <param name="why">1 to <see cref="MaxWhyLength"/> characters.</param>
    /// <param name="by">1 to <see cref="DiscardReason.MaxByLength"/> characters.</param>
    /// <param name="from">Edits that the caller has seen.</param>
    /// <param name="wrong">What is wrong; <see langword="null"/> if it could be built.</param>
    public static MessageEdit? Create(JsonElement? patch, JsonElement? replacement, string? why, string? by, int? from, out string? wrong)
    {
        wrong = VisibleText.HiddenCharacterError(why) is { } inWhy ? $"'why' {inWhy}."
            : VisibleText.HiddenCharacterError(by) is { } inBy ? $"'by' {inBy}."
            : string.IsNullOrWhiteSpace(why) || why.Length > MaxWhyLength ? $"'why' says why, in 1 to {MaxWhyLength} characters."
            : string.IsNullOrWhiteSpace(by) || by.Length > DiscardReason.MaxByLength ? $"'by' says who, in 1 to {DiscardReason.MaxByLength} characters."
            : patch is null == replacement is null ? "Give either 'patch', a JSON Patch (RFC 6902) of the event's data, or 'replacement', which takes the place of the data."
            : (FaultIn("patch", patch) ?? FaultIn("replacement", replacement)) is { } fault ? fault
            : from < 0 ? "'from' is the number of edits that you have seen: 0 or more."
            : null;
        return wrong is null ? new MessageEdit(patch?.Clone(), replacement?.Clone(), why!, by!) { From = from } : null;
    }

    /// <summary>What no event can have in it is refused before anything is made of it.</summary>
    private static string? FaultIn(string name, JsonElement? json) =>
        json is { } given && StrictJson.Check(JsonMarshal.GetRawUtf8Value(given).ToArray()) is { } fault ? $"'{name}' cannot be taken: {fault}." : null;
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.CloudEvents;

namespace Pipeline.Ledger;

/// <summary>What is to become of a dead-lettered message: a JSON Patch of its data, or something in its place.</summary>
public sealed class Editing
{
    /// <summary>The longest text of why, in characters.</summary>
    public const int MaxWhyLength = Discarding.MaxReasonLength;

    private Editing(JsonElement? patch, JsonElement? replacement, string why, string by)
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
    /// <param name="by">1 to <see cref="Discarding.MaxByLength"/> characters.</param>
    /// <param name="from">Edits that the caller has seen.</param>
    /// <param name="wrong">What is wrong; <see langword="null"/> if it could be built.</param>
    public static Editing? Create(JsonElement? patch, JsonElement? replacement, string? why, string? by, int? from, out string? wrong)
    {
        wrong = VisibleText.WhyHidden(why) is { } inWhy ? $"'why' {inWhy}."
            : VisibleText.WhyHidden(by) is { } inBy ? $"'by' {inBy}."
            : string.IsNullOrWhiteSpace(why) || why.Length > MaxWhyLength ? $"'why' says why, in 1 to {MaxWhyLength} characters."
            : string.IsNullOrWhiteSpace(by) || by.Length > Discarding.MaxByLength ? $"'by' says who, in 1 to {Discarding.MaxByLength} characters."
            : patch is null == replacement is null ? "Give either 'patch', a JSON Patch (RFC 6902) of the event's data, or 'replacement', which takes the place of the data."
            : (FaultIn("patch", patch) ?? FaultIn("replacement", replacement)) is { } fault ? fault
            : from < 0 ? "'from' is the number of edits that you have seen: 0 or more."
            : null;
        return wrong is null ? new Editing(patch?.Clone(), replacement?.Clone(), why!, by!) { From = from } : null;
    }

    /// <summary>What no event can have in it is refused before anything is made of it.</summary>
    private static string? FaultIn(string name, JsonElement? json) =>
        json is { } given && StrictJson.Check(JsonMarshal.GetRawUtf8Value(given).ToArray()) is { } fault ? $"'{name}' cannot be taken: {fault}." : null;
}

/// <summary>How an edit ended.</summary>
public enum EditOutcome
{
    /// <summary>The entry's message is another one now.</summary>
    Edited,

    /// <summary>This very edit was made before; nothing was changed.</summary>
    AlreadyEdited,

    /// <summary>It was refused; nothing was changed.</summary>
    Refused,

    /// <summary>It cannot be done as things stand (closed, edited by somebody else, being replayed); nothing was changed.</summary>
    Conflict,

    /// <summary>There is no such entry.</summary>
    NotFound,
}

/// <summary>What an edit came to.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why it was not made; <see langword="null"/> if it was.</param>
/// <param name="Path">Where in the data the contract is broken (as in <c>$.lines[0].quantity</c>); <see langword="null"/> if that is not the reason.</param>
public sealed record EditResult(EditOutcome Outcome, string? Reason = null, string? Path = null);

/// <summary>What a step of editing a group came to.</summary>
/// <param name="Edited">Entries that this step changed.</param>
/// <param name="AlreadyEdited">Entries that were changed by the same edit before.</param>
/// <param name="Refused">Entries that could not be changed, each with the reason; the first <see cref="Edits.MaxRefusalsShown"/>.</param>
/// <param name="RefusedCount">How many those are in all.</param>
/// <param name="Continuation">Where the next step goes on; <see langword="null"/> when the group is done.</param>
public sealed record GroupEdit(int Edited, int AlreadyEdited, IReadOnlyList<RefusedEdit> Refused, int RefusedCount, string? Continuation);

/// <summary>An entry of a group that could not be changed.</summary>
/// <param name="Container">Its container.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Path">Where in the data the contract is broken, if that is the reason.</param>
public sealed record RefusedEdit(string Container, string Partition, string Id, string Reason, string? Path);

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Applications;

/// <summary>Requests of one kind that a demo sends.</summary>
/// <param name="Method"><c>POST</c>, <c>PUT</c>, <c>PATCH</c> or <c>DELETE</c>.</param>
/// <param name="Path">From the address of the pipeline: <c>api/invoices/{id}</c>. <c>{n}</c> is the number of the request, from 1; <c>{id}</c> is unique.</param>
/// <param name="Body">The JSON body, with the same placeholders in its texts; <see langword="null"/> for none.</param>
/// <param name="Count">How many.</param>
/// <param name="PerSecond">How many per second at most; <see langword="null"/> for as fast as they are answered.</param>
internal sealed record DemoRequest(string Method, string Path, JsonElement? Body = null, int Count = 1, double? PerSecond = null)
{
    private const string Number = "{n}";
    private const string Id = "{id}";

    private static readonly string[] Methods = ["POST", "PUT", "PATCH", "DELETE"];

    /// <summary>Gets the error, with its place; <see langword="null"/> if there is none.</summary>
    [JsonIgnore]
    public string? Error =>
        !Methods.Contains(Method, StringComparer.Ordinal) ? $"method: is '{Method}', not one of {string.Join(", ", Methods)}"
        : Path.TrimStart('/').Length == 0 || !Uri.TryCreate(Fill(Path, 1, "x"), UriKind.Relative, out _) ? $"path: is '{Path}', not a path such as api/invoices"
        : Count < 1 ? "count: is not 1 or more"
        : PerSecond is <= 0 ? "perSecond: is not more than 0"
        : null;

    /// <summary>Gets the path of one request.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="id">Its id.</param>
    public string PathOf(int number, string id) => Fill(Path.TrimStart('/'), number, id);

    /// <summary>Gets the body of one request; <see langword="null"/> for none.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="id">Its id.</param>
    public string? BodyOf(int number, string id) => Body is { } body ? Fill(body.GetRawText(), number, id) : null;

    /// <summary>Neither a number nor an id has a character that JSON or an address would escape.</summary>
    private static string Fill(string text, int number, string id) => text
        .Replace(Number, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace(Id, id, StringComparison.Ordinal);
}

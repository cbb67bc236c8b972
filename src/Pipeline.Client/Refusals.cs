using System.Net;
using System.Text;
using System.Text.Json;

namespace Pipeline.Client;

/// <summary>Turns answers that are not success into exceptions.</summary>
internal static class Refusals
{
    private const int LargestBytes = 64 * 1024;
    private const string NoType = "about:blank";

    /// <summary>Reads the refusal as one line, from its problem details if there are any.</summary>
    public static async Task<PipelineRefusedException> ReadAsync(
        HttpMethod method, string address, HttpResponseMessage response, bool hasKey, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var problem = body.Length <= LargestBytes ? ProblemIn(body, response.StatusCode) : null;
        var code = (int)response.StatusCode;
        var where = string.Create(CultureInfo.InvariantCulture, $"{code} from {method} {address}");
        var location = code is >= 300 and < 400 ? response.Headers.Location : null;
        var message = response.StatusCode == HttpStatusCode.Unauthorized
            ? $"{(hasKey ? "The pipeline does not accept this key" : "The pipeline requires a function key")} ({where})."
            : location is not null
            ? $"The address redirects to {location} ({where})."
            : problem is not null
            ? $"{TextOf(problem)} ({where})"
            : $"The pipeline answered {where} and gave no reason. {Advice(response.StatusCode)}";
        return new PipelineRefusedException(message, response.StatusCode, problem, location);
    }

    /// <summary>Reads problem details tolerantly: all of their members are optional. <see langword="null"/> if the body is something else.</summary>
    private static ProblemDetails? ProblemIn(byte[] body, HttpStatusCode status)
    {
        ProblemDetails? read;
        try
        {
            read = JsonSerializer.Deserialize(body, ProblemJson.Default.ProblemDetails);
        }
        catch (JsonException)
        {
            // A proxy or another program answered, and its HTML is not useful.
            return null;
        }

        return read is null or { Title: null, Detail: null }
            ? null
            : read with { Type = read.Type ?? NoType, Title = read.Title ?? "Refused", Status = read.Status == 0 ? (int)status : read.Status, Detail = read.Detail ?? "" };
    }

    private static string TextOf(ProblemDetails problem)
    {
        var text = new StringBuilder(OneLine(problem.Title).TrimEnd('.', ':'));
        if (problem.Detail.Length > 0)
            text.Append(": ").Append(OneLine(problem.Detail));
        // Errors that the detail contains are not repeated.
        var errors = (problem.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal))
            .Where(error => !problem.Detail.Contains(error.Key, StringComparison.Ordinal)).ToList();
        if (errors.Count > 0)
        {
            text.Append(text[^1] is '.' or ':' ? " " : ": ");
            text.AppendJoin("; ", errors.Select(error => $"{error.Key}: {string.Join(", ", error.Value.Select(OneLine))}"));
        }

        return text.ToString();
    }

    private static string Advice(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => "Is this the address of a pipeline, and the id right?",
        HttpStatusCode.Forbidden => "Does the key have the right, or does a network rule stand before it?",
        _ when (int)status >= 500 => "Look into its log, then try again.",
        _ => "Is this tool of the same version as the pipeline?",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}

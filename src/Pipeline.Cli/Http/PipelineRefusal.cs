using System.Net;
using System.Text;
using System.Text.Json;

namespace Pipeline.Cli.Http;

/// <summary>The pipeline answered with a status code that is not success.</summary>
internal sealed class PipelineRefusal(HttpStatusCode status, string message) : CliFailure(message)
{
    private const string WhereKeysAre =
        $"Give it in the environment variable {FunctionKeyOption.EnvironmentVariable}, or with --key. On this machine it is in the file that the host "
        + "names when Local:Keys is on; in Azure 'az functionapp keys list --name APP --resource-group GROUP' shows it.";

    public HttpStatusCode Status => status;

    public override bool IsTransient => (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    /// <summary>Reads the refusal as one line, from its problem details if there are any.</summary>
    public static async Task<PipelineRefusal> ReadAsync(
        HttpMethod method, string address, HttpResponseMessage response, bool hasKey, int largestBytes, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var said = body.Length <= largestBytes ? Say(body) : null;
        var code = (int)response.StatusCode;
        var where = string.Create(CultureInfo.InvariantCulture, $"{code} from {method} {address}");
        var message = response.StatusCode == HttpStatusCode.Unauthorized
            ? $"{(hasKey ? "The pipeline does not accept this key" : "The pipeline requires a function key")} ({where}). {WhereKeysAre}"
            : code is >= 300 and < 400 && response.Headers.Location is { } elsewhere
            ? $"The address redirects to {elsewhere} ({where}). Give the pipeline's own address with --url."
            : said is not null
            ? $"{said} ({where})"
            : $"The pipeline answered {where} and gave no reason. {Advice(response.StatusCode)}";
        return new PipelineRefusal(response.StatusCode, message);
    }

    private static string? Say(byte[] body)
    {
        Problem? problem;
        try
        {
            problem = JsonSerializer.Deserialize(body, WireJson.Default.Problem);
        }
        catch (JsonException)
        {
            // Not problem details: a proxy or another program answered, and its HTML is not useful.
            return null;
        }

        if (problem is null || (problem.Title is null && problem.Detail is null))
            return null;

        var text = new StringBuilder(OneLine(problem.Title ?? "Refused").TrimEnd('.', ':'));
        if (!string.IsNullOrEmpty(problem.Detail))
            text.Append(": ").Append(OneLine(problem.Detail));
        // Errors that the detail contains are not repeated.
        var said = problem.Detail ?? "";
        var errors = (problem.Errors ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)).Where(error => !said.Contains(error.Key, StringComparison.Ordinal)).ToList();
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

    /// <summary>On one line, and with this tool named as it was called here.</summary>
    private static string OneLine(string text) =>
        text.ReplaceLineEndings(" ").Trim().Replace("'pipeline ", $"'{Wording.Tool} ", StringComparison.Ordinal);
}

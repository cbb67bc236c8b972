using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Local.Hosting;

/// <summary>
/// <c>GET /</c>: a page for browsers, a list for programs that ask for JSON, and plain text for everything else. All three are made of
/// the functions that run here, so they suit any app.
/// </summary>
internal sealed class StartPage
{
    /// <summary>The page is one file: nothing is loaded from anywhere, and only this app is asked for its state.</summary>
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly Shutdown _shutdown;
    private readonly string _text;
    private readonly string _html;
    private readonly List<StartPageFunction> _list;

    public StartPage(IReadOnlyList<HostedFunction> functions, Shutdown shutdown)
    {
        _shutdown = shutdown;
        _list =
        [
            .. functions.Select(f => f.Trigger is HttpFunctionTrigger http
                ? new StartPageFunction(f.Name, f.Binding.Type, http.Description, http.Methods, http.Route.RawText, http.Level.ToString())
                : new StartPageFunction(f.Name, f.Binding.Type, f.Trigger.Description, null, null, null)),
        ];
        _text = Text(_list);
        _html = Html(_list);
    }

    private string State => _shutdown.Stopping.IsCancellationRequested ? "Stopping" : "Running";

    public Task WriteAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Vary = "Accept";
        headers.CacheControl = "no-store";
        switch (Wanted(context.Request))
        {
            case "text/html":
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                context.Response.ContentType = "text/html; charset=utf-8";
                return context.Response.WriteAsync(_html.Replace("{{state}}", State, StringComparison.Ordinal), context.RequestAborted);
            case "application/json":
                return context.Response.WriteAsJsonAsync(new StartPageList(State, _list), StartPageJson.Default.StartPageList, contentType: null, context.RequestAborted);
            default:
                context.Response.ContentType = "text/plain; charset=utf-8";
                return context.Response.WriteAsync(_text, context.RequestAborted);
        }
    }

    /// <summary>What the caller names and likes best; text if it takes anything.</summary>
    private static string Wanted(HttpRequest request) => new RequestHeaders(request.Headers).Accept
        .Where(type => type.MediaType.Value is "text/html" or "application/json" or "text/plain" && type.Quality is not 0)
        .OrderByDescending(type => type.Quality ?? 1)
        .Select(type => type.MediaType.Value)
        .FirstOrDefault() ?? "text/plain";

    private static string Text(List<StartPageFunction> functions)
    {
        var page = new StringBuilder("Pipeline: running on this machine.\n\nHTTP functions:\n");
        foreach (var function in functions.Where(f => f.Route is not null))
            page.Append("  ").Append(function.Description).Append("  (").Append(function.Name).Append(")\n");
        page.Append("\nOther functions:\n");
        foreach (var function in functions.Where(f => f.Route is null))
            page.Append("  ").Append(function.Name).Append(": ").Append(function.Description).Append('\n');
        return page.ToString();
    }

    private static string Html(List<StartPageFunction> functions)
    {
        var http = functions.Where(f => f.Route is not null).OrderBy(f => f.Route, StringComparer.Ordinal).ThenBy(f => f.Name, StringComparer.Ordinal).ToList();
        var others = functions.Where(f => f.Route is null).OrderBy(f => f.Name, StringComparer.Ordinal).ToList();
        var links = new StringBuilder();
        foreach (var (end, title, about) in ((string, string, string)[])
        [
            ("/status", "Status", "what is blocked, waiting or not yet published"),
            ("/dead-letters/groups", "Dead letters", "what could not be handled, by its cause"),
            ("/openapi.json", "OpenAPI", "the API for programs"),
            ("/asyncapi", "AsyncAPI", "topics, queues and messages"),
            ("/schemas", "Contracts", "the events and their schemas"),
        ])
        {
            if (http.FirstOrDefault(f => IsPlainGet(f) && f.Route!.EndsWith(end, StringComparison.Ordinal)) is { } found)
                links.Append(CultureInfo.InvariantCulture, $"<li><a href=\"{Encoded(found.Route)}\">{title}</a> <span>{about}</span></li>");
        }

        var rows = new StringBuilder();
        foreach (var function in http)
        {
            var methods = function.Methods is { Count: > 0 } some ? string.Join(", ", some) : "any";
            var route = IsPlainGet(function) ? $"<a href=\"{Encoded(function.Route)}\">{Encoded(function.Route)}</a>" : Encoded(function.Route);
            rows.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encoded(methods)}</td><td><code>{route}</code></td><td>{Encoded(function.Name)}</td></tr>");
        }

        var triggers = new StringBuilder();
        foreach (var function in others)
            triggers.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encoded(function.Name)}</td><td>{Encoded(function.Description)}</td></tr>");

        var status = http.FirstOrDefault(f => IsPlainGet(f) && f.Route!.EndsWith("/status", StringComparison.Ordinal))?.Route ?? "";
        using var reader = new StreamReader(typeof(StartPage).Assembly.GetManifestResourceStream("StartPage.html")!);
        return reader.ReadToEnd()
            .Replace("{{status}}", Encoded(status), StringComparison.Ordinal)
            .Replace("{{links}}", links.ToString(), StringComparison.Ordinal)
            .Replace("{{http-count}}", http.Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{http}}", rows.ToString(), StringComparison.Ordinal)
            .Replace("{{other-count}}", others.Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{other}}", triggers.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Whether a click shows it: it is read, and nothing has to be filled in.</summary>
    private static bool IsPlainGet(StartPageFunction function) =>
        !function.Route!.Contains('{', StringComparison.Ordinal)
        && (function.Methods is not { Count: > 0 } methods || methods.Contains(HttpMethods.Get, StringComparer.OrdinalIgnoreCase));

    private static string Encoded(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}

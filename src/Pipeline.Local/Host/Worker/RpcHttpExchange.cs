using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>An HTTP request that goes to the app with its invocation, and its answer: of apps that do not serve HTTP themselves.</summary>
internal static class RpcHttpExchange
{
    public static async Task RunAsync(RunningWorker worker, InvocationRequest request, HttpInvocation invocation)
    {
        var context = invocation.HttpContext;
        InvocationEncoder.AddInput(request, invocation.Function, new TypedData { Http = await RequestOfAsync(context, worker.UsesNullableHttpValues) });
        var response = await worker.Link.InvokeAsync(request, invocation.CancellationToken);
        FunctionFailedException.ThrowIfFailed(response, invocation.CancellationToken);
        var answer = response.OutputData.Select(output => output.Data).Append(response.ReturnValue)
            .FirstOrDefault(data => data?.DataCase == TypedData.DataOneofCase.Http)?.Http;
        if (answer is null)
            await WriteAsync(context, BodyOf(response.ReturnValue));
        else
            await WriteAsync(context, answer);
    }

    private static async Task<RpcHttp> RequestOfAsync(HttpContext context, bool usesNullableValues)
    {
        var request = context.Request;
        var http = new RpcHttp { Method = request.Method, Url = request.GetEncodedUrl() };
        var body = await ByteString.FromStreamAsync(request.Body, context.RequestAborted);
        if (!body.IsEmpty)
            http.Body = new TypedData { Bytes = body };
        foreach (var (name, value) in request.Headers)
            Add(http.Headers, http.NullableHeaders, name, value.ToString());
        foreach (var (name, value) in request.Query)
            Add(http.Query, http.NullableQuery, name, value.ToString());
        foreach (var (name, value) in request.RouteValues)
            Add(http.Params, http.NullableParams, name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        return http;

        void Add(IDictionary<string, string> values, IDictionary<string, NullableString> nullable, string name, string value)
        {
            if (usesNullableValues)
                nullable[name] = new NullableString { Value = value };
            else
                values[name] = value;
        }
    }

    private static async Task WriteAsync(HttpContext context, RpcHttp answer)
    {
        var response = context.Response;
        if (int.TryParse(answer.StatusCode, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            response.StatusCode = status;
        foreach (var (name, value) in answer.Headers)
        {
            // How the body is sent is up to this server.
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                response.Headers.Append(name, value);
        }

        foreach (var cookie in answer.Cookies)
            response.Cookies.Append(cookie.Name, cookie.Value, OptionsOf(cookie));
        await WriteAsync(context, BodyOf(answer.Body));
    }

    private static async Task WriteAsync(HttpContext context, ByteString body)
    {
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.Memory, context.RequestAborted);
    }

    private static ByteString BodyOf(TypedData? data) => data?.DataCase switch
    {
        TypedData.DataOneofCase.Bytes => data.Bytes,
        TypedData.DataOneofCase.Stream => data.Stream,
        TypedData.DataOneofCase.String => ByteString.CopyFromUtf8(data.String),
        TypedData.DataOneofCase.Json => ByteString.CopyFromUtf8(data.Json),
        _ => ByteString.Empty,
    };

    private static CookieOptions OptionsOf(RpcHttpCookie cookie) => new()
    {
        Domain = cookie.Domain?.Value,
        Path = cookie.Path?.Value is { Length: > 0 } path ? path : "/",
        Expires = cookie.Expires?.Value?.ToDateTimeOffset(),
        Secure = cookie.Secure?.Value ?? false,
        HttpOnly = cookie.HttpOnly?.Value ?? false,
        MaxAge = cookie.MaxAge is { } age ? TimeSpan.FromSeconds(age.Value) : null,
        SameSite = cookie.SameSite switch
        {
            RpcHttpCookie.Types.SameSite.Lax => SameSiteMode.Lax,
            RpcHttpCookie.Types.SameSite.Strict => SameSiteMode.Strict,
            RpcHttpCookie.Types.SameSite.ExplicitNone => SameSiteMode.None,
            _ => SameSiteMode.Unspecified,
        },
    };
}

using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.Hosting;

/// <summary>A run for one request.</summary>
internal sealed class HttpInvocation(HostedFunction function, HttpContext context, CancellationToken cancellation) : Invocation(function, cancellation)
{
    public HttpContext HttpContext => context;

    public override string Input => $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";

    /// <summary>Route and query values by name, to which parameters of these names are bound.</summary>
    public IReadOnlyDictionary<string, object?> BindingData
    {
        get
        {
            var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in context.Request.Query)
                data[name] = value.ToString();
            foreach (var (name, value) in context.Request.RouteValues)
                data[name] = value;
            return data;
        }
    }
}

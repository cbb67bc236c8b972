using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.Testing;

/// <summary>What Kestrel does and the server in memory does not: answers 500 to what throws, and takes what is left of a request's body.</summary>
internal sealed class LikeKestrel : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (HttpContext context, RequestDelegate handle) =>
        {
            try
            {
                await handle(context);
            }
            catch (Exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                // The host hears of it by the invocation's result.
                context.Response.Clear();
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }

            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        });
        next(app);
    };
}

using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.ServiceBus;

internal static class Administration
{
    public static Task HandleAsync(HttpContext context, Broker broker)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}
